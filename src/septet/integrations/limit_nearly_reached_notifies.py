"""A limit that is nearly used up is told to those who administer the organization."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.limits.events import NearlyReached
from septet.services.notifications.actions.notifying import notify
from septet.services.tenancy.actions.profiles import administrators, organization_name


@on(NearlyReached)
async def tell_administrators(uow: UnitOfWork, event: NearlyReached) -> None:
    """Once a day for each counter."""
    await notify(
        uow,
        template="limits.nearly_reached",
        user_ids=await administrators(uow),
        data={
            "organizationName": await organization_name(uow),
            "limitName": event.rule_name,
            "used": event.limit * event.used_percent // 100,
            "limit": event.limit,
            "percent": event.used_percent / 100,
            "link": f"{uow.public_url}/console/limits",
        },
        key=f"nearly:{uow.event_id}",
    )
