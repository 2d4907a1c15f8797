"""Rooms, groups and direct conversations: creating and changing them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.kernel.versions import etag_of, require_match
from septet.services.chat import permissions
from septet.services.chat.actions.access import governed_room, is_active, participant, readable_room
from septet.services.chat.actions.memberships import new_member, people_of
from septet.services.chat.actions.system import tell
from septet.services.chat.errors import DirectRoom
from septet.services.chat.events import RoomArchived, RoomCreated
from septet.services.chat.models import Member, Room
from septet.services.chat.publishing import announce
from septet.services.chat.schemas import RoomChange, RoomCreate, RoomRole
from septet.services.chat.store import members as member_store
from septet.services.chat.store import rooms as store


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room with what the actor is in it."""

    room: Room
    member: Member | None
    counts: store.Counts
    people: Sequence[UUID] = ()


async def create_room(uow: UnitOfWork, wanted: RoomCreate) -> RoomView:
    """Raises UserNotFound."""
    uow.actor.require(permissions.WRITE)
    room = new_room(uow, "room", wanted.name, wanted.visibility, participant(uow))
    room.topic, room.announcement = wanted.topic, wanted.announcement
    room.tells_joins, room.slow_mode_seconds = wanted.tells_joins, wanted.slow_mode_seconds
    return await _create(uow, room, wanted.member_ids)


async def create_group(uow: UnitOfWork, user_ids: Collection[UUID], name: str | None) -> RoomView:
    """A private conversation in which all have the same say. Raises UserNotFound."""
    uow.actor.require(permissions.WRITE)
    return await _create(uow, new_room(uow, "group", name or "", "private", participant(uow)), user_ids)


async def direct_room(uow: UnitOfWork, user_id: UUID) -> tuple[RoomView, bool]:
    """The one conversation of the actor with this user, and whether it is new. Raises UserNotFound."""
    uow.actor.require(permissions.WRITE)
    pair = sorted({str(participant(uow)), str(user_id)})
    subject = ":".join(pair)
    if found := await store.room_id_of_subject(uow, subject):
        return await view(uow, found), False
    room = new_room(uow, "direct", "", "private", participant(uow))
    room.subject = subject
    await people_of(uow, [user_id])
    only, new = await store.only_room_of_subject(uow, room)
    if new:
        await _fill(uow, only, [user_id])
    return await view(uow, only.id), new


def new_room(uow: UnitOfWork, kind: str, name: str, visibility: str, creator: UUID) -> Room:
    """A room that is not stored yet and has no members."""
    return Room(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        kind=kind,
        name=name,
        topic="",
        visibility=visibility,
        announcement=False,
        tells_joins=False,
        slow_mode_seconds=0,
        subject=None,
        member_count=0,
        last_seq=0,
        version=1,
        changed_version=1,
        created_by=creator,
        created_at=uow.now,
        archived_at=None,
    )


async def _create(uow: UnitOfWork, room: Room, user_ids: Collection[UUID]) -> RoomView:
    uow.session.add(room)
    await uow.session.flush()
    await _fill(uow, room, user_ids)
    return await view(uow, room.id)


async def _fill(uow: UnitOfWork, room: Room, user_ids: Collection[UUID]) -> None:
    """Give a new room its first members; in a conversation all are owners."""
    creator = participant(uow)
    others = [user_id for user_id in dict.fromkeys(user_ids) if user_id != creator]
    people = await people_of(uow, others)
    together = RoomRole.MEMBER if room.kind == "room" else RoomRole.OWNER
    members = [new_member(uow, room, creator, uow.actor.name, uow.actor.email, RoomRole.OWNER)]
    members += [
        new_member(uow, room, person.user_id, person.name, person.email, together) for person in people.values()
    ]
    await begin(uow, room, members)


async def begin(uow: UnitOfWork, room: Room, members: Sequence[Member]) -> None:
    """Tell everybody of a new room with its first members."""
    uow.session.add_all(members)
    uow.emit(RoomCreated(uow.tenant_id, room.id, room.kind, room.name, room.created_by))
    await uow.session.flush()
    announce(uow, room, [], members=members)


async def view(uow: UnitOfWork, room_id: UUID) -> RoomView:
    """Raises RoomNotFound, Banned."""
    await readable_room(uow, room_id)
    return (await _views(uow, await store.readable_rooms(uow, participant(uow), [room_id])))[0]


async def readable_rooms(uow: UnitOfWork, room_ids: Collection[UUID]) -> list[RoomView]:
    """Those of the rooms that the actor may read."""
    uow.actor.require(permissions.READ)
    return await _views(uow, await store.readable_rooms(uow, participant(uow), room_ids))


async def own_and_readable_rooms(uow: UnitOfWork, room_ids: Collection[UUID]) -> list[RoomView]:
    """The actor's rooms, and those of the others named that they may read."""
    uow.actor.require(permissions.READ)
    if not room_ids:
        return await own_rooms(uow)
    return await _views(uow, await store.own_and_readable_rooms(uow, participant(uow), room_ids))


async def own_rooms(uow: UnitOfWork, limit: int | None = None, after: UUID | None = None) -> list[RoomView]:
    uow.actor.require(permissions.READ)
    return await _views(uow, await store.rooms_of(uow, participant(uow), limit=limit, after=after))


async def public_rooms(uow: UnitOfWork, query: str, limit: int, after: UUID | None) -> list[RoomView]:
    uow.actor.require(permissions.READ)
    return await _views(uow, await store.public_rooms(uow, participant(uow), query, limit, after))


async def _views(uow: UnitOfWork, seen: Sequence[store.Counted]) -> list[RoomView]:
    direct = [each.room.id for each in seen if each.room.kind == "direct"]
    people = await member_store.people_of_direct_rooms(uow, direct) if direct else {}
    return [
        RoomView(each.room, each.member if is_active(each.member) else None, each.counts, people.get(each.room.id, ()))
        for each in seen
    ]


async def change_room(uow: UnitOfWork, room_id: UUID, change: RoomChange, if_match: str | None) -> RoomView:
    """Raises RoomNotFound, NotAMember, RoomRoleRequired, DirectRoom, PreconditionFailed."""
    needed = RoomRole.MODERATOR if change.archived is None and change.visibility is None else RoomRole.OWNER
    room, _ = await governed_room(uow, room_id, needed)
    require_match(if_match, etag(room))
    if room.kind == "direct":
        raise DirectRoom
    wanted = change.model_dump(exclude_none=True, exclude={"archived"})
    changed = {name: value for name, value in wanted.items() if getattr(room, name) != value}
    frames = []
    for name, value in changed.items():
        setattr(room, name, value)
        if name in ("name", "topic"):
            frames.append(tell(uow, room, "renamed" if name == "name" else "topic_changed", **{name: value}))
    if change.archived is not None and change.archived != (room.archived_at is not None):
        room.archived_at = uow.now if change.archived else None
        frames.append(tell(uow, room, "archived" if change.archived else "reopened"))
        if change.archived:
            uow.emit(RoomArchived(uow.tenant_id, room.id))
    if changed or frames:
        room.version += 1
        room.changed_version = room.version
        await uow.session.flush()
        announce(uow, room, frames, with_room=True)
    return await view(uow, room_id)


def etag(room: Room) -> str:
    """Changes when the room itself changes, not with each message."""
    return etag_of(room.id, room.changed_version)
