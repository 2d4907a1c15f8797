"""Once an organization's grace period is over, all services and all three engines forget it."""

from septet.integrations.platform_logs_itself import store
from septet.kernel.events import on
from septet.kernel.purging import purge_clickhouse, purge_kernel, purge_valkey
from septet.kernel.uow import UnitOfWork
from septet.services.logs.actions.platform import purge as purge_logs
from septet.services.logs.actions.platform import purge_late_lines
from septet.services.payments.actions.purging import forget_merchant
from septet.services.tenancy.events import OrganizationPurged


@on(OrganizationPurged, max_attempts=60)
async def forget(uow: UnitOfWork, event: OrganizationPurged) -> None:
    """Rows went with the organization (`tenancy.archive.erase`); this is the rest. May be repeated."""
    await store(uow.runtime)  # lines that are still on their way would come after the purge
    await purge_logs(uow)
    await forget_merchant(uow)
    await purge_kernel(uow)
    await purge_clickhouse(uow.runtime, event.tenant_id)
    await purge_valkey(uow.runtime, event.tenant_id)
    await purge_late_lines(uow, event.tenant_id)
