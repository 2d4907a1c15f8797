"""Joining, leaving, adding, removing, roles, mute and ban. Every change is one version of the room, under its lock."""

from collections.abc import Collection
from datetime import timedelta
from functools import partial
from uuid import UUID

from septet.kernel.authentication import Person
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions.access import governed_room, is_active, locked_room, own_locked_room, participant
from septet.services.chat.actions.system import tell
from septet.services.chat.errors import (
    DirectRoom,
    MemberNotFound,
    RoomArchived,
    RoomRoleRequired,
    UserNotFound,
)
from septet.services.chat.events import MemberJoined, MemberLeft
from septet.services.chat.models import Member, Room
from septet.services.chat.publishing import announce, publish_cursor
from septet.services.chat.schemas import RoomRole
from septet.services.chat.settings import ChatSettings
from septet.services.chat.store import members as store
from septet.services.chat.store.rooms import lock_room


async def people_of(uow: UnitOfWork, user_ids: Collection[UUID]) -> dict[UUID, Person]:
    """Who these users are. Raises UserNotFound unless all belong to the organization."""
    people = await uow.runtime.authenticator.people(uow, user_ids) if user_ids else {}
    if any(user_id not in people and user_id != participant(uow) for user_id in user_ids):
        raise UserNotFound
    return people


def new_member(uow: UnitOfWork, room: Room, user_id: UUID, name: str, email: str, role: RoomRole) -> Member:
    """A membership that begins now; what was said before counts as read."""
    room.version += 1
    room.member_count += 1
    uow.emit(MemberJoined(uow.tenant_id, room.id, user_id))
    return Member(
        tenant_id=uow.tenant_id,
        room_id=room.id,
        user_id=user_id,
        status="active",
        role=role,
        name=name,
        names=_names(name, email),
        read_seq=room.last_seq,
        version=room.version,
        joined_at=uow.now,
        muted_until=None,
        last_sent_at=None,
    )


def _names(name: str, email: str) -> list[str]:
    """What may follow an `@`: the name without blanks or with dots, and the beginning of the address."""
    parts = name.lower().split()
    return sorted({"".join(parts), ".".join(parts), "_".join(parts), email.partition("@")[0].lower()} - {""})


async def join(uow: UnitOfWork, room_id: UUID) -> None:
    """Become a member of a public room; nothing happens when one is. Raises RoomNotFound, Banned, RoomArchived."""
    room, member = await locked_room(uow, room_id)
    if is_active(member):
        return
    _require_open(room)
    await admit(uow, room, member, participant(uow), uow.actor.name, uow.actor.email, RoomRole.MEMBER)


async def leave(uow: UnitOfWork, room_id: UUID) -> None:
    """Raises RoomNotFound, NotAMember, DirectRoom."""
    room, member = await own_locked_room(uow, room_id)
    _require_no_pair(room)
    await _end(uow, room, member, "left", told="left")


async def put_member(uow: UnitOfWork, room_id: UUID, user_id: UUID, role: RoomRole | None) -> Member:
    """Add a user, or give a member another role, which only owners do.

    Members add others, in announcement rooms moderators do. Raises RoomNotFound, NotAMember, RoomRoleRequired,
    UserNotFound, DirectRoom, RoomArchived.
    """
    room, own = await governed_room(uow, room_id, RoomRole.MEMBER)
    _require_no_pair(room)
    member = await store.member(uow, room_id, user_id)
    if member is not None and is_active(member):
        if role is not None and role != member.role:
            await _change_role(uow, room, member, role, own)
        return member
    _require_role(own, RoomRole.OWNER if role not in (None, RoomRole.MEMBER) else RoomRole.MEMBER)
    if room.announcement or (member is not None and member.status == "banned"):
        _require_role(own, RoomRole.MODERATOR)
    _require_open(room)
    people = await people_of(uow, [user_id])
    if user_id not in people:
        raise UserNotFound
    person = people[user_id]
    start = role or (RoomRole.OWNER if room.kind == "group" else RoomRole.MEMBER)
    return await admit(uow, room, member, user_id, person.name, person.email, start)


async def remove_member(uow: UnitOfWork, room_id: UUID, user_id: UUID) -> None:
    """Leave, or remove somebody below oneself; raises also MemberNotFound."""
    if user_id == participant(uow):
        return await leave(uow, room_id)
    room, member, _ = await _below(uow, room_id, user_id)
    if not is_active(member):
        raise MemberNotFound("The room has no such member; GET /rooms/{id}/members lists them.")
    return await _end(uow, room, member, "left", told="removed")


async def require_moderator(uow: UnitOfWork, room_id: UUID) -> None:
    """Raises RoomNotFound, NotAMember, RoomRoleRequired."""
    await governed_room(uow, room_id, RoomRole.MODERATOR)


async def ban(uow: UnitOfWork, room_id: UUID, user_id: UUID) -> None:
    """Remove somebody for good: they can neither see nor join the room until the ban is lifted."""
    room, member, _ = await _below(uow, room_id, user_id)
    if member.status != "banned":
        await _end(uow, room, member, "banned", told="banned")


async def lift_ban(uow: UnitOfWork, room_id: UUID, user_id: UUID) -> None:
    """Let somebody join again."""
    room, member, _ = await _below(uow, room_id, user_id)
    if member.status == "banned":
        await _set(uow, room, member, status="left")


async def mute(uow: UnitOfWork, room_id: UUID, user_id: UUID, seconds: int | None) -> Member:
    """Let a member read only, for so long; None lets them write again."""
    room, member, _ = await _below(uow, room_id, user_id)
    if not is_active(member):
        raise MemberNotFound("The room has no such member; GET /rooms/{id}/members lists them.")
    await _set(uow, room, member, muted_until=uow.now + timedelta(seconds=seconds) if seconds else None)
    return member


async def leave_all_rooms(uow: UnitOfWork, user_id: UUID) -> None:
    """For a user who left the organization: end their memberships, one room after the other, in one order for all."""
    for room_id in await store.room_ids_of(uow, user_id):
        room = await lock_room(uow, room_id)
        member = await store.member(uow, room_id, user_id)
        if room is not None and member is not None and is_active(member):
            await _end(uow, room, member, "left", told=None)


async def _below(uow: UnitOfWork, room_id: UUID, user_id: UUID) -> tuple[Room, Member, RoomRole]:
    """A membership that the actor has power over: moderators over members, owners over all others."""
    room, own = await governed_room(uow, room_id, RoomRole.MODERATOR)
    _require_no_pair(room)
    member = await store.member(uow, room_id, user_id)
    if member is None:
        raise MemberNotFound("The room has no such member; GET /rooms/{id}/members lists them.")
    if is_active(member) and member.role != RoomRole.MEMBER:
        _require_role(own, RoomRole.OWNER)
    return room, member, own


async def admit(
    uow: UnitOfWork, room: Room, former: Member | None, user_id: UUID, name: str, email: str, role: RoomRole
) -> Member:
    """Make somebody a member of a locked room and tell it; `former`: their ended membership, if there is one."""
    member = new_member(uow, room, user_id, name, email, role)
    member = await uow.session.merge(member) if former is not None else member
    uow.session.add(member)
    await uow.session.flush()
    announce(uow, room, [], members=[member])
    if room.tells_joins:
        announce(uow, room, [tell(uow, room, "joined", userId=str(user_id), name=name)])
    uow.after_commit(partial(_tell_cursor, uow.runtime, room, member))
    return member


async def _tell_cursor(runtime: Runtime, room: Room, member: Member) -> None:
    """Who comes back has read all that was said while they were away."""
    if room.member_count <= runtime.service_settings(ChatSettings).receipts_up_to:
        publish_cursor(runtime, room.tenant_id, room.id, member.user_id, member.read_seq)


async def _end(uow: UnitOfWork, room: Room, member: Member, status: str, *, told: str | None) -> None:
    was_active = is_active(member)
    room.member_count -= was_active
    if was_active and member.role == RoomRole.OWNER:
        await _hand_over(uow, room, member)
    await _set(uow, room, member, status=status, role=RoomRole.MEMBER)
    if was_active:
        uow.emit(MemberLeft(uow.tenant_id, room.id, member.user_id, status == "banned"))
        if room.tells_joins and told:
            announce(uow, room, [tell(uow, room, told, userId=str(member.user_id), name=member.name)])


async def _hand_over(uow: UnitOfWork, room: Room, owner: Member) -> None:
    """A room that has members has an owner."""
    if await store.has_other_owner(uow, room.id, owner.user_id):
        return
    if heir := await store.heir(uow, room.id, owner.user_id):
        await _set(uow, room, heir, role=RoomRole.OWNER)


async def _change_role(uow: UnitOfWork, room: Room, member: Member, role: RoomRole, own: RoomRole) -> None:
    _require_role(own, RoomRole.OWNER)
    if member.role == RoomRole.OWNER and not await store.has_other_owner(uow, room.id, member.user_id):
        raise RoomRoleRequired("This is the room's last owner; make somebody else an owner first.")
    await _set(uow, room, member, role=role)


async def _set(uow: UnitOfWork, room: Room, member: Member, **changes: object) -> None:
    for name, value in changes.items():
        setattr(member, name, value)
    room.version += 1
    member.version = room.version
    await uow.session.flush()
    announce(uow, room, [], members=[member])


def _require_role(own: RoomRole, needed: RoomRole) -> None:
    if not own.includes(needed):
        raise RoomRoleRequired(f"This needs the role `{needed}` in the room; yours is `{own}`.", requiredRole=needed)


def _require_no_pair(room: Room) -> None:
    if room.kind == "direct":
        raise DirectRoom


def _require_open(room: Room) -> None:
    if room.archived_at is not None:
        raise RoomArchived
