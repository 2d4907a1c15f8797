"""A quota of the plan that is nearly or wholly used is told to those who own the organization."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions.notifying import notify
from septet.services.tenancy.actions.profiles import organization_name, owners
from septet.services.tenancy.events import QuotaReached


@on(QuotaReached)
async def tell_owners(uow: UnitOfWork, event: QuotaReached) -> None:
    """Once at 80 and once at 100 percent, each day."""
    await notify(
        uow,
        template="tenancy.quota_reached",
        user_ids=await owners(uow),
        data={
            "organizationName": await organization_name(uow),
            "quotaName": event.metric,
            "used": event.used,
            "limit": event.limit,
            "percent": event.used / max(1, event.limit),
            "isHard": str(event.hard).lower(),
            "link": f"{uow.public_url}/console/billing",
        },
        key=f"quota:{event.day}:{event.metric}:{event.percent}",
    )
