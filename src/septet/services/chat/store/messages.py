"""Messages: history, threads, pins, edits, and what changed in rooms since a version."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, text, values
from sqlalchemy import column as sql_column
from sqlalchemy.types import BigInteger, Uuid

from septet.kernel.ids import first_id_of
from septet.kernel.uow import UnitOfWork
from septet.services.chat.models import Edit, Member, Message, Room

_BY_CLIENT_IDS = text(
    """SELECT m.* FROM chat.messages m
       JOIN unnest(CAST(:authors AS uuid[]), CAST(:client_ids AS text[])) AS asked (author_id, client_message_id)
         USING (author_id, client_message_id)
       WHERE m.tenant_id = :tenant"""
)


async def message(uow: UnitOfWork, message_id: UUID) -> Message | None:
    statement = select(Message).where(Message.tenant_id == uow.tenant_id, Message.id == message_id)
    found: Message | None = await uow.session.scalar(statement.execution_options(populate_existing=True))
    return found


async def by_client_ids(uow: UnitOfWork, authors: Sequence[UUID], client_ids: Sequence[str]) -> Sequence[Message]:
    """Messages of the (author, clientMessageId) pairs that exist already."""
    parameters = {"tenant": uow.tenant_id, "authors": authors, "client_ids": client_ids}
    return (await uow.session.scalars(select(Message).from_statement(_BY_CLIENT_IDS), parameters)).all()


async def history(
    uow: UnitOfWork,
    room_id: UUID,
    limit: int,
    *,
    before: int | None = None,
    after: int | None = None,
    until: int | None = None,
) -> list[Message]:
    """Up to `limit` messages in order: the first ones after `after`, else the last ones before `before` or of all."""
    statement = select(Message).where(Message.tenant_id == uow.tenant_id, Message.room_id == room_id)
    if before is not None:
        statement = statement.where(Message.seq < before)
    if until is not None:
        statement = statement.where(Message.seq <= until)
    if after is not None:
        statement = statement.where(Message.seq > after).order_by(Message.seq)
        return list((await uow.session.scalars(statement.limit(limit))).all())
    found = (await uow.session.scalars(statement.order_by(Message.seq.desc()).limit(limit))).all()
    return list(reversed(found))


async def seq_at(uow: UnitOfWork, room_id: UUID, moment: datetime) -> int | None:
    """The first message that was sent at `moment` or later."""
    statement = select(func.min(Message.seq)).where(
        Message.tenant_id == uow.tenant_id, Message.room_id == room_id, Message.sent_at >= moment
    )
    found: int | None = await uow.session.scalar(statement)
    return found


async def thread(uow: UnitOfWork, root: Message, limit: int, after: int | None) -> Sequence[Message]:
    """The first message of a thread and the answers, in order."""
    statement = select(Message).where(
        Message.tenant_id == uow.tenant_id,
        Message.room_id == root.room_id,
        or_(Message.id == root.id, Message.thread_id == root.id),
    )
    if after is not None:
        statement = statement.where(Message.seq > after)
    return (await uow.session.scalars(statement.order_by(Message.seq).limit(limit))).all()


async def pinned(uow: UnitOfWork, room_id: UUID) -> Sequence[Message]:
    statement = select(Message).where(
        Message.tenant_id == uow.tenant_id, Message.room_id == room_id, Message.pinned_at.is_not(None)
    )
    return (await uow.session.scalars(statement.order_by(Message.pinned_at.desc()))).all()


async def edits(uow: UnitOfWork, message_id: UUID) -> Sequence[Edit]:
    statement = select(Edit).where(Edit.tenant_id == uow.tenant_id, Edit.message_id == message_id)
    return (await uow.session.scalars(statement.order_by(Edit.replaced_at))).all()


async def forget_edits(uow: UnitOfWork, message_id: UUID) -> None:
    await uow.execute(delete(Edit).where(Edit.tenant_id == uow.tenant_id, Edit.message_id == message_id))


async def version_when_sent(uow: UnitOfWork, seqs: Mapping[UUID, int]) -> dict[UUID, int]:
    """By room, the version at which the message `seq` was sent; 0 where there is no such message."""
    asked = values(sql_column("room_id", Uuid), sql_column("seq", BigInteger), name="asked").data(list(seqs.items()))
    statement = select(Message.room_id, Message.created_version).join(
        asked, and_(Message.room_id == asked.c.room_id, Message.seq == asked.c.seq)
    )
    rows = await uow.execute(statement.where(Message.tenant_id == uow.tenant_id)) if seqs else ()
    return dict.fromkeys(seqs, 0) | {row.room_id: row.created_version for row in rows}


async def changed_messages(
    uow: UnitOfWork, room_id: UUID, until_seq: int, after_version: int, limit: int
) -> Sequence[Message]:
    """Messages up to `until_seq` that changed after a version, in the order of their latest changes."""
    statement = select(Message).where(
        Message.tenant_id == uow.tenant_id,
        Message.room_id == room_id,
        Message.version > after_version,
        Message.seq <= until_seq,
    )
    ordered = statement.order_by(Message.version).limit(limit).execution_options(populate_existing=True)
    return (await uow.session.scalars(ordered)).all()


async def changed_members(uow: UnitOfWork, room_id: UUID, after_version: int) -> Sequence[Member]:
    statement = select(Member).where(
        Member.tenant_id == uow.tenant_id, Member.room_id == room_id, Member.version > after_version
    )
    ordered = statement.order_by(Member.version).execution_options(populate_existing=True)
    return (await uow.session.scalars(ordered)).all()


async def rooms_now(uow: UnitOfWork, room_ids: Sequence[UUID]) -> dict[UUID, Room]:
    statement = select(Room).where(Room.tenant_id == uow.tenant_id, Room.id.in_(room_ids))
    found = await uow.session.scalars(statement.execution_options(populate_existing=True))
    return {room.id: room for room in found}


async def count_on(uow: UnitOfWork, day: date) -> int:
    """People's messages of a day (UTC)."""
    ids = Message.id.between(first_id_of(day), first_id_of(day + timedelta(days=1)))
    statement = select(func.count()).where(Message.tenant_id == uow.tenant_id, ids, Message.kind == "message")
    return await uow.session.scalar(statement) or 0
