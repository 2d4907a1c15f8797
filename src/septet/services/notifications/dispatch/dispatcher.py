"""The loops of a worker process, one for each kind of item, so that a stalled provider holds up only its own kind.

Each takes as many due items as it has room for, works on them by tenant, and sleeps until it is woken: by who adds
items, by a moved clock, by an item that is done, or by the one look a second that asks for all of them what is due.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy.exc
from sqlalchemy import text

from septet.kernel.background import end
from septet.kernel.clock import OFFSET_CHANNEL
from septet.kernel.errors import EngineUnavailable, Problem
from septet.kernel.outages import Outages
from septet.kernel.telemetry import bound, log
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.dispatch.claims import Claimant
from septet.services.notifications.dispatch.worker import Desk, Sending
from septet.services.notifications.store import outbox
from septet.services.notifications.waking import OUTBOX_CHANNEL

Work = Callable[[Desk, UUID, Sequence[UUID]], Awaitable[Sending | None]]
LOOK_SECONDS = 1.0
CONCURRENT_DECISIONS = 6
"""Transactions at once; the pool of connections serves requests and jobs of the process too."""
ORPHANS_SECONDS = 3.0
GIVEN_BACK_SECONDS = 5.0
TROUBLE = (Problem, sqlalchemy.exc.SQLAlchemyError, OSError, ValueError, TypeError, LookupError, AssertionError)
_NO_SYNC = text("SET LOCAL synchronous_commit = off")


@dataclass
class Lane:
    """One kind of item. `work` decides about a batch and returns the sending of what is left, which runs beside the
    next batch. `room`: how many items are worked on at once; `per_key`: at most so many of one endpoint; `pause`:
    seconds between two claims under load, so that what comes meanwhile shares the next one's queries.
    """

    kind: str
    work: Work
    room: int
    batch: int
    per_key: int | None = None
    pause: float = 0.0
    in_flight: int = 0
    busy: Counter[str] = field(default_factory=Counter)
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class Dispatcher:
    """Serves the lanes until it is cancelled; what is in flight then is given back and done by somebody else."""

    def __init__(self, claimant: Claimant, desk: Desk, lanes: Sequence[Lane]) -> None:
        self.runtime = claimant.runtime
        self.claimant = claimant
        self.desk = desk
        self.lanes = {lane.kind: lane for lane in lanes}
        self._held = asyncio.Event()
        self._outages = Outages("notifications")
        self._stopping = False
        self._deciding = asyncio.Semaphore(CONCURRENT_DECISIONS)
        self._work: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []
        self.runtime.broadcast.subscribe(OUTBOX_CHANNEL, self._woken)
        self.runtime.broadcast.subscribe(OFFSET_CHANNEL, lambda _: self._woken(b""))

    def _woken(self, kinds: bytes) -> None:
        for kind in kinds.decode().split(",") if kinds else self.lanes:
            if lane := self.lanes.get(kind):
                lane.wake.set()

    async def run(self) -> None:
        lanes = [self._serve(lane) for lane in self.lanes.values()]
        async with asyncio.TaskGroup() as group:
            others = (self._hold_for_ever(), self._release_orphans(), self._look_for_ever(), self.desk.run_settler())
            for loop in (*others, *lanes):
                self._loops.append(group.create_task(loop))

    async def stop(self, running: asyncio.Task[None], seconds: float) -> None:
        """Claim nothing more, let what is in flight finish and be settled, at most so many seconds; end `running`."""
        self._stopping = True
        if self._work:
            await asyncio.wait(self._work, timeout=seconds)
        await self.desk.settled(seconds)
        await end(*self._loops, running, *self._work)

    async def _hold_for_ever(self) -> None:
        while True:
            try:
                await self.claimant.hold(self._held)
                log.warning("lost the lock on claimed notifications, taking it again")
            except Exception as error:  # of whatever kind: one that ended this loop would end all sending
                self._outages.failed(error)
            await asyncio.sleep(LOOK_SECONDS)

    async def _release_orphans(self) -> None:
        while True:
            with self._outages.survived():
                for kind in await self.claimant.release_orphans():
                    self._woken(kind.encode())
            await asyncio.sleep(ORPHANS_SECONDS)

    async def _look_for_ever(self) -> None:
        """Items become due unannounced: by a delay, or when a message that wakes is lost."""
        while True:
            await self._held.wait()
            with self._outages.survived():
                async with UnitOfWork(self.runtime) as uow:
                    with self.runtime.postgres.faults_translated():
                        due = await outbox.due_kinds(uow, list(self.lanes))
                for kind in due:
                    self.lanes[kind].wake.set()
            await asyncio.sleep(LOOK_SECONDS)

    async def _serve(self, lane: Lane) -> None:
        while True:
            await self._held.wait()
            lane.wake.clear()
            try:
                room = lane.in_flight < lane.room and not self._stopping
                claimed = await self._claim(lane) if room else 0
                self._outages.succeeded()
            except Exception as error:  # also what a transaction raises when it is given up
                self._outages.failed(error, kind=lane.kind)
                await asyncio.sleep(LOOK_SECONDS)
                continue
            if not claimed:
                await lane.wake.wait()
            elif claimed < lane.batch:
                await asyncio.sleep(lane.pause)

    async def _claim(self, lane: Lane) -> int:
        """Take due items and start working on them; no tenant gets more than its share of the room. How many it was.

        All of them are decided about before the next are claimed, so that batches grow with the load.
        """
        room = min(lane.batch, lane.room - lane.in_flight)
        async with UnitOfWork(self.runtime) as uow:
            with self.runtime.postgres.faults_translated():
                tenants = await outbox.due_tenants(uow, lane.kind, room)
        share = room // max(1, len(tenants))
        return sum(await asyncio.gather(*(self._serve_tenant(lane, tenant_id, share) for tenant_id in tenants)))

    async def _serve_tenant(self, lane: Lane, tenant_id: UUID, most: int) -> int:
        with bound(tenant=str(tenant_id)):  # whatever is logged on the way is the organization's
            return await self._claim_of(lane, tenant_id, most)

    async def _claim_of(self, lane: Lane, tenant_id: UUID, most: int) -> int:
        """A claim that a crash undoes is no loss, so it is not synced."""
        async with self._deciding, self.desk.transaction(tenant_id) as uow:
            await uow.session.execute(_NO_SYNC)
            if lane.per_key:
                rows = await outbox.claim_by_lane(uow, self.desk.number, lane.kind, most, lane.per_key, lane.busy)
            else:
                rows = await outbox.claim(uow, self.desk.number, lane.kind, most)
        by_key: dict[str, list[UUID]] = defaultdict(list)
        for row in rows:
            by_key[row.lane].append(row.id)
        for key, items in by_key.items():
            lane.in_flight += len(items)
            lane.busy[key] += len(items)
        await asyncio.gather(*(self._decide(lane, tenant_id, key, items) for key, items in by_key.items()))
        return len(rows)

    async def _decide(self, lane: Lane, tenant_id: UUID, key: str, items: list[UUID]) -> None:
        async with self._deciding:
            sendings = await self._attempt(lane, tenant_id, items)
        if not sendings:
            self._leave(lane, key, len(items))
            return
        task = asyncio.create_task(self._send(lane, tenant_id, key, items, sendings))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _attempt(self, lane: Lane, tenant_id: UUID, items: list[UUID]) -> list[Sending]:
        """One item that makes its batch fail must not take the others with it, so they are then tried one by one."""
        try:
            sending = await lane.work(self.desk, tenant_id, items)
        except TROUBLE as error:
            if len(items) > 1 and not isinstance(error, EngineUnavailable):
                return [sending for item in items for sending in await self._attempt(lane, tenant_id, [item])]
            await self._put_off(lane, tenant_id, items, error)
            return []
        return [sending] if sending is not None else []

    async def _send(
        self, lane: Lane, tenant_id: UUID, key: str, items: list[UUID], sendings: Sequence[Sending]
    ) -> None:
        try:
            await asyncio.gather(*sendings)
        except TROUBLE as error:
            await self._put_off(lane, tenant_id, items, error)
        finally:
            self._leave(lane, key, len(items))

    async def _put_off(self, lane: Lane, tenant_id: UUID, items: Sequence[UUID], error: Exception) -> None:
        self._outages.failed(error, kind=lane.kind)
        with suppress(EngineUnavailable):
            await self.desk.give_back([(tenant_id, item) for item in items], GIVEN_BACK_SECONDS)

    def _leave(self, lane: Lane, key: str, count: int) -> None:
        lane.in_flight -= count
        lane.busy[key] -= count
        if not lane.busy[key]:
            del lane.busy[key]
        lane.wake.set()
