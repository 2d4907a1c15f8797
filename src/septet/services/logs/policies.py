"""The policy of each organization, read once and remembered until it changes."""

from uuid import UUID

from septet.kernel.identity import system_actor
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.logs import store
from septet.services.logs.policy import POLICY_CHANGED, Policy
from septet.services.logs.settings import LogsSettings

REMEMBERED_SECONDS = 60.0


class Policies:
    """One per process. A change is heard at once; where the announcement is lost, within a minute."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._remembered: dict[UUID, tuple[Policy, float]] = {}
        self._changes = 0
        runtime.broadcast.subscribe(POLICY_CHANGED, self._forget)
        runtime.broadcast.on_gap(self._forget_all)

    async def of(self, tenant: UUID) -> Policy:
        """Raises EngineUnavailable when it is not known and PostgreSQL does not answer."""
        found = self._remembered.get(tenant)
        if found is not None and found[1] > self._runtime.clock.unix():
            return found[0]
        changes = self._changes
        policy = await self._read(tenant)
        if changes == self._changes:
            self._remembered[tenant] = policy, self._runtime.clock.unix() + REMEMBERED_SECONDS
        return policy

    async def _read(self, tenant: UUID) -> Policy:
        async with UnitOfWork(self._runtime, system_actor(tenant)) as uow:
            with self._runtime.postgres.faults_translated():
                retention = await store.retention(uow)
                masks = tuple((rule.pattern, rule.replacement) for rule in await store.all_masks(uow))
        if retention is None:
            return Policy(self._runtime.service_settings(LogsSettings).retention_days, {}, masks)
        return Policy(retention.days, retention.per_service, masks)

    def _forget(self, tenant: bytes) -> None:
        self._changes += 1
        self._remembered.pop(UUID(tenant.decode()), None)

    def _forget_all(self) -> None:
        self._changes += 1
        self._remembered.clear()
