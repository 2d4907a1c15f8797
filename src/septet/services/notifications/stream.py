"""Live inboxes: what is stored in one process reaches the streams open in all, over Valkey's pub/sub.

A stream is a notice that something changed, not the truth: whoever (re)connects reads the inbox again. Each process
keeps one subscription, however many streams are open; a reader that is too slow is told to start over.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from septet.kernel.errors import EngineUnavailable
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork

CHANNEL = "notifications:inbox"
WAITING_EVENTS = 100
HEARTBEAT_SECONDS = 15.0
SEPARATOR = b"\0"  # JSON writes it as an escape


class Streams:
    """The open streams of one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._queues: dict[bytes, set[asyncio.Queue[bytes | None]]] = {}
        runtime.broadcast.subscribe(CHANNEL, self._arrived)
        runtime.broadcast.on_gap(self._start_over)

    def _arrived(self, payload: bytes) -> None:
        for notice in payload.split(SEPARATOR) if self._queues else ():
            reader, _, event = notice.partition(b" ")
            for queue in self._queues.get(reader, ()):
                if queue.full():
                    queue.get_nowait()
                    queue.put_nowait(None)
                else:
                    queue.put_nowait(event)

    def _start_over(self) -> None:
        """Messages may have been missed."""
        for queues in self._queues.values():
            for queue in queues:
                with suppress(asyncio.QueueFull):
                    queue.put_nowait(None)

    @contextmanager
    def _queue(self, reader: bytes) -> Iterator[asyncio.Queue[bytes | None]]:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING_EVENTS)
        self._queues.setdefault(reader, set()).add(queue)
        try:
            yield queue
        finally:
            self._queues[reader].discard(queue)
            if not self._queues[reader]:
                del self._queues[reader]

    async def events(self, tenant_id: UUID, user_id: UUID) -> AsyncIterator[bytes]:
        """Server-sent events: `ready`, then `notification`, `changed`, or `reset` (read the inbox again)."""
        with self._queue(_reader(tenant_id, user_id)) as queue:
            yield b"event: ready\ndata: {}\n\n"
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        event = await queue.get()
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                yield event if event is not None else b"event: reset\ndata: {}\n\n"


_streams: WeakKeyDictionary[Runtime, Streams] = WeakKeyDictionary()


def streams(runtime: Runtime) -> Streams:
    """The streams of this process."""
    if runtime not in _streams:
        _streams[runtime] = Streams(runtime)
    return _streams[runtime]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a user's open streams are to hear."""

    user_id: UUID
    name: str
    data: dict[str, Any]
    id: UUID | None = None


def announce(uow: UnitOfWork, notices: Sequence[Notice]) -> None:
    """Tell the users' open streams after the commit, in one message however many there are."""
    if not notices:
        return
    payload = SEPARATOR.join(_reader(uow.tenant_id, notice.user_id) + b" " + _event(notice) for notice in notices)

    async def publish() -> None:
        with suppress(EngineUnavailable):
            await uow.runtime.broadcast.publish(CHANNEL, payload)

    uow.after_commit(publish)


def _event(notice: Notice) -> bytes:
    identity = f"id: {notice.id}\n" if notice.id else ""
    return f"{identity}event: {notice.name}\ndata: {json.dumps(notice.data, default=str)}\n\n".encode()


def _reader(tenant_id: UUID, user_id: UUID) -> bytes:
    return f"{tenant_id}/{user_id}".encode()
