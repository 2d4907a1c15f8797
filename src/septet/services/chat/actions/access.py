"""Who may see, read, write and govern a room. A private room does not exist for who is outside.

In the order of power: member, moderator, owner. Administrators of the organization govern the rooms that they can see.
"""

from uuid import UUID

from septet.kernel.errors import Unauthenticated
from septet.kernel.uow import UnitOfWork
from septet.services.chat import permissions
from septet.services.chat.errors import Banned, MessageNotFound, NotAMember, RoomNotFound, RoomRoleRequired
from septet.services.chat.models import Member, Message, Room
from septet.services.chat.schemas import RoomRole
from septet.services.chat.store import members as member_store
from septet.services.chat.store import messages as message_store
from septet.services.chat.store import rooms as store


def participant(uow: UnitOfWork) -> UUID:
    """Who acts: a user, or an API key, which takes part as itself. Raises Unauthenticated."""
    if uow.actor.id is None:
        raise Unauthenticated
    return uow.actor.id


def is_active(member: Member | None) -> bool:
    return member is not None and member.status == store.ACTIVE


async def readable_room(uow: UnitOfWork, room_id: UUID) -> store.Seen:
    """A room that the actor may read: their own, or a public one. Raises RoomNotFound, Banned."""
    uow.actor.require(permissions.READ)
    return _readable(await store.room(uow, room_id, participant(uow)))


async def locked_room(uow: UnitOfWork, room_id: UUID) -> tuple[Room, Member | None]:
    """The same, locked for changing it. Raises RoomNotFound, Banned."""
    uow.actor.require(permissions.WRITE)
    room = await store.lock_room(uow, room_id)
    if room is None:
        raise RoomNotFound
    member = await member_store.member(uow, room_id, participant(uow))
    _readable((room, member))
    return room, member


async def own_locked_room(uow: UnitOfWork, room_id: UUID) -> tuple[Room, Member]:
    """A room of the actor's, locked. Raises RoomNotFound, Banned, NotAMember."""
    room, member = await locked_room(uow, room_id)
    if member is None or not is_active(member):
        raise NotAMember
    return room, member


async def governed_room(uow: UnitOfWork, room_id: UUID, role: RoomRole) -> tuple[Room, RoomRole]:
    """A locked room in which the actor has at least this role, and the role they have.

    Raises RoomNotFound, Banned, NotAMember, RoomRoleRequired.
    """
    room, member = await locked_room(uow, room_id)
    own = power_in(uow, room, member)
    if own is None:
        raise NotAMember
    if not own.includes(role):
        raise RoomRoleRequired(f"This needs the role `{role}` in the room; yours is `{own}`.", requiredRole=role)
    return room, own


def power_in(uow: UnitOfWork, room: Room, member: Member | None) -> RoomRole | None:
    """The actor's effective role; None outside. In a direct conversation nobody is above the other."""
    if room.kind != "direct" and uow.actor.may(permissions.GOVERN):
        return RoomRole.OWNER
    return RoomRole(member.role) if member is not None and is_active(member) else None


async def readable_message(uow: UnitOfWork, message_id: UUID) -> tuple[Message, Room, Member | None]:
    """A message in a room that the actor may read. Raises MessageNotFound."""
    uow.actor.require(permissions.READ)
    message = await message_store.message(uow, message_id)
    if message is None:
        raise MessageNotFound
    try:
        room, member = await readable_room(uow, message.room_id)
    except RoomNotFound:
        raise MessageNotFound from None
    return message, room, member


async def locked_message(uow: UnitOfWork, message_id: UUID) -> tuple[Message, Room, Member]:
    """A message in a room of the actor's, as it is under the room's lock.

    Raises MessageNotFound, Banned, NotAMember.
    """
    uow.actor.require(permissions.WRITE)
    seen = await message_store.message(uow, message_id)
    if seen is None:
        raise MessageNotFound
    try:
        room, member = await own_locked_room(uow, seen.room_id)
    except RoomNotFound:
        raise MessageNotFound from None
    message = await message_store.message(uow, message_id)
    assert message is not None, "messages are never deleted"
    return message, room, member


def _readable(seen: store.Seen | None) -> store.Seen:
    if seen is None:
        raise RoomNotFound
    room, member = seen
    if not is_active(member) and room.visibility != "public":
        raise RoomNotFound
    if member is not None and member.status == "banned":
        raise Banned
    return seen
