"""A Valkey of one's own for each test that kills, freezes or fills it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from septet.engines.valkey import ValkeyEngine
from septet.kernel.valkey import Valkey


@pytest.fixture
async def valkey_engine(tmp_path: Path) -> AsyncIterator[ValkeyEngine]:
    engine = ValkeyEngine(tmp_path / "valkey")
    await engine.start()
    yield engine
    await engine.stop()


@pytest.fixture
async def valkey(valkey_engine: ValkeyEngine) -> AsyncIterator[Valkey]:
    valkey = Valkey(valkey_engine.url, max_connections=5, timeout=0.5)
    yield valkey
    await valkey.close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Wait for what announces itself in no event: a process, a background reconnection."""

    async def wait_until(condition: Callable[[], bool], seconds: float = 5) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)

    return wait_until
