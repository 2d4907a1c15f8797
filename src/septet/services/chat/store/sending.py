"""The four statements that store a batch of messages of one tenant, whatever their number and their rooms."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from septet.kernel.uow import UnitOfWork
from septet.services.chat.models import Member, Message, Room

_MEMBERS = text(
    """SELECT m.* FROM chat.members m
       JOIN unnest(CAST(:rooms AS uuid[]), CAST(:users AS uuid[])) AS asked (room_id, user_id) USING (room_id, user_id)
       WHERE m.tenant_id = :tenant"""
)
_REPLIED_TO = text(
    """SELECT id, room_id, coalesce(thread_id, id) AS thread_id FROM chat.messages
       WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS uuid[]))"""
)
_INSERT = text(
    """INSERT INTO chat.messages (tenant_id, room_id, seq, id, kind, author_id, client_message_id, body, reply_to,
         thread_id, mentions, mentions_room, attachments, reactions, version, created_version, sent_at)
       SELECT :tenant, n.room_id, n.seq, n.id, 'message', n.author_id, n.client_message_id, n.body, n.reply_to,
         n.thread_id, CAST(n.mentions AS uuid[]), n.mentions_room, CAST(n.attachments AS jsonb), '{}', n.version,
         n.version, :now
       FROM unnest(CAST(:room_ids AS uuid[]), CAST(:seqs AS bigint[]), CAST(:ids AS uuid[]), CAST(:authors AS uuid[]),
         CAST(:client_ids AS text[]), CAST(:bodies AS text[]), CAST(:replies AS uuid[]), CAST(:threads AS uuid[]),
         CAST(:mentions AS text[]), CAST(:room_mentions AS boolean[]), CAST(:attachments AS text[]),
         CAST(:versions AS bigint[]))
         AS n (room_id, seq, id, author_id, client_message_id, body, reply_to, thread_id, mentions, mentions_room,
               attachments, version)"""
)
_ADVANCE = text(
    """UPDATE chat.rooms r SET last_seq = n.last_seq, version = n.version
       FROM unnest(CAST(:rooms AS uuid[]), CAST(:seqs AS bigint[]), CAST(:versions AS bigint[]))
         AS n (id, last_seq, version)
       WHERE r.tenant_id = :tenant AND r.id = n.id"""
)
_NOTE_LAST_SENT = text(
    """UPDATE chat.members m SET last_sent_at = :now
       FROM unnest(CAST(:rooms AS uuid[]), CAST(:users AS uuid[])) AS n (room_id, user_id)
       WHERE m.tenant_id = :tenant AND m.room_id = n.room_id AND m.user_id = n.user_id"""
)


async def lock_rooms(uow: UnitOfWork, room_ids: Collection[UUID]) -> dict[UUID, Room]:
    """The rooms as they are now, locked in the order of their ids, so that two batches cannot block each other."""
    statement = select(Room).where(Room.tenant_id == uow.tenant_id, Room.id.in_(room_ids)).order_by(Room.id)
    locked = statement.with_for_update().execution_options(populate_existing=True)
    return {room.id: room for room in await uow.session.scalars(locked)}


async def members_among(uow: UnitOfWork, pairs: Collection[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Member]:
    """The memberships, of whatever status, of these (room, user) pairs."""
    parameters = {
        "tenant": uow.tenant_id,
        "rooms": [room_id for room_id, _ in pairs],
        "users": [user_id for _, user_id in pairs],
    }
    found = await uow.session.scalars(select(Member).from_statement(_MEMBERS), parameters)
    return {(member.room_id, member.user_id): member for member in found}


async def threads_of(uow: UnitOfWork, message_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, UUID]]:
    """Of each message: its room and the thread that an answer to it belongs to."""
    rows = await uow.execute(_REPLIED_TO, {"tenant": uow.tenant_id, "ids": list(message_ids)})
    return {row.id: (row.room_id, row.thread_id) for row in rows}


async def insert_messages(uow: UnitOfWork, messages: Sequence[Message], now: datetime) -> None:
    """One statement. Raises IntegrityError when a clientMessageId was used meanwhile."""
    await uow.execute(
        _INSERT,
        {
            "tenant": uow.tenant_id,
            "now": now,
            "room_ids": [m.room_id for m in messages],
            "seqs": [m.seq for m in messages],
            "ids": [m.id for m in messages],
            "authors": [m.author_id for m in messages],
            "client_ids": [m.client_message_id for m in messages],
            "bodies": [m.body for m in messages],
            "replies": [m.reply_to for m in messages],
            "threads": [m.thread_id for m in messages],
            "mentions": ["{" + ",".join(map(str, m.mentions)) + "}" for m in messages],
            "room_mentions": [m.mentions_room for m in messages],
            "attachments": [json.dumps(m.attachments) if m.attachments else "[]" for m in messages],
            "versions": [m.version for m in messages],
        },
    )


async def advance_rooms(uow: UnitOfWork, ends: Collection[tuple[UUID, int, int]]) -> None:
    """Write each room's new last `seq` and version."""
    room_ids, seqs, versions = zip(*ends, strict=True)
    parameters = {"tenant": uow.tenant_id, "rooms": room_ids, "seqs": seqs, "versions": versions}
    await uow.execute(_ADVANCE, {name: list(v) if isinstance(v, tuple) else v for name, v in parameters.items()})


async def note_last_sent(uow: UnitOfWork, pairs: Collection[tuple[UUID, UUID]], now: datetime) -> None:
    parameters = {"tenant": uow.tenant_id, "now": now, "rooms": [r for r, _ in pairs], "users": [u for _, u in pairs]}
    await uow.execute(_NOTE_LAST_SENT, parameters)
