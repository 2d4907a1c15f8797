"""Group commit for `POST /notifications`: requests of one tenant that arrive together share one transaction.

While one batch is being committed the next one gathers, so a lone request waits for nobody and a flood pays for one
commit a batch. Each request still succeeds or is refused by itself, and is answered only when it is durable.
"""

import asyncio
from collections import defaultdict
from uuid import UUID
from weakref import WeakKeyDictionary

from septet.kernel.errors import Problem
from septet.kernel.identity import system_actor
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions import sending
from septet.services.notifications.actions.sending import Accepted, Planned
from septet.services.notifications.schemas.sending import NotificationCreate

LARGEST_BATCH = 200
Waiting = tuple[NotificationCreate, asyncio.Future[Accepted]]


class Acceptor:
    """Of one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._waiting: dict[UUID, list[Waiting]] = defaultdict(list)
        self._committing: dict[UUID, asyncio.Task[None]] = {}

    async def accept(self, tenant_id: UUID, request: NotificationCreate) -> Accepted:
        """Raises what `sending.accept` raises, and EngineUnavailable, StorageFull."""
        answer: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting[tenant_id].append((request, answer))
        if tenant_id not in self._committing:
            self._committing[tenant_id] = asyncio.create_task(self._commit_all(tenant_id))
        return await answer

    async def _commit_all(self, tenant_id: UUID) -> None:
        try:
            while waiting := self._waiting.pop(tenant_id, None):
                for start in range(0, len(waiting), LARGEST_BATCH):
                    await self._commit(tenant_id, waiting[start : start + LARGEST_BATCH])
        finally:
            del self._committing[tenant_id]

    async def _commit(self, tenant_id: UUID, batch: list[Waiting]) -> None:
        planned: list[tuple[Planned, asyncio.Future[Accepted]]] = []
        try:
            async with UnitOfWork(self._runtime, system_actor(tenant_id)) as uow:
                with self._runtime.postgres.faults_translated():
                    for request, answer in batch:
                        try:
                            planned.append((await sending.plan(uow, request), answer))
                        except Problem as problem:
                            _fail(answer, problem)
                    await sending.store_planned(uow, [plan for plan, _ in planned])
                    await uow.commit()
        except Exception as error:
            for _, answer in batch:
                _fail(answer, error)
            return
        for plan, answer in planned:
            if not answer.done():
                answer.set_result(Accepted(plan.notification, plan.deliveries))


def _fail(answer: asyncio.Future[Accepted], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)


_acceptors: WeakKeyDictionary[Runtime, Acceptor] = WeakKeyDictionary()


def acceptor(runtime: Runtime) -> Acceptor:
    """This process's."""
    if runtime not in _acceptors:
        _acceptors[runtime] = Acceptor(runtime)
    return _acceptors[runtime]
