"""Clicks on their way to Valkey: what one turn of the event loop collects is one entry of the stream.

A redirect is answered when its entry is acknowledged. When Valkey does not answer, the same batch goes to PostgreSQL
instead, under the same ids, so that a batch which did arrive in Valkey after all is still counted once.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from septet.kernel.errors import EngineUnavailable, StorageFull
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.kernel.valkey import key
from septet.services.links.store import spool
from septet.services.links.visits import Visit

STREAM = key("links", "links", "clicks")
FIELD = b"b"
FIELDS = 10
_REFERENCE_LENGTH = 64
_ADMIT = f"""
if tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('INCR', KEYS[1])
redis.call('XADD', KEYS[2], '*', '{FIELD.decode()}', ARGV[2])
return 1
"""

Recorded = Callable[[Exception | None], None]


@dataclass(frozen=True, slots=True)
class RawClick:
    """A click as it was recorded, not yet classified. `at` in milliseconds since 1970."""

    id: UUID
    tenant_id: UUID
    link_id: UUID
    at: int
    visitor: int
    user_agent: str
    referrer: str
    language: str
    country: str
    query: str
    tracked: bool
    variant: int


class Recorder:
    """One per process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._records: list[bytes] = []
        self._waiting: list[Recorded] = []
        self._spooling: set[asyncio.Task[None]] = set()
        self._admit = runtime.pipeline.script(_ADMIT)

    def record(self, reference: bytes, visit: Visit, variant: int, recorded: Recorded) -> None:
        """Count a click; `recorded` gets None once it is safe, or why it is not."""
        if not self._records:
            asyncio.get_running_loop().call_soon(self._flush)
        self._records.append(render_click(reference, visit, variant))
        self._waiting.append(recorded)

    def _flush(self) -> None:
        records, waiting = self._records, self._waiting
        self._records, self._waiting = [], []
        batch = self._runtime.clock.new_id().hex.encode() + b"\n" + b"".join(records)

        def replied(reply: object) -> None:
            if isinstance(reply, Exception):
                task = asyncio.create_task(self._spool(batch, waiting))
                self._spooling.add(task)
                task.add_done_callback(self._spooling.discard)
                return
            for recorded in waiting:
                recorded(None)

        self._runtime.pipeline.submit((b"XADD", STREAM, b"*", FIELD, batch), replied)

    async def _spool(self, batch: bytes, waiting: list[Recorded]) -> None:
        error: Exception | None = None
        try:
            async with UnitOfWork(self._runtime) as uow, self._runtime.postgres.watched():
                await spool.add(uow, UUID(batch[:32].decode()), batch)
                await uow.commit()
        except (EngineUnavailable, StorageFull, TimeoutError, OSError):
            error = EngineUnavailable("Valkey")
        except Exception as unexpected:
            error = unexpected
        for recorded in waiting:
            recorded(error)

    async def admit(self, reference: bytes, visit: Visit, variant: int, max_clicks: int) -> bool:
        """Count a click unless `max_clicks` were counted before; exact, however many come at once.

        Raises EngineUnavailable when Valkey cannot tell.
        """
        batch = self._runtime.clock.new_id().hex.encode() + b"\n" + render_click(reference, visit, variant)
        spent = key("links", "links", "spent", reference[_REFERENCE_LENGTH // 2 :].decode())
        reply: Any = await self._runtime.pipeline.call(b"EVALSHA", self._admit, 2, spent, STREAM, max_clicks, batch)
        return bool(reply)


def render_click(reference: bytes, visit: Visit, variant: int) -> bytes:
    """One field a line: header values cannot hold line breaks, or they would not be header values."""
    return b"%b\n%d\n%b\n%b\n%b\n%b\n%b\n%b\n%d\n%d\n" % (
        reference,
        visit.at,
        visit.visitor.hex().encode(),
        visit.user_agent,
        visit.referrer,
        visit.language,
        visit.country,
        visit.query,
        visit.tracked,
        variant,
    )


def read_batch(batch: bytes) -> Iterator[RawClick]:
    """The clicks of a batch; each has an id that is the same however often the batch is read."""
    lines = batch.decode("utf-8", "replace").split("\n")
    first = int(lines[0], 16)
    for number, start in enumerate(range(1, len(lines) - FIELDS, FIELDS)):
        reference, at, visitor, agent, referrer, language, country, query, tracked, variant = lines[
            start : start + FIELDS
        ]
        yield RawClick(
            _id_after(first, number),
            UUID(reference[:32]),
            UUID(reference[32:]),
            int(at),
            int(visitor, 16),
            agent,
            referrer,
            language,
            country,
            query,
            tracked == "1",
            int(variant),
        )


def _id_after(first: int, number: int) -> UUID:
    """Counts within the 62 random bits, so that the id stays a UUIDv7 of the same millisecond."""
    random = (1 << 62) - 1
    return UUID(int=(first & ~random) | ((first + number) & random))
