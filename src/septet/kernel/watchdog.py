"""Tells a slow answer from a dead engine, and a dead engine from a process that was held up itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from septet.kernel.background import end

LOOKS = 2
HELD_UP_SECONDS = 0.1


@asynccontextmanager
async def answered_within(seconds: float) -> AsyncIterator[None]:
    """Raises TimeoutError in the block once that time is over and nothing has come.

    When this process itself was held up meanwhile, by whatever it computed, it looks a while longer: what came in time
    waits to be read, and clocks are asked before sockets.
    """
    loop = asyncio.get_running_loop()

    timer: asyncio.TimerHandle

    def look_in(more: float) -> None:
        nonlocal timer
        timer = loop.call_later(more, look, loop.time() + more)

    def look(due: float) -> None:
        if loop.time() - due > HELD_UP_SECONDS:
            look_in(seconds / LOOKS)
        else:
            limit.reschedule(loop.time())

    async with asyncio.timeout(None) as limit:
        look_in(seconds)
        try:
            yield
        finally:
            timer.cancel()


class Watchdog:
    """Long calls may go on as long as the engine answers pings, and not longer.

    `ping` raises when the engine does not answer. Nothing is asked while all calls end within `patience_seconds`.
    """

    def __init__(self, ping: Callable[[], Awaitable[None]], patience_seconds: float = 0.75) -> None:
        self._ping = ping
        self._patience = patience_seconds
        self._calls: dict[asyncio.Timeout, float] = {}  # with the time of each call's begin; the oldest is first
        self._watching: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Raises TimeoutError in the block once the engine is found dead: after two to three times the patience."""
        async with asyncio.timeout(None) as call:
            self._calls[call] = asyncio.get_running_loop().time()
            if self._watching is None or self._watching.done():
                self._watching = asyncio.create_task(self._watch())
            try:
                yield
            finally:
                del self._calls[call]

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while self._calls:
            await asyncio.sleep(self._patience)
            oldest = next(iter(self._calls.values()), loop.time())
            if loop.time() - oldest >= self._patience and not await self._answers():
                for call in self._calls:
                    call.reschedule(loop.time())

    async def _answers(self) -> bool:
        """However long this process is held up itself, it has looked but once: what has arrived by then is read."""
        asking = asyncio.ensure_future(self._ping())
        try:
            for _ in range(LOOKS):
                await asyncio.wait({asking}, timeout=self._patience / LOOKS)
                if asking.done():
                    return asking.exception() is None
            return False
        finally:
            await end(asking)

    def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
