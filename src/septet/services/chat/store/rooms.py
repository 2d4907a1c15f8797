"""Rooms, and what a user sees of them: unread and mention counts are counted from the messages, so they are right."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, any_, func, or_, select, true
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.chat.models import Member, Message, Room

ACTIVE = "active"
Seen = tuple[Room, Member | None]


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one room for one user, as of the room's `version`."""

    unread: int
    mentions: int
    version: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A room, the user's membership of whatever status, and what they have not read; of one moment."""

    room: Room
    member: Member | None
    counts: Counts


_COUNTED = (
    select(
        func.count().label("unread"),
        func.count().filter(or_(Message.mentions_room, any_(Message.mentions) == Member.user_id)).label("mentioned"),
    )
    .where(
        Message.tenant_id == Member.tenant_id,
        Message.room_id == Member.room_id,
        Message.seq > Member.read_seq,
        Message.author_id != Member.user_id,
        Message.kind == "message",
        Message.deleted_at.is_(None),
        Member.status == ACTIVE,
    )
    .correlate(Member)
    .lateral("counted")
)


async def room(uow: UnitOfWork, room_id: UUID, user_id: UUID | None) -> Seen | None:
    """The room with the user's membership of whatever status."""
    row = (await uow.execute(_with_member(uow, user_id).where(Room.id == room_id))).first()
    return (row.Room, row.Member) if row is not None else None


async def lock_room(uow: UnitOfWork, room_id: UUID) -> Room | None:
    """The room as it is now; nobody else changes it until this transaction ends."""
    statement = select(Room).where(Room.tenant_id == uow.tenant_id, Room.id == room_id)
    found: Room | None = await uow.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    return found


async def rooms_of(
    uow: UnitOfWork, user_id: UUID, *, limit: int | None = None, after: UUID | None = None
) -> Sequence[Counted]:
    """The rooms that the user is a member of, oldest first."""
    statement = _with_member(uow, user_id).where(Member.status == ACTIVE).order_by(Room.id).limit(limit)
    if after is not None:
        statement = statement.where(Room.id > after)
    return await _counted(uow, statement)


async def own_and_readable_rooms(uow: UnitOfWork, user_id: UUID, room_ids: Collection[UUID]) -> Sequence[Counted]:
    """The user's rooms, and those of the others named that they may read."""
    of_others = and_(Room.id.in_(room_ids), Room.visibility == "public", Member.status.is_distinct_from("banned"))
    return await _counted(uow, _with_member(uow, user_id).where(or_(Member.status == ACTIVE, of_others)))


async def readable_rooms(uow: UnitOfWork, user_id: UUID, room_ids: Collection[UUID]) -> Sequence[Counted]:
    """Those of the rooms that the user may read."""
    readable = or_(Member.status == ACTIVE, and_(Room.visibility == "public", Member.status.is_distinct_from("banned")))
    return await _counted(uow, _with_member(uow, user_id).where(Room.id.in_(room_ids), readable))


async def public_rooms(
    uow: UnitOfWork, user_id: UUID | None, query: str, limit: int, after: UUID | None
) -> Sequence[Counted]:
    statement = _with_member(uow, user_id).where(Room.visibility == "public", Room.archived_at.is_(None))
    if query:
        statement = statement.where(func.lower(Room.name).contains(query.lower(), autoescape=True))
    if after is not None:
        statement = statement.where(Room.id > after)
    return await _counted(uow, statement.order_by(Room.id).limit(limit))


def _with_member(uow: UnitOfWork, user_id: UUID | None) -> Select[Room, Member]:
    mine = and_(Member.tenant_id == Room.tenant_id, Member.room_id == Room.id, Member.user_id == user_id)
    return select(Room, Member).outerjoin(Member, mine).where(Room.tenant_id == uow.tenant_id)


async def _counted(uow: UnitOfWork, statement: Select[Room, Member]) -> list[Counted]:
    """One statement, so that counts and version are of the same moment."""
    counted = statement.add_columns(_COUNTED.c.unread, _COUNTED.c.mentioned).join(_COUNTED, true())
    return [
        Counted(row.Room, row.Member, Counts(row.unread, row.mentioned, row.Room.version))
        for row in await uow.execute(counted.execution_options(populate_existing=True))
    ]


async def only_room_of_subject(uow: UnitOfWork, room: Room) -> tuple[Room, bool]:
    """The subject's room, locked, and whether it is this one, however close the race was."""
    columns = {column.key: getattr(room, column.key) for column in Room.__table__.columns}
    statement = insert(Room).values(columns).on_conflict_do_nothing(index_elements=["tenant_id", "subject"])
    new = (await uow.execute(statement.returning(Room.id))).first() is not None
    assert room.subject is not None, "given by the caller"
    room_id = room.id if new else await room_id_of_subject(uow, room.subject)
    assert room_id is not None, "the other transaction has committed"
    only = await lock_room(uow, room_id)
    assert only is not None, "rooms are never deleted"
    return only, new


async def room_id_of_subject(uow: UnitOfWork, subject: str) -> UUID | None:
    statement = select(Room.id).where(Room.tenant_id == uow.tenant_id, Room.subject == subject)
    found: UUID | None = await uow.session.scalar(statement)
    return found


async def counts(uow: UnitOfWork, user_id: UUID, room_ids: Collection[UUID]) -> dict[UUID, Counts]:
    """Unread messages and mentions of the user in these rooms."""
    return {
        each.room.id: each.counts
        for each in await _counted(uow, _with_member(uow, user_id).where(Room.id.in_(room_ids)))
    }
