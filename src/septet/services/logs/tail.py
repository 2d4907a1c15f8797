"""Live tail: lines as they are stored, by Server-Sent Events.

The processor announces which requests it stored; each tail then asks ClickHouse for the lines of those requests that
match, so what is sent is what is stored. A tail that cannot keep up skips the oldest lines and says how many.
"""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec

from septet.kernel.errors import Problem
from septet.kernel.runtime import Runtime
from septet.services.logs.search import lines
from septet.services.logs.search.filters import Filter
from septet.services.logs.settings import LogsSettings

CHANNEL = "logs.stored"
GATHER_SECONDS = 0.1
HEARTBEAT_SECONDS = 15.0
MOST_REQUESTS = 5000
"""Requests that a tail may fall behind before it skips."""

_DECODER = msgspec.json.Decoder(list[tuple[UUID, UUID]])
_OF_RUNTIME: WeakKeyDictionary[Runtime, "Announcements"] = WeakKeyDictionary()


async def announce(runtime: Runtime, stored: list[tuple[UUID, UUID]]) -> None:
    """Tell every tail that these (organization, request) can be read now."""
    await runtime.broadcast.publish(CHANNEL, msgspec.json.encode(stored))


class Announcements:
    """What one process hears of stored requests, passed on to its tails."""

    def __init__(self, runtime: Runtime) -> None:
        self._tails: dict[UUID, set[Tail]] = {}
        runtime.broadcast.subscribe(CHANNEL, self._heard)
        runtime.broadcast.on_gap(self._missed)

    @classmethod
    def of(cls, runtime: Runtime) -> "Announcements":
        return _OF_RUNTIME.get(runtime) or _OF_RUNTIME.setdefault(runtime, cls(runtime))

    def add(self, tail: "Tail") -> None:
        self._tails.setdefault(tail.tenant, set()).add(tail)

    def remove(self, tail: "Tail") -> None:
        tails = self._tails[tail.tenant]
        tails.discard(tail)
        if not tails:
            del self._tails[tail.tenant]

    def _heard(self, payload: bytes) -> None:
        for tenant, request in _DECODER.decode(payload):
            for tail in self._tails.get(tenant, ()):
                tail.stored(request)

    def _missed(self) -> None:
        for tails in self._tails.values():
            for tail in tails:
                tail.missed()


class Tail:
    """One open stream."""

    def __init__(self, runtime: Runtime, tenant: UUID, wanted: Filter) -> None:
        self.tenant = tenant
        self._runtime = runtime
        self._wanted = wanted
        self._waiting: list[UUID] = []
        self._gap = False
        self._wake = asyncio.Event()

    def stored(self, request: UUID) -> None:
        if len(self._waiting) >= MOST_REQUESTS:
            self.missed()
        else:
            self._waiting.append(request)
            self._wake.set()

    def missed(self) -> None:
        """Lines may have been stored of which nothing was heard."""
        self._gap = True
        self._wake.set()

    async def events(self) -> AsyncIterator[bytes]:
        """Server-Sent Events: `line` for each line, `skipped` where some are missing, comments as heartbeat."""
        announcements = Announcements.of(self._runtime)
        announcements.add(self)
        try:
            yield b": listening\n\n"
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        await self._wake.wait()
                except TimeoutError:
                    yield b": still listening\n\n"
                    continue
                await asyncio.sleep(GATHER_SECONDS)
                yield await self._next()
        finally:
            announcements.remove(self)

    async def _next(self) -> bytes:
        self._wake.clear()
        requests, self._waiting = self._waiting, []
        gap, self._gap = self._gap, False
        parts = [_skipped(None, "the connection to the announcements was interrupted")] if gap else []
        if requests:
            try:
                parts += await self._lines(requests)
            except Problem as problem:
                parts.append(_skipped(None, problem.detail))
        return b"".join(parts)

    async def _lines(self, requests: list[UUID]) -> list[bytes]:
        buffer = self._runtime.service_settings(LogsSettings).tail_buffer_lines
        found = await lines.of_requests(self._runtime, self.tenant, requests, self._wanted, buffer + 1)
        parts = []
        if len(found.rows) > buffer or found.partial:
            parts.append(_skipped(None, f"more than {buffer} lines matched at once; the newest are shown"))
        highlighter = self._wanted.highlighter()
        for row in reversed(found.rows[:buffer]):
            line = lines.line_of(row, highlighter)
            data = line.model_dump_json(by_alias=True).encode()
            parts.append(b"event: line\nid: %b\ndata: %b\n\n" % (line.id.encode(), data))
        return parts


def _skipped(count: int | None, reason: str) -> bytes:
    return b"event: skipped\ndata: %b\n\n" % msgspec.json.encode({"count": count, "reason": reason})
