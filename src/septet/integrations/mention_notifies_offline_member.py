"""A member who is not online hears of mentions and direct messages by notification."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.chat.events import MessageMissed
from septet.services.notifications.actions.notifying import notify


@on(MessageMissed)
async def tell_absent_member(uow: UnitOfWork, event: MessageMissed) -> None:
    """One notification for each message and member."""
    await notify(
        uow,
        template="chat.mention",
        user_id=event.user_id,
        data={
            "authorName": event.author_name,
            "roomName": event.room_name,
            "excerpt": event.excerpt,
            "link": f"{uow.public_url}/console/chat/{event.room_id}",
        },
        key=f"missed:{event.message_id}:{event.user_id}",
    )
