"""Members of rooms, their read cursors, and who shares a room with whom."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, case, select, text, tuple_
from sqlalchemy.orm import aliased

from septet.kernel.uow import UnitOfWork
from septet.services.chat.models import Member, Room
from septet.services.chat.store.rooms import ACTIVE

_MOVE_CURSORS = text(
    """UPDATE chat.members m SET read_seq = least(asked.seq, r.last_seq)
       FROM unnest(CAST(:rooms AS uuid[]), CAST(:users AS uuid[]), CAST(:seqs AS bigint[]))
         AS asked (room_id, user_id, seq)
       JOIN chat.rooms r ON r.tenant_id = :tenant AND r.id = asked.room_id
       WHERE m.tenant_id = :tenant AND m.room_id = asked.room_id AND m.user_id = asked.user_id AND m.status = 'active'
         AND m.read_seq < least(asked.seq, r.last_seq)
       RETURNING m.room_id, m.user_id, m.read_seq, r.member_count"""
)


async def member(uow: UnitOfWork, room_id: UUID, user_id: UUID) -> Member | None:
    """The membership of whatever status."""
    statement = select(Member).where(
        Member.tenant_id == uow.tenant_id, Member.room_id == room_id, Member.user_id == user_id
    )
    found: Member | None = await uow.session.scalar(statement.execution_options(populate_existing=True))
    return found


async def members(
    uow: UnitOfWork, room_id: UUID, status: str, limit: int, after: tuple[datetime, UUID] | None = None
) -> Sequence[Member]:
    statement = select(Member).where(
        Member.tenant_id == uow.tenant_id, Member.room_id == room_id, Member.status == status
    )
    if after is not None:
        statement = statement.where(tuple_(Member.joined_at, Member.user_id) > after)
    return (await uow.session.scalars(statement.order_by(Member.joined_at, Member.user_id).limit(limit))).all()


async def members_called(uow: UnitOfWork, rooms: Collection[UUID], names: Collection[str]) -> Sequence[Member]:
    """Active members of the rooms whom one of these names (or ids) may mean."""
    ids = [UUID(name) for name in names if len(name) == 36 and name.count("-") == 4]
    statement = select(Member).where(
        Member.tenant_id == uow.tenant_id,
        Member.room_id.in_(rooms),
        Member.status == ACTIVE,
        Member.names.overlap(list(names)) | Member.user_id.in_(ids),
    )
    return (await uow.session.scalars(statement)).all()


async def user_ids(uow: UnitOfWork, room_id: UUID) -> Sequence[UUID]:
    statement = select(Member.user_id).where(
        Member.tenant_id == uow.tenant_id, Member.room_id == room_id, Member.status == ACTIVE
    )
    return (await uow.session.scalars(statement)).all()


async def people_of_direct_rooms(uow: UnitOfWork, room_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    statement = select(Member.room_id, Member.user_id).where(
        Member.tenant_id == uow.tenant_id, Member.room_id.in_(room_ids)
    )
    people: dict[UUID, list[UUID]] = {}
    for row in await uow.execute(statement.order_by(Member.user_id)):
        people.setdefault(row.room_id, []).append(row.user_id)
    return people


async def cursors(uow: UnitOfWork, room_id: UUID) -> Sequence[Member]:
    return await members(uow, room_id, ACTIVE, limit=10_000)


async def cursors_of(uow: UnitOfWork, room_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """By room and user, how far its members have read."""
    statement = select(Member.room_id, Member.user_id, Member.read_seq).where(
        Member.tenant_id == uow.tenant_id, Member.room_id.in_(room_ids), Member.status == ACTIVE
    )
    found: dict[UUID, dict[str, int]] = {}
    for row in await uow.execute(statement):
        found.setdefault(row.room_id, {})[str(row.user_id)] = row.read_seq
    return found


async def move_cursors(uow: UnitOfWork, moves: Mapping[tuple[UUID, UUID], int]) -> list[tuple[UUID, UUID, int, int]]:
    """Move read cursors, by (room, user), forward; returns (room, user, seq, member count) of those that moved."""
    ordered = sorted(moves)
    parameters = {
        "tenant": uow.tenant_id,
        "rooms": [room_id for room_id, _ in ordered],
        "users": [user_id for _, user_id in ordered],
        "seqs": [moves[each] for each in ordered],
    }
    return [
        (row.room_id, row.user_id, row.read_seq, row.member_count)
        for row in await uow.execute(_MOVE_CURSORS, parameters)
    ]


async def small_rooms_of(uow: UnitOfWork, user_id: UUID, largest: int) -> Sequence[UUID]:
    """Rooms of the user with at most `largest` members."""
    statement = (
        select(Member.room_id)
        .join(Room, (Room.tenant_id == Member.tenant_id) & (Room.id == Member.room_id))
        .where(
            Member.tenant_id == uow.tenant_id,
            Member.user_id == user_id,
            Member.status == ACTIVE,
            Room.member_count <= largest,
        )
    )
    return (await uow.session.scalars(statement)).all()


async def sharing_a_room(uow: UnitOfWork, user_id: UUID, others: Collection[UUID]) -> set[UUID]:
    """Those of the others who are in some room together with the user."""
    mine, theirs = aliased(Member), aliased(Member)
    statement = (
        select(theirs.user_id)
        .distinct()
        .join(mine, (mine.tenant_id == theirs.tenant_id) & (mine.room_id == theirs.room_id))
        .where(
            mine.tenant_id == uow.tenant_id,
            mine.user_id == user_id,
            mine.status == ACTIVE,
            theirs.user_id.in_(others),
            theirs.status == ACTIVE,
        )
    )
    return set((await uow.session.scalars(statement)).all())


async def room_ids_of(uow: UnitOfWork, user_id: UUID) -> Sequence[UUID]:
    statement = select(Member.room_id).where(
        Member.tenant_id == uow.tenant_id, Member.user_id == user_id, Member.status == ACTIVE
    )
    return (await uow.session.scalars(statement.order_by(Member.room_id))).all()


async def has_other_owner(uow: UnitOfWork, room_id: UUID, user_id: UUID) -> bool:
    statement = _others(uow, room_id, user_id).where(Member.role == "owner")
    return (await uow.execute(statement.limit(1))).first() is not None


async def heir(uow: UnitOfWork, room_id: UUID, leaving: UUID) -> Member | None:
    """Who takes over from the last owner: a moderator if there is one, else who has been there longest."""
    moderators_first = case((Member.role == "moderator", 0), else_=1)
    statement = _others(uow, room_id, leaving).order_by(moderators_first, Member.joined_at, Member.user_id).limit(1)
    found: Member | None = await uow.session.scalar(statement)
    return found


def _others(uow: UnitOfWork, room_id: UUID, user_id: UUID) -> Select[Member]:
    return select(Member).where(
        Member.tenant_id == uow.tenant_id,
        Member.room_id == room_id,
        Member.status == ACTIVE,
        Member.user_id != user_id,
    )
