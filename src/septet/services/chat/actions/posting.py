"""Posting messages, many at once: each is refused or stored by itself, under the locks of all their rooms."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from septet.kernel.errors import Problem
from septet.kernel.uow import UnitOfWork
from septet.services.chat.errors import (
    AnnouncementsOnly,
    Banned,
    ClientMessageIdReused,
    EmptyMessage,
    MessageTooLong,
    Muted,
    NotAMember,
    ReplyNotFound,
    RoomArchived,
    RoomNotFound,
    SlowMode,
)
from septet.services.chat.events import MessageAddressed
from septet.services.chat.models import Member, Message, Room
from septet.services.chat.schemas import RoomRole
from septet.services.chat.settings import ChatSettings
from septet.services.chat.store import members as member_store
from septet.services.chat.store import messages as message_store
from septet.services.chat.store import sending as store

MENTION = re.compile(r"(?<![\w@./])@(?:\{|<)?([\w][\w.\-]*[\w]|[\w])")
ROOM_MENTION = "room"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that somebody wants to post; `author_id` has been authenticated and may write in the organization."""

    room_id: UUID
    author_id: UUID
    client_message_id: str
    body: str
    reply_to: UUID | None = None
    attachments: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The stored message; not `new`: it was there already."""

    message: Message
    new: bool


async def post(uow: UnitOfWork, drafts: Sequence[Draft]) -> list[Outcome | Exception]:
    """An outcome or a refusal for each draft, in order. Raises IntegrityError when another batch was faster."""
    rooms = await store.lock_rooms(uow, {draft.room_id for draft in drafts})
    pairs = {(draft.room_id, draft.author_id) for draft in drafts}
    members = await store.members_among(uow, pairs)
    known = {
        (message.author_id, message.client_message_id): message
        for message in await message_store.by_client_ids(
            uow, [d.author_id for d in drafts], [d.client_message_id for d in drafts]
        )
    }
    threads = await _threads(uow, drafts)
    batch = _Batch(uow, uow.now, rooms, members, known, threads, await _callable_members(uow, drafts))
    outcomes = [batch.outcome_of(draft) for draft in drafts]
    await batch.store()
    return outcomes


async def _threads(uow: UnitOfWork, drafts: Sequence[Draft]) -> Mapping[UUID, tuple[UUID, UUID]]:
    replied_to = {draft.reply_to for draft in drafts if draft.reply_to is not None}
    return await store.threads_of(uow, replied_to) if replied_to else {}


async def _callable_members(uow: UnitOfWork, drafts: Sequence[Draft]) -> dict[tuple[UUID, str], list[UUID]]:
    """Whom each `@name` in the drafts means, by room and name."""
    names = {name for draft in drafts for name in mentioned_names(draft.body) if name != ROOM_MENTION}
    called: dict[tuple[UUID, str], list[UUID]] = {}
    if names:
        for member in await member_store.members_called(uow, {draft.room_id for draft in drafts}, names):
            for name in (*member.names, str(member.user_id)):
                called.setdefault((member.room_id, name), []).append(member.user_id)
    return called


def mentioned_names(body: str) -> set[str]:
    """What follows an `@`, in lower case."""
    return {name.lower() for name in MENTION.findall(body)} if "@" in body else set()


@dataclass
class _Batch:
    uow: UnitOfWork
    now: datetime
    rooms: Mapping[UUID, Room]
    members: Mapping[tuple[UUID, UUID], Member]
    known: dict[tuple[UUID, str], Message]
    threads: Mapping[UUID, tuple[UUID, UUID]]
    called: Mapping[tuple[UUID, str], Sequence[UUID]]
    new: list[Message] = field(default_factory=list)
    ends: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    sent_slowly: set[tuple[UUID, UUID]] = field(default_factory=set)

    def outcome_of(self, draft: Draft) -> Outcome | Exception:
        try:
            room, member = self._writable(draft)
            if (known := self.known.get((draft.author_id, draft.client_message_id))) is not None:
                if known.room_id != draft.room_id:
                    raise ClientMessageIdReused
                return Outcome(known, new=False)
            self._check(draft, room, member)
            return Outcome(self._add(draft, room), new=True)
        except Problem as problem:
            return problem

    def _writable(self, draft: Draft) -> tuple[Room, Member]:
        room = self.rooms.get(draft.room_id)
        member = self.members.get((draft.room_id, draft.author_id))
        active = member is not None and member.status == "active"
        if room is None or (not active and room.visibility != "public"):
            raise RoomNotFound
        if member is not None and member.status == "banned":
            raise Banned
        if member is None or not active:
            raise NotAMember
        return room, member

    def _check(self, draft: Draft, room: Room, member: Member) -> None:
        if room.archived_at is not None:
            raise RoomArchived
        privileged = RoomRole(member.role).includes(RoomRole.MODERATOR)
        if room.announcement and not privileged:
            raise AnnouncementsOnly
        if member.muted_until is not None and member.muted_until > self.now:
            raise Muted(f"You may read but not write here until {member.muted_until.isoformat()}.")
        if room.slow_mode_seconds and not privileged:
            self._check_pace(room, member)
        check_body(self.uow, draft.body, bool(draft.attachments))
        if draft.reply_to is not None and self.threads.get(draft.reply_to, (None, None))[0] != room.id:
            raise ReplyNotFound

    def _check_pace(self, room: Room, member: Member) -> None:
        pair = (room.id, member.user_id)
        wait = timedelta(seconds=room.slow_mode_seconds)
        if pair not in self.sent_slowly:
            wait = (member.last_sent_at or self.now - wait) + wait - self.now
        if wait > timedelta():
            seconds = ceil(wait.total_seconds())
            raise SlowMode(
                f"Write again in {seconds} s.", headers={"Retry-After": str(seconds)}, retryAfterSeconds=seconds
            )
        self.sent_slowly.add(pair)

    def _add(self, draft: Draft, room: Room) -> Message:
        seq, version = self.ends.get(room.id, (room.last_seq, room.version))
        self.ends[room.id] = seq + 1, version + 1
        names = mentioned_names(draft.body)
        mentions = {user for name in names for user in self.called.get((room.id, name), ())} - {draft.author_id}
        message = Message(
            tenant_id=self.uow.tenant_id,
            room_id=room.id,
            seq=seq + 1,
            id=self.uow.new_id(),
            kind="message",
            author_id=draft.author_id,
            client_message_id=draft.client_message_id,
            body=draft.body,
            reply_to=draft.reply_to,
            thread_id=self.threads[draft.reply_to][1] if draft.reply_to is not None else None,
            mentions=sorted(mentions),
            mentions_room=ROOM_MENTION in names,
            attachments=draft.attachments,
            reactions={},
            system=None,
            version=version + 1,
            created_version=version + 1,
            sent_at=self.now,
            edited_at=None,
            deleted_at=None,
            pinned_at=None,
            pinned_by=None,
        )
        self.new.append(message)
        self.known[draft.author_id, draft.client_message_id] = message
        if mentions or message.mentions_room or room.kind == "direct":
            self.uow.emit(MessageAddressed(self.uow.tenant_id, room.id, message.id))
        return message

    async def store(self) -> None:
        if not self.new:
            return
        await store.insert_messages(self.uow, self.new, self.now)
        await store.advance_rooms(self.uow, [(room_id, *end) for room_id, end in self.ends.items()])
        if self.sent_slowly:
            await store.note_last_sent(self.uow, self.sent_slowly, self.now)


def check_body(uow: UnitOfWork, body: str, has_attachments: bool = False) -> None:
    """Raises EmptyMessage, MessageTooLong."""
    if not body.strip() and not has_attachments:
        raise EmptyMessage
    largest = uow.settings(ChatSettings).max_body_bytes
    if (size := len(body.encode())) > largest:
        raise MessageTooLong(f"`body` has {size} bytes; at most {largest} are accepted.", largest=largest)
