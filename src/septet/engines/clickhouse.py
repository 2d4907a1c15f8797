"""ClickHouse as `chdb`, in a child process that answers ClickHouse's HTTP interface on a loopback port.

Port and token are chosen at the first start and kept, so that the URL outlives restarts; the token is what keeps other
users of the machine out.
"""

import http.client
import json
import os
import secrets
import signal
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

from septet.engines.errors import EngineError
from septet.engines.process import ChildProcess

HOST = "127.0.0.1"
USER = "septet"
START_SECONDS = 60.0
DEFAULT_MEMORY_BYTES = 2 * 1024**3
DEFAULT_THREADS = 16


class ClickHouseEngine:
    """One ClickHouse in `directory`."""

    name = "clickhouse"

    def __init__(
        self,
        directory: Path,
        *,
        port: int = 0,
        memory_bytes: int = DEFAULT_MEMORY_BYTES,
        threads: int = DEFAULT_THREADS,
    ) -> None:
        """`port` 0: a free one, kept. A query that would pass `memory_bytes` fails; `threads` queries run at once."""
        self.directory = directory.absolute()
        self.version = ""
        self._fixed_port = port
        self._memory_bytes = memory_bytes
        self._threads = threads
        self._port = 0
        self._token = ""
        self._process = ChildProcess(self.name, self.directory, stop_signal=signal.SIGTERM, stop_seconds=25)

    @property
    def url(self) -> str:
        """For clients: `http://septet:<token>@127.0.0.1:<port>`."""
        if not self._port:
            self._port, self._token = self._read_endpoint()
        return f"http://{USER}:{self._token}@{HOST}:{self._port}"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid

    async def start(self) -> None:
        """Start the child and wait until it answers a query.

        Raises EngineError.
        """
        if find_spec("chdb") is None:
            raise EngineError(
                "ClickHouse is not installed: `pip install 'septet[embedded]'`, or set SEPTET_CLICKHOUSE_URL."
            )
        self.directory.mkdir(parents=True, exist_ok=True)
        await self._process.claim()
        try:
            self._choose_endpoint()
            arguments = [str(self.directory), HOST, str(self._port), str(self._threads), str(self._memory_bytes)]
            await self._process.spawn(
                [sys.executable, "-m", "septet.engines.clickhouse_server", *arguments],
                environment={"SEPTET_CLICKHOUSE_TOKEN": self._token, "TZ": "UTC"},
            )
            if not await self._process.ready(self._is_ready, START_SECONDS):
                raise EngineError(f"ClickHouse did not start. {self._process.explain()}")
        except BaseException:
            await self._process.stop()
            raise

    async def wait(self) -> int:
        """Exit code once it has ended."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Let requests in flight end, then stop."""
        await self._process.stop()

    @property
    def _endpoint_file(self) -> Path:
        return self.directory / "endpoint.json"

    def _read_endpoint(self) -> tuple[int, str]:
        try:
            endpoint = json.loads(self._endpoint_file.read_text())
            return int(endpoint["port"]), str(endpoint["token"])
        except (OSError, ValueError, KeyError):
            raise EngineError("ClickHouse has not been started.") from None

    def _choose_endpoint(self) -> None:
        try:
            port, token = self._read_endpoint()
        except EngineError:
            port, token = 0, secrets.token_urlsafe(32)
        self._port = _free_port(self._fixed_port) if self._fixed_port else _free_port(port, 0)
        self._token = token
        fresh = self._endpoint_file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"port": self._port, "token": token}, file)
        fresh.replace(self._endpoint_file)

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=5)
        try:
            connection.request("GET", "/?query=SELECT+version()", headers={"X-ClickHouse-Key": self._token})
            answer = connection.getresponse()
            version = answer.read().decode().strip()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            return False
        self.version = version
        return True


def _free_port(*wanted: int) -> int:
    """The first of the wanted ports that can be had; 0 means any. Raises EngineError."""
    for port in wanted:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EngineError(f"ClickHouse: port {wanted[0]} on {HOST} is in use. Free it, or choose another one.")
