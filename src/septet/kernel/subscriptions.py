"""Pub/sub with channels that come and go: one connection per process, subscriptions of one loop turn in one command.

Delivery is at most once. `on_connected` runs after each connection, once all channels are subscribed again: whatever
was published meanwhile is lost, and whoever listens reads the truth from elsewhere. In a cluster any node will do,
since nodes relay what is published among themselves.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from itertools import chain, repeat
from typing import Any, cast

from hiredis import ProtocolError, Reader, pack_command
from redis.asyncio.connection import parse_url

from septet.kernel.background import end
from septet.kernel.pipeline_node import BACKOFF_SECONDS, greeting, open_connection
from septet.kernel.valkey import cluster_seed

# A false alarm costs more than a late one: everybody who listens reads the truth anew, all at once.
SILENCE_SECONDS = 4.0
_PINGS_PER_TIMEOUT = 2
_INCOMPLETE = object()
logger = logging.getLogger(__name__)

Deliver = Callable[[bytes, bytes], None]


class Subscriptions:
    """`deliver(channel, payload)` runs in the event loop and must not block. `timeout`: seconds of silence allowed."""

    def __init__(
        self, url: str, deliver: Deliver, on_connected: Callable[[], None], *, timeout: float = SILENCE_SECONDS
    ) -> None:
        self._options = cast("dict[str, Any]", parse_url(cluster_seed(url) or url))
        self._deliver = deliver
        self._on_connected = on_connected
        self._timeout = timeout
        self._channels: dict[bytes, asyncio.Future[None]] = {}
        self._wanted: list[bytes] = []
        self._unwanted: list[bytes] = []
        self._connection: _Connection | None = None
        self._connecting: asyncio.Task[None] | None = None

    @property
    def healthy(self) -> bool:
        """False while publications may be missed."""
        return self._connection is not None

    def start(self) -> None:
        """Stay connected from now on."""
        self._connecting = asyncio.create_task(self._stay_connected())

    async def stop(self) -> None:
        if self._connecting is not None:
            await end(self._connecting)
        for confirmed in self._channels.values():
            confirmed.cancel()

    def subscribe(self, channel: bytes) -> asyncio.Future[None]:
        """Done once everything that is published from now on is delivered. May take as long as an outage."""
        confirmed = self._channels.get(channel)
        if confirmed is None:
            confirmed = self._channels[channel] = asyncio.get_running_loop().create_future()
            self._later(self._wanted, channel)
        return confirmed

    def unsubscribe(self, channel: bytes) -> None:
        if confirmed := self._channels.pop(channel, None):
            confirmed.cancel()
            self._later(self._unwanted, channel)

    def _later(self, channels: list[bytes], channel: bytes) -> None:
        if not self._wanted and not self._unwanted:
            asyncio.get_running_loop().call_soon(self._flush)
        channels.append(channel)

    def _flush(self) -> None:
        """What was asked for in one turn goes out as one command; last wishes win."""
        if self._connection is not None:
            dropped = {channel for channel in self._unwanted if channel not in self._channels}
            self._connection.send(b"UNSUBSCRIBE", dropped)
            self._connection.send(b"SUBSCRIBE", {channel for channel in self._wanted if channel in self._channels})
        self._wanted.clear()
        self._unwanted.clear()

    async def _stay_connected(self) -> None:
        delays = chain(BACKOFF_SECONDS, repeat(BACKOFF_SECONDS[-1]))
        while True:
            try:
                async with asyncio.timeout(self._timeout):
                    connection = await self._connect()
            except OSError as error:
                delay = next(delays)
                logger.warning("pub/sub connection refused, trying again in %.2f s: %r", delay, error)
                await asyncio.sleep(delay)
                continue
            delays = chain(BACKOFF_SECONDS, repeat(BACKOFF_SECONDS[-1]))
            try:
                await self._serve(connection)
            finally:
                self._connection = None
                connection.abort()
            await asyncio.sleep(BACKOFF_SECONDS[1])

    async def _connect(self) -> "_Connection":
        connection: _Connection = await open_connection(self._options, lambda: _Connection(self._received))
        for command in greeting(self._options, b"septet-subscriptions"):
            connection.write(pack_command(command))  # type: ignore[arg-type]
        return connection

    async def _serve(self, connection: "_Connection") -> None:
        """Subscribe all channels, tell that there was a gap, then watch that the connection is not silent."""
        connection.send(b"SUBSCRIBE", self._channels)
        self._connection = connection
        connection.expect_pong(self._on_connected)
        while not connection.lost.is_set():
            seen = connection.received
            try:
                async with asyncio.timeout(self._timeout / _PINGS_PER_TIMEOUT):
                    await connection.lost.wait()
            except TimeoutError:
                if connection.awaits_pong and connection.received == seen:
                    logger.warning("pub/sub connection is silent, connecting again")
                    return
                connection.expect_pong(None)

    def _received(self, kind: bytes, channel: bytes, payload: Any) -> None:
        if kind == b"message":
            self._deliver(channel, payload)
        elif kind == b"subscribe":
            confirmed = self._channels.get(channel)
            if confirmed is not None and not confirmed.done():
                confirmed.set_result(None)


class _Connection(asyncio.Protocol):
    """RESP2 in subscribed mode: every reply is an array whose first item says what it is."""

    def __init__(self, received: Callable[[bytes, bytes, Any], None]) -> None:
        self.lost = asyncio.Event()
        self.received = 0
        self.awaits_pong = False
        self._receive = received
        self._on_pong: Callable[[], None] | None = None
        self._reader = Reader(notEnoughData=_INCOMPLETE)

    def connection_made(self, transport: asyncio.WriteTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def send(self, command: bytes, channels: Iterable[bytes]) -> None:
        if channels := tuple(channels):
            self.write(pack_command((command, *channels)))  # type: ignore[arg-type]

    def expect_pong(self, on_pong: Callable[[], None] | None) -> None:
        """Replies come in order: with the pong, everything sent before has been answered."""
        self._on_pong = on_pong or self._on_pong
        self.awaits_pong = True
        self.write(pack_command((b"PING", b"septet")))  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        self.received += 1
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not _INCOMPLETE:
                self._take(reply)
        except ProtocolError:
            self.abort()

    def _take(self, reply: Any) -> None:
        if isinstance(reply, list):
            if len(reply) == 3:
                self._receive(*reply)
            else:
                self._pong()
        elif reply == b"septet":
            self._pong()
        elif isinstance(reply, Exception):
            logger.warning("pub/sub connection refused a command: %s", reply)
            self.abort()

    def _pong(self) -> None:
        self.awaits_pong = False
        callback, self._on_pong = self._on_pong, None
        if callback is not None:
            callback()

    def abort(self) -> None:
        self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()
