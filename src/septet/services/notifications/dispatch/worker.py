"""What the channels' senders share: this process's number in the outbox, a transaction per tenant, and the settler."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from septet.kernel.identity import system_actor
from septet.kernel.outages import Outages
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.deciding.facts import Task
from septet.services.notifications.dispatch.settling import settle
from septet.services.notifications.store import outbox, tenants
from septet.services.notifications.store.outbox import Settlement

PATIENCE_SECONDS = 1.0
GATHERING_SECONDS = 0.05
"""What is finished so shortly after one another is settled in one transaction."""
Sending = Coroutine[Any, Any, object]
"""What is left of a batch after its transaction: talking to the world."""


async def _gather(sends: Sequence[Sending]) -> None:
    await asyncio.gather(*sends)


def all_of(sends: Sequence[Sending]) -> Sending | None:
    """All of them at once, as one; None when there are none."""
    return _gather(sends) if sends else None


class Desk:
    """Transactions for the outbox's items; `number` is this process's in the outbox."""

    def __init__(self, runtime: Runtime, number: int) -> None:
        self.runtime = runtime
        self.number = number
        self._finished: dict[UUID, list[tuple[Task, Settlement]]] = defaultdict(list)
        self._something_finished = asyncio.Event()
        self._all_settled = asyncio.Event()
        self._all_settled.set()
        self._known_tenants: set[UUID] = set()
        self._outages = Outages("settlements")

    @asynccontextmanager
    async def transaction(self, tenant_id: UUID | None) -> AsyncIterator[UnitOfWork]:
        """Commits at the end. Raises EngineUnavailable, StorageFull."""
        async with UnitOfWork(self.runtime, system_actor(tenant_id)) as uow:
            with self.runtime.postgres.faults_translated():
                if tenant_id is not None and tenant_id not in self._known_tenants:
                    await tenants.register(uow)
                yield uow
                await uow.commit()
        if tenant_id is not None:
            self._known_tenants.add(tenant_id)

    async def settle_now(self, uow: UnitOfWork, settlements: Sequence[Settlement], tasks: dict[UUID, Task]) -> None:
        await settle(uow, self.number, settlements, tasks)

    def finished(self, tenant_id: UUID, task: Task, settlement: Settlement) -> None:
        """A delivery was made, or not; it is settled within milliseconds, together with others."""
        self._finished[tenant_id].append((task, settlement))
        self._something_finished.set()

    async def run_settler(self) -> None:
        """For ever. What cannot be settled yet waits, and is still ours; nobody else's waits for it over a second."""
        while True:
            await self._something_finished.wait()
            await asyncio.sleep(GATHERING_SECONDS)
            self._something_finished.clear()
            self._all_settled.clear()
            batches, self._finished = self._finished, defaultdict(list)
            for tenant_id, batch in batches.items():
                with self._outages.survived():
                    await self._settle_batch(tenant_id, batch)
                    continue
                self._finished[tenant_id] += batch
            if self._finished:
                await asyncio.sleep(PATIENCE_SECONDS)
                self._something_finished.set()
            else:
                self._all_settled.set()

    async def settled(self, seconds: float) -> None:
        """Wait until everything finished is settled, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._finished or not self._all_settled.is_set():
                    await self._all_settled.wait()
                    await asyncio.sleep(0)

    async def _settle_batch(self, tenant_id: UUID, batch: list[tuple[Task, Settlement]]) -> None:
        tasks = {task.id: task for task, _ in batch}
        async with self.transaction(tenant_id) as uow:
            await settle(uow, self.number, [settlement for _, settlement in batch], tasks)

    async def give_back(self, items: Sequence[tuple[UUID, UUID]], seconds: float) -> None:
        """Items (tenant, id) that could not be worked on now are due again later."""
        by_tenant: dict[UUID, list[UUID]] = defaultdict(list)
        for tenant_id, item in items:
            by_tenant[tenant_id].append(item)
        for tenant_id, ids in by_tenant.items():
            async with self.transaction(tenant_id) as uow:
                due: Any = uow.now + timedelta(seconds=seconds)
                await outbox.postpone(uow, self.number, [(each, due) for each in ids])
