"""The rules of organizations, kept in each process; a change is announced and the next check reads them again.

While PostgreSQL is away, known rules stay in force.
"""

import asyncio
from collections.abc import Callable
from uuid import UUID

from septet.kernel.errors import EngineUnavailable
from septet.kernel.identity import system_actor
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.limits.actions.rules import CHANGED_CHANNEL, rules_in_force
from septet.services.limits.ruleset import Ruleset

MOST_TENANTS = 10_000


class Rulesets:
    """One per process. `find` never waits."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._kept: dict[UUID, Ruleset] = {}
        self._outdated: dict[UUID, Ruleset] = {}  # only for while PostgreSQL is away
        self._asking: dict[UUID, asyncio.Task[Ruleset]] = {}
        self._changes = 0
        runtime.broadcast.subscribe(CHANGED_CHANNEL, self._changed)
        runtime.broadcast.on_gap(self._drop_all)

    def find(self, tenant_id: UUID) -> Ruleset | None:
        return self._kept.get(tenant_id)

    async def get(self, tenant_id: UUID) -> Ruleset:
        """Raises EngineUnavailable."""
        if (found := self._kept.get(tenant_id)) is not None:
            return found
        asking = self._asking.get(tenant_id)
        if asking is None:
            asking = self._asking[tenant_id] = asyncio.create_task(self._ask(tenant_id))
            asking.add_done_callback(self._asked(tenant_id))
        return await asyncio.shield(asking)

    def _asked(self, tenant_id: UUID) -> Callable[[asyncio.Task[Ruleset]], None]:
        def forget(task: asyncio.Task[Ruleset]) -> None:
            self._asking.pop(tenant_id, None)
            if not task.cancelled():
                task.exception()  # whoever waited has it

        return forget

    async def _ask(self, tenant_id: UUID) -> Ruleset:
        while True:
            changes = self._changes
            try:
                found = await self._read(tenant_id)
            except EngineUnavailable:
                if (outdated := self._outdated.get(tenant_id)) is None:
                    raise
                return outdated
            if changes == self._changes:
                if len(self._kept) >= MOST_TENANTS:
                    del self._kept[next(iter(self._kept))]
                self._kept[tenant_id] = found
                self._outdated.pop(tenant_id, None)
                return found

    async def _read(self, tenant_id: UUID) -> Ruleset:
        async with UnitOfWork(self._runtime, system_actor(tenant_id)) as uow:
            with self._runtime.postgres.faults_translated():
                rules = await rules_in_force(uow)
                await uow.commit()
        return Ruleset(tenant_id, rules)

    def _changed(self, payload: bytes) -> None:
        self._changes += 1
        tenant_id = UUID(payload.decode())
        if (ruleset := self._kept.pop(tenant_id, None)) is not None:
            self._outdated[tenant_id] = ruleset

    def _drop_all(self) -> None:
        self._changes += 1
        self._outdated |= self._kept
        self._kept.clear()
