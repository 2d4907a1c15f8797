"""Chat's tables, in the PostgreSQL schema `chat`.

A room counts twice. `last_seq` numbers its messages, without gaps, for ever. `version` numbers all its lasting changes
(messages, edits, deletions, reactions, pins, members, the room itself), and each row carries the version of its latest
change: "what changed since version v" is a range scan, and no log of changes is kept. Both are given under the lock on
the room's row, in the transaction that makes the change.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, String, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from septet.kernel.postgres import TenantOwned, service_metadata

Moment = DateTime(timezone=True)


class Base(DeclarativeBase):
    metadata = service_metadata("chat")


class Room(TenantOwned, Base):
    """`kind`: room, group or direct. `subject`: what this is the only room of, such as a pair of users."""

    __tablename__ = "rooms"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    topic: Mapped[str]
    visibility: Mapped[str]
    announcement: Mapped[bool]
    tells_joins: Mapped[bool]
    slow_mode_seconds: Mapped[int]
    subject: Mapped[str | None]
    member_count: Mapped[int]
    last_seq: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(BigInteger)
    changed_version: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[UUID] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment)
    archived_at: Mapped[datetime | None] = mapped_column(Moment)


class Member(TenantOwned, Base):
    """`status`: active, left or banned; a row is never deleted, so that leaving is a change one can resume over.

    `names` is what `@name` may call them, in lower case. `joined_seq`: the room's last message when they joined.
    """

    __tablename__ = "members"

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    status: Mapped[str]
    role: Mapped[str]
    name: Mapped[str]
    names: Mapped[list[str]] = mapped_column(ARRAY(Text))
    read_seq: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(BigInteger)
    joined_at: Mapped[datetime] = mapped_column(Moment)
    muted_until: Mapped[datetime | None] = mapped_column(Moment)
    last_sent_at: Mapped[datetime | None] = mapped_column(Moment)


class Message(TenantOwned, Base):
    """`kind`: message or system. `version`: of its latest change; `created_version`: of its creation, which stays."""

    __tablename__ = "messages"
    withheld = False  # no column: see `actions.reach`

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(Uuid)
    client_message_id: Mapped[str]
    body: Mapped[str]
    reply_to: Mapped[UUID | None] = mapped_column(Uuid)
    thread_id: Mapped[UUID | None] = mapped_column(Uuid)
    mentions: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    mentions_room: Mapped[bool]
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    reactions: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    system: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(BigInteger)
    created_version: Mapped[int] = mapped_column(BigInteger)
    sent_at: Mapped[datetime] = mapped_column(Moment)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    pinned_at: Mapped[datetime | None] = mapped_column(Moment)
    pinned_by: Mapped[UUID | None] = mapped_column(Uuid)


class Edit(TenantOwned, Base):
    """A body that a message had until `replaced_at`."""

    __tablename__ = "edits"

    message_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    replaced_at: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    body: Mapped[str] = mapped_column(String)
