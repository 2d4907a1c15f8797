"""Chat's durable reactions."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions import missing
from septet.services.chat.events import MessageAddressed


@on(MessageAddressed)
async def tell_missing_members(uow: UnitOfWork, event: MessageAddressed) -> None:
    """Publish MessageMissed for those who are not there."""
    await missing.tell_missing(uow, event.room_id, event.message_id)
