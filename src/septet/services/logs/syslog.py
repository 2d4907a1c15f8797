"""The syslog listener: RFC 5424 and 3164 over TCP and UDP, off unless SEPTET_LOGS_SYSLOG_PORT is set.

Messages are gathered for a moment and queued together as lines of text. TCP senders
are slowed down while the queue is full; UDP messages are dropped then, and counted.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from prometheus_client import Counter

from septet.kernel.background import beside
from septet.kernel.errors import Problem
from septet.kernel.runtime import Runtime
from septet.kernel.telemetry import log
from septet.kernel.uow import UnitOfWork
from septet.services.logs.ingest import Ingest
from septet.services.logs.intake import read_text
from septet.services.logs.permissions import WRITE_LOGS
from septet.services.logs.settings import LogsSettings

GATHER_SECONDS = 0.2
MOST_GATHERED = 50_000
LONGEST_MESSAGE = 65_536
RETRY_SECONDS = 1.0
DROPPED = Counter("septet_logs_syslog_dropped_lines_total", "Syslog messages that found the queue full or unreachable")


@asynccontextmanager
async def listening(runtime: Runtime) -> AsyncIterator[None]:
    """Listen for as long as the block lasts. Raises Unauthenticated when SEPTET_LOGS_SYSLOG_API_KEY is no key."""
    settings = runtime.service_settings(LogsSettings)
    if not settings.syslog_port:
        yield
        return
    listener = SyslogListener(runtime, await _organization(runtime, settings.syslog_api_key.get_secret_value()))
    loop = asyncio.get_running_loop()
    address = (runtime.settings.host, settings.syslog_port)
    server = await asyncio.start_server(listener.serve, *address, limit=LONGEST_MESSAGE)
    datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(listener), address)
    try:
        async with beside(listener.send_for_ever()):
            yield
    finally:
        datagrams.close()
        server.close()
        with contextlib.suppress(Problem):
            await listener.send()


async def _organization(runtime: Runtime, key: str) -> UUID:
    async with UnitOfWork(runtime) as uow:
        actor = await runtime.authenticator.authenticate(uow, key, None)
        actor.require(WRITE_LOGS)
        await uow.commit()
    assert actor.tenant_id is not None, "an API key belongs to an organization"
    return actor.tenant_id


class SyslogListener:
    """Messages on their way from sockets into the queue."""

    def __init__(self, runtime: Runtime, tenant: UUID) -> None:
        self._runtime = runtime
        self._tenant = tenant
        self._lines: list[bytes] = []
        self._room = asyncio.Event()
        self._room.set()

    def datagram(self, message: bytes) -> None:
        if self._room.is_set():
            self._take(message)
        else:
            DROPPED.inc()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One TCP sender (RFC 6587): octet-counted messages, or one a line."""
        try:
            while message := await _message(reader):
                await self._room.wait()
                self._take(message)
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            log.warning("a syslog connection ended badly", error=str(error))
        finally:
            writer.close()

    def _take(self, message: bytes) -> None:
        text = message.rstrip(b"\r\n\0").replace(b"\n", b" ")
        self._lines.append(text.decode(errors="replace").encode())
        if len(self._lines) >= MOST_GATHERED:
            self._room.clear()

    async def send_for_ever(self) -> None:
        while True:
            await asyncio.sleep(GATHER_SECONDS)
            try:
                await self.send()
            except Problem as problem:
                log.warning("syslog waits for the queue", error=problem.detail)
                await asyncio.sleep(RETRY_SECONDS)

    async def send(self) -> None:
        """Queue what was gathered; on a refusal it stays gathered."""
        count = len(self._lines)
        if not count:
            return
        limit = self._runtime.service_settings(LogsSettings).max_line_bytes
        intake = read_text(b"\n".join(self._lines[:count]) + b"\n", limit)
        await Ingest.of(self._runtime).accept(self._tenant, intake, "", protocol="syslog")
        del self._lines[:count]
        self._room.set()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """The next message; empty at the end. Raises ValueError for one that is too long."""
    first = await reader.read(1)
    while first in (b"\n", b" ", b"\0"):
        first = await reader.read(1)
    if not first.isdigit():
        return first + await reader.readline() if first else b""
    length = int(first + await reader.readuntil(b" "))
    if length > LONGEST_MESSAGE:
        raise ValueError(f"a message has {length} bytes; {LONGEST_MESSAGE} are allowed")
    return await reader.readexactly(length)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, listener: SyslogListener) -> None:
        self._listener = listener

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        self._listener.datagram(data)
