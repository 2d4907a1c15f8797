"""A log alert that fires is told to those who administer the organization."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.logs.events import LogAlertFired
from septet.services.notifications.actions.notifying import notify
from septet.services.tenancy.actions.profiles import administrators


@on(LogAlertFired)
async def tell_administrators(uow: UnitOfWork, event: LogAlertFired) -> None:
    """One notification for each firing."""
    await notify(
        uow,
        template="logs.alert",
        user_ids=await administrators(uow),
        data={"alertName": event.name, "count": event.count, "link": f"{uow.public_url}/console/logs"},
        key=f"alert:{event.alert_id}:{uow.event_id}",
    )
