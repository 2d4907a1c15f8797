"""Messages after they were sent: edits, deletion, reactions, pins. Each change is one version of the room."""

from datetime import datetime
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions.access import locked_message, power_in, readable_message, readable_room
from septet.services.chat.actions.posting import ROOM_MENTION, check_body, mentioned_names
from septet.services.chat.actions.reach import require_within_reach, shown
from septet.services.chat.errors import MessageDeleted, RoomArchived, RoomRoleRequired, TooMany
from septet.services.chat.frames import change_frame, reaction_frame
from septet.services.chat.models import Edit, Member, Message, Room
from septet.services.chat.publishing import announce
from septet.services.chat.schemas import RoomRole
from septet.services.chat.store import members as member_store
from septet.services.chat.store import messages as store

MOST_EMOJI = 50
MOST_REACTIONS = 1000
MOST_PINS = 100


async def edit(uow: UnitOfWork, message_id: UUID, body: str) -> Message:
    """Raises MessageNotFound, NotAMember, RoomRoleRequired (not the author), MessageDeleted, MessageTooLong."""
    message, room, member = await _changeable(uow, message_id)
    if message.author_id != member.user_id or message.kind == "system":
        raise RoomRoleRequired("Only its author may edit a message; moderators may delete it.")
    check_body(uow, body, bool(message.attachments))
    if body == message.body:
        return message
    uow.session.add(
        Edit(
            tenant_id=uow.tenant_id,
            message_id=message.id,
            replaced_at=_after(message.edited_at, uow.now),
            room_id=room.id,
            body=message.body,
        )
    )
    names = mentioned_names(body)
    called = await member_store.members_called(uow, [room.id], names - {ROOM_MENTION}) if names else ()
    message.body, message.edited_at = body, uow.now
    message.mentions = sorted({each.user_id for each in called} - {member.user_id})
    message.mentions_room = ROOM_MENTION in names
    return await _changed(uow, room, message)


def _after(last: datetime | None, now: datetime) -> datetime:
    """Two edits never carry the same time, which names them."""
    return now if last is None or now > last else last.replace(microsecond=(last.microsecond + 1) % 1_000_000)


async def delete(uow: UnitOfWork, message_id: UUID) -> None:
    """Leave a tombstone that keeps the `seq`; earlier bodies, reactions and attachments go too. Again: nothing."""
    message, room, member = await locked_message(uow, message_id)
    if message.deleted_at is not None:
        return
    power = power_in(uow, room, member) or RoomRole.MEMBER
    own = message.author_id == member.user_id and message.kind == "message"
    if not own and (room.kind == "direct" or not power.includes(RoomRole.MODERATOR)):
        raise RoomRoleRequired("Only its author and the room's moderators may delete a message.")
    message.deleted_at, message.body, message.attachments = uow.now, "", []
    message.reactions, message.mentions, message.mentions_room = {}, [], False
    message.pinned_at = message.pinned_by = None
    await store.forget_edits(uow, message.id)
    await _changed(uow, room, message)


async def react(uow: UnitOfWork, message_id: UUID, emoji: str) -> Message:
    """Add one's reaction; again: nothing. Raises MessageNotFound, NotAMember, MessageDeleted, TooMany."""
    message, room, member = await _changeable(uow, message_id)
    user = str(member.user_id)
    users = message.reactions.get(emoji, [])
    if user in users:
        return message
    if (not users and len(message.reactions) >= MOST_EMOJI) or sum(
        map(len, message.reactions.values())
    ) >= MOST_REACTIONS:
        raise TooMany(f"A message takes {MOST_EMOJI} different reactions and {MOST_REACTIONS} in all.")
    message.reactions = message.reactions | {emoji: [*users, user]}
    return await _reacted(uow, room, message, member, emoji, added=True)


async def unreact(uow: UnitOfWork, message_id: UUID, emoji: str) -> None:
    """Take one's reaction back; where there is none: nothing."""
    message, room, member = await _changeable(uow, message_id)
    user = str(member.user_id)
    if user not in message.reactions.get(emoji, []):
        return
    left = {
        name: [each for each in users if name != emoji or each != user] for name, users in message.reactions.items()
    }
    message.reactions = {name: users for name, users in left.items() if users}
    await _reacted(uow, room, message, member, emoji, added=False)


async def pin(uow: UnitOfWork, message_id: UUID, *, pinned: bool) -> Message:
    """Raises MessageNotFound, NotAMember, RoomRoleRequired, MessageDeleted, TooMany."""
    message, room, member = await _changeable(uow, message_id)
    power = power_in(uow, room, member) or RoomRole.MEMBER
    if not power.includes(RoomRole.MODERATOR):
        raise RoomRoleRequired("Only the room's moderators pin messages.", requiredRole=RoomRole.MODERATOR)
    if pinned == (message.pinned_at is not None):
        return message
    if pinned and len(await store.pinned(uow, room.id)) >= MOST_PINS:
        raise TooMany(f"A room takes {MOST_PINS} pinned messages; unpin one first.")
    message.pinned_at, message.pinned_by = (uow.now, member.user_id) if pinned else (None, None)
    return await _changed(uow, room, message)


async def pinned_messages(uow: UnitOfWork, room_id: UUID) -> list[Message]:
    await readable_room(uow, room_id)
    return await shown(uow, await store.pinned(uow, room_id))


async def message(uow: UnitOfWork, message_id: UUID) -> Message:
    found, _, _ = await readable_message(uow, message_id)
    (as_shown,) = await shown(uow, [found])
    return as_shown


async def edits(uow: UnitOfWork, message_id: UUID) -> list[Edit]:
    """None of a message that is withheld."""
    return [] if (await message(uow, message_id)).withheld else list(await store.edits(uow, message_id))


async def thread(uow: UnitOfWork, message_id: UUID, limit: int, after: int | None) -> list[Message]:
    """The thread that the message begins or belongs to."""
    found, _, _ = await readable_message(uow, message_id)
    root = await store.message(uow, found.thread_id) if found.thread_id is not None else found
    return await shown(uow, await store.thread(uow, root or found, limit, after))


async def _changeable(uow: UnitOfWork, message_id: UUID) -> tuple[Message, Room, Member]:
    message, room, member = await locked_message(uow, message_id)
    if message.deleted_at is not None:
        raise MessageDeleted
    if room.archived_at is not None:
        raise RoomArchived
    await require_within_reach(uow, message)
    return message, room, member


async def _changed(uow: UnitOfWork, room: Room, message: Message) -> Message:
    await _next_version(uow, room, message)
    announce(uow, room, [change_frame(message)])
    return message


async def _reacted(
    uow: UnitOfWork, room: Room, message: Message, member: Member, emoji: str, *, added: bool
) -> Message:
    await _next_version(uow, room, message)
    announce(uow, room, [reaction_frame(message, member.user_id, emoji, added=added)])
    return message


async def _next_version(uow: UnitOfWork, room: Room, message: Message) -> None:
    room.version += 1
    message.version = room.version
    await uow.session.flush()
