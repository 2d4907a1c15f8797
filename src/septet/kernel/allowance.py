"""What of its plan an organization has spent for today: noted in Valkey, so that a request can be refused at once."""

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from septet.kernel.entitlements import QuotaExceeded
from septet.kernel.valkey import key

if TYPE_CHECKING:
    from septet.kernel.runtime import Runtime
    from septet.kernel.uow import UnitOfWork


async def note_spent(uow: "UnitOfWork", metrics: Collection[str]) -> None:
    """These are spent until midnight (UTC), and no others."""
    name = _key(uow.runtime, uow.tenant_id)
    tomorrow = (uow.now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    async with uow.runtime.valkey.client.pipeline(transaction=True) as pipeline:
        pipeline.execute_command("DEL", name)
        if metrics:
            pipeline.execute_command("SADD", name, *metrics)
            pipeline.execute_command("EXPIRE", name, int((tomorrow - uow.now).total_seconds()))
        await pipeline.execute()


async def require_unspent(runtime: "Runtime", tenant_id: UUID, metric: str) -> None:
    """Raises QuotaExceeded (402)."""
    if await runtime.pipeline.call(b"SISMEMBER", _key(runtime, tenant_id), metric.encode()):
        advice = "It goes on tomorrow (UTC), or with a plan that has more: POST /billing/change."
        raise QuotaExceeded(f"Today's `{metric}` are used up. {advice}", quota=metric)


def _key(runtime: "Runtime", tenant_id: UUID) -> str:
    return key(tenant_id, "usage", "spent", runtime.clock.now().date().isoformat())
