"""An application on a real loopback port, for clients that cannot speak to it in process."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

from septet.services.provider.connection import ResettableProtocol


class _Server(uvicorn.Server):
    """Leaves signals to the test run."""

    @contextmanager
    def capture_signals(self) -> Any:
        yield


@asynccontextmanager
async def served(application: Any, protocol: Any = ResettableProtocol) -> AsyncIterator[str]:
    """Serve on a free port of 127.0.0.1; yields the URL. `protocol`: uvicorn's `http`, a fast lane for example."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(512)
        config = uvicorn.Config(application, http=protocol, lifespan="off", log_config=None, access_log=False)
        server = _Server(config)
        task = asyncio.create_task(server.serve([listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
