"""Once an organization's grace period is over, all services and all three engines forget it."""

from datetime import timedelta

from septet.integrations.platform_logs_itself import store
from septet.kernel.events import on
from septet.kernel.jobs import job
from septet.kernel.purging import purge_clickhouse, purge_kernel, purge_valkey
from septet.kernel.uow import UnitOfWork
from septet.services.logs.actions.platform import purge as purge_logs
from septet.services.payments.actions.purging import forget_merchant
from septet.services.tenancy.actions.organizations import is_gone
from septet.services.tenancy.archive import erase
from septet.services.tenancy.events import OrganizationPurged

LATE = timedelta(hours=1)


@on(OrganizationPurged, max_attempts=60)
async def forget(uow: UnitOfWork, event: OrganizationPurged) -> None:
    """The organization's rows are gone; this is the rest."""
    await forget_late(uow, event)
    await uow.enter_tenant(None)  # a job of the organization's own would leave a line that names it
    uow.enqueue(forget_late, event, at=uow.now + LATE)


@job(max_attempts=60)
async def forget_late(uow: UnitOfWork, event: OrganizationPurged) -> None:
    """An hour later again: what services still worked on when it was purged, and Septet's own lines about that."""
    await uow.enter_tenant(event.tenant_id)
    if not await is_gone(uow):
        return  # restored from its archive meanwhile, under its old id
    await store(uow.runtime)
    await purge_logs(uow)
    await erase(uow)
    await forget_merchant(uow)
    await purge_kernel(uow)
    await purge_clickhouse(uow.runtime, event.tenant_id)
    await purge_valkey(uow)
