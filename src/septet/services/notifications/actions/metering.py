"""How much an organization notifies."""

from datetime import date

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.store import notifications as store


async def notifications_on(uow: UnitOfWork, day: date) -> int:
    """Notifications accepted on a day (UTC) and not forgotten since."""
    return await store.count_on(uow, day)
