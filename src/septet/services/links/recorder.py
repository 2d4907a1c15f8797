"""Clicks on their way to Valkey: what one turn of the event loop collects is one entry of the stream.

A redirect is answered when its entry is acknowledged. When Valkey does not answer, the same batch goes to PostgreSQL
instead, under the same ids, so that a batch which did arrive in Valkey after all is still counted once.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

from septet.kernel.errors import EngineUnavailable, StorageFull
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.kernel.valkey import key
from septet.services.links.records import render_click
from septet.services.links.store import spool
from septet.services.links.visits import Visit

STREAM = key("links", "links", "clicks")
FIELD = b"b"
_ADMIT = f"""
if tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('INCR', KEYS[1])
redis.call('XADD', KEYS[2], '*', '{FIELD.decode()}', ARGV[2])
return 1
"""

Recorded = Callable[[Exception | None], None]


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
        spent = key("links", "links", "spent", reference[32:64].decode())
        reply: Any = await self._runtime.pipeline.call(b"EVALSHA", self._admit, 2, spent, STREAM, max_clicks, batch)
        return bool(reply)
