"""One connection of the batching pipeline: many commands in one write, replies matched to their callbacks in order.

A connection that breaks, or leaves its oldest command unanswered for `timeout` seconds, fails everything that waits
on it. Nothing is sent again: those commands may have run.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import cast

from hiredis import ProtocolError, Reader, pack_command
from redis.exceptions import AskError, MovedError, NoScriptError, ResponseError

from septet.kernel.errors import EngineUnavailable, StorageFull

Argument = bytes | str | int
Arguments = tuple[Argument, ...]
Callback = Callable[[object], None]
Redirect = Callable[[Exception, Arguments, Callback], None]

# Refusals after which the same command is sent to another place, or as EVAL: the server has not run it.
REDIRECTS = frozenset({MovedError, AskError, NoScriptError})
_REFUSALS: dict[str, Callable[[str], Exception]] = {
    "MOVED": lambda text: MovedError(text.partition(" ")[2]),
    "ASK": lambda text: AskError(text.partition(" ")[2]),
    "NOSCRIPT": NoScriptError,
    "OOM": lambda _: StorageFull("Valkey"),
    "MISCONF": lambda _: StorageFull("Valkey"),
    **dict.fromkeys(
        ("CLUSTERDOWN", "LOADING", "MASTERDOWN", "READONLY", "TRYAGAIN"), lambda _: EngineUnavailable("Valkey")
    ),
}
_TICKS = 4
_WRITE_BUFFER_BYTES = 16 * 2**20
_INCOMPLETE = object()


class PipelineConnection(asyncio.Protocol):
    """At most `limit` commands wait for their replies; `redirect` decides about the refusals in `REDIRECTS`."""

    def __init__(self, limit: int, timeout: float, redirect: Redirect) -> None:
        self.lost = asyncio.Event()
        self._limit = limit
        self._redirect = redirect
        self._loop = asyncio.get_running_loop()
        self._reader = Reader(replyError=_reply_error, notEnoughData=_INCOMPLETE)
        self._waiting: deque[tuple[Callback, Arguments | None]] = deque()
        self._outgoing: list[bytes] = []
        self._congested = False
        self._transport: asyncio.WriteTransport | None = None
        self._tick_seconds = timeout / _TICKS
        self._sent = 0
        self._sent_at_ticks: deque[int] = deque(maxlen=_TICKS - 1)

    def __len__(self) -> int:
        """Commands that wait for their replies."""
        return len(self._waiting)

    def connection_made(self, transport: asyncio.WriteTransport) -> None:  # type: ignore[override]
        transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        self._transport = transport
        self._timer = self._loop.call_later(self._tick_seconds, self._tick)

    def send(self, args: Arguments, callback: Callback, *, redirected: bool = False) -> None:
        """Queue a command for this turn's write. `callback` gets the reply, or an exception in its place."""
        if self._congested or len(self._waiting) >= self._limit or self.lost.is_set():
            self._loop.call_soon(callback, EngineUnavailable("Valkey"))
            return
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(pack_command(args))  # type: ignore[arg-type]
        self._waiting.append((callback, None if redirected else args))

    def _flush(self) -> None:
        if self._transport is not None and not self.lost.is_set():
            self._sent += len(self._outgoing)
            self._transport.write(b"".join(self._outgoing))
        self._outgoing.clear()

    def data_received(self, data: bytes) -> None:
        reader, waiting = self._reader, self._waiting
        reader.feed(data)
        try:
            while (reply := reader.gets()) is not _INCOMPLETE:
                callback, args = waiting.popleft()
                if reply.__class__ in REDIRECTS and args is not None:
                    self._redirect(cast(Exception, reply), args, callback)
                else:
                    self._answer(callback, reply)
        except (ProtocolError, IndexError):  # not RESP, or more replies than commands
            self.abort()

    def _answer(self, callback: Callback, reply: object) -> None:
        try:
            callback(reply)
        except Exception as error:
            self._loop.call_exception_handler({"message": "a pipeline callback failed", "exception": error})

    def _tick(self) -> None:
        """Give up when a command that was sent `_TICKS - 1` ticks ago, less than `timeout`, has no reply yet."""
        marks = self._sent_at_ticks
        answered = self._sent + len(self._outgoing) - len(self._waiting)
        if len(marks) == marks.maxlen and answered < marks[0]:
            self.abort()
            return
        marks.append(self._sent)
        self._timer = self._loop.call_later(self._tick_seconds, self._tick)

    def pause_writing(self) -> None:
        self._congested = True

    def resume_writing(self) -> None:
        self._congested = False

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        self.lost.set()
        while self._waiting:
            callback, _ = self._waiting.popleft()
            self._answer(callback, EngineUnavailable("Valkey"))


def _reply_error(text: str) -> Exception:
    return _REFUSALS.get(text.partition(" ")[0], ResponseError)(text)
