"""Members who are not there when they are mentioned or written to: one event for each, for others to notify them."""

from collections.abc import Sequence
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.chat.events import MessageMissed
from septet.services.chat.models import Message, Room
from septet.services.chat.schemas import Status
from septet.services.chat.store import members as store
from septet.services.chat.store import messages as message_store
from septet.services.chat.store import presence
from septet.services.chat.store import rooms as room_store

EXCERPT = 200


async def tell_missing(uow: UnitOfWork, room_id: UUID, message_id: UUID) -> None:
    """Emit MessageMissed for each addressed member who is offline and has not read the message meanwhile."""
    message = await message_store.message(uow, message_id)
    seen = await room_store.room(uow, room_id, message.author_id if message is not None else None)
    if message is None or message.deleted_at is not None or seen is None:
        return
    room, author = seen
    reasons = await _reasons(uow, room, message)
    there = await presence.presence_of(uow.runtime, uow.tenant_id, reasons)
    cursors = {member.user_id: member.read_seq for member in await store.cursors(uow, room_id)}
    for user_id, reason in reasons.items():
        if there[user_id].status is Status.OFFLINE and cursors.get(user_id, message.seq) < message.seq:
            uow.emit(_missed(room, message, author.name if author is not None else "", user_id, reason))


async def _reasons(uow: UnitOfWork, room: Room, message: Message) -> dict[UUID, str]:
    reasons = {}
    if message.mentions_room or room.kind == "direct":
        everybody: Sequence[UUID] = await store.user_ids(uow, room.id)
        reasons = dict.fromkeys(everybody, "direct" if room.kind == "direct" else "room_mention")
    reasons |= dict.fromkeys(message.mentions, "mention")
    reasons.pop(message.author_id, None)
    return reasons


def _missed(room: Room, message: Message, author_name: str, user_id: UUID, reason: str) -> MessageMissed:
    return MessageMissed(
        tenant_id=room.tenant_id,
        room_id=room.id,
        room_name=room.name,
        message_id=message.id,
        seq=message.seq,
        author_id=message.author_id,
        author_name=author_name,
        user_id=user_id,
        reason=reason,
        excerpt=message.body[:EXCERPT],
    )
