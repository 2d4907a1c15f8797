"""How much an organization writes."""

from datetime import date

from septet.kernel.uow import UnitOfWork
from septet.services.chat.store import messages as store


async def messages_on(uow: UnitOfWork, day: date) -> int:
    """People's messages of a day (UTC), deleted ones included."""
    return await store.count_on(uow, day)
