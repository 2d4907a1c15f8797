"""The invalidation bus: what one process changed, every process hears, over one pub/sub connection each.

Delivery is at most once. After each connection the `on_gap` callbacks run, because messages may have been missed:
whoever caches drops everything then. All channels share one pattern subscription, so `subscribe` takes effect at once.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable

from redis.exceptions import RedisError

from septet.kernel.background import end
from septet.kernel.errors import EngineUnavailable
from septet.kernel.valkey import Valkey

CHANNEL_PREFIX = b"septet:broadcast:"
LONGEST_BACKOFF_SECONDS = 1.0
logger = logging.getLogger(__name__)


class Broadcast:
    """Callbacks run in the event loop and must not block. A process hears its own messages too."""

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey
        self._callbacks: dict[bytes, list[Callable[[bytes], None]]] = defaultdict(list)
        self._gap_callbacks: list[Callable[[], None]] = []
        self._connected = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    @property
    def healthy(self) -> bool:
        """False while messages may be missed."""
        return self._connected.is_set()

    def subscribe(self, channel: str, callback: Callable[[bytes], None]) -> None:
        self._callbacks[channel.encode()].append(callback)

    def on_gap(self, callback: Callable[[], None]) -> None:
        """Call `callback` after each connection, the first included."""
        self._gap_callbacks.append(callback)

    async def publish(self, channel: str, payload: bytes) -> None:
        """Raises EngineUnavailable when Valkey does not answer."""
        await self._valkey.client.execute_command("PUBLISH", CHANNEL_PREFIX + channel.encode(), payload)

    async def announce(self, channel: str, payload: bytes) -> None:
        """Tell this process at once, then publish; this process hears it twice. Raises EngineUnavailable."""
        self._deliver(channel.encode(), payload)
        await self.publish(channel, payload)

    async def start(self) -> None:
        """Listen in the background for ever. Returns once connected; raises EngineUnavailable when that fails now."""
        self._listening = asyncio.create_task(self._listen())
        try:
            async with asyncio.timeout(2 * self._valkey.timeout):
                await self._connected.wait()
        except TimeoutError as error:
            raise EngineUnavailable("Valkey") from error

    async def stop(self) -> None:
        if self._listening is not None:
            await end(self._listening)
            self._listening = None

    async def _listen(self) -> None:
        backoff = 0.0
        while True:
            try:
                await self._receive()
            except (EngineUnavailable, RedisError, OSError) as error:
                backoff = 0.05 if self.healthy else min(2 * backoff or 0.05, LONGEST_BACKOFF_SECONDS)
                logger.warning("broadcast connection lost, trying again in %.2f s: %s", backoff, error)
            finally:
                self._connected.clear()
            await asyncio.sleep(backoff)

    async def _receive(self) -> None:
        """Deliver messages until the connection breaks or stays silent for longer than the timeout."""
        async with self._valkey.client.pubsub() as pubsub:
            await pubsub.psubscribe(CHANNEL_PREFIX + b"*")
            pinged = True
            while True:
                message = await pubsub.get_message(timeout=self._valkey.timeout)
                if message is None:
                    if pinged:
                        raise TimeoutError("Valkey is silent")
                    await pubsub.ping()
                elif message["type"] == "psubscribe":
                    self._connection_made()
                elif message["type"] == "pmessage":
                    self._deliver(message["channel"].removeprefix(CHANNEL_PREFIX), message["data"])
                pinged = message is None

    def _connection_made(self) -> None:
        for callback in self._gap_callbacks:
            _run(callback)
        self._connected.set()

    def _deliver(self, channel: bytes, payload: bytes) -> None:
        for callback in self._callbacks.get(channel, ()):
            _run(callback, payload)


def _run(callback: Callable[..., None], *arguments: bytes) -> None:
    try:
        callback(*arguments)
    except Exception:
        logger.exception("a broadcast callback failed")
