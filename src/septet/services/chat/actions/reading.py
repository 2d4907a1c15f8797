"""History, search, and how far one has read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from septet.kernel.identity import system_actor
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.chat import permissions
from septet.services.chat.actions.access import participant, readable_room
from septet.services.chat.actions.reach import first_moment, shown
from septet.services.chat.errors import NotAMember
from septet.services.chat.models import Member, Message
from septet.services.chat.publishing import publish_cursor, publish_to_user
from septet.services.chat.settings import ChatSettings
from septet.services.chat.store import members as member_store
from septet.services.chat.store import messages as store
from septet.services.chat.store import rooms as room_store
from septet.services.chat.store import search as search_store


@dataclass(frozen=True, slots=True)
class Cursor:
    """A member's read cursor after it was moved, with what is still unread."""

    room_id: UUID
    user_id: UUID
    seq: int
    counts: room_store.Counts


async def history(
    uow: UnitOfWork, room_id: UUID, limit: int, *, before: int | None, after: int | None
) -> list[Message]:
    """Raises RoomNotFound, Banned."""
    await readable_room(uow, room_id)
    return await shown(uow, await store.history(uow, room_id, limit, before=before, after=after))


async def seq_before(uow: UnitOfWork, room_id: UUID, moment: datetime) -> int | None:
    """The message before the first that was sent at `moment` or later; None when there is no such message."""
    await readable_room(uow, room_id)
    found = await store.seq_at(uow, room_id, moment)
    return found - 1 if found is not None else None


async def search(uow: UnitOfWork, query: search_store.Query, limit: int, offset: int) -> Sequence[search_store.Hit]:
    """Messages in rooms that the actor may read. Raises RoomNotFound when a room is named that they may not."""
    uow.actor.require(permissions.READ)
    if query.room_id is not None:
        await readable_room(uow, query.room_id)
        rooms: Sequence[UUID] = [query.room_id]
    else:
        rooms = await member_store.room_ids_of(uow, participant(uow))
    since = await first_moment(uow)
    query = replace(query, after=max(query.after or since, since))
    return await search_store.search(uow, query, rooms, limit, offset)


async def read(uow: UnitOfWork, room_id: UUID, seq: int) -> Cursor:
    """Move the actor's cursor forward. Raises RoomNotFound, Banned, NotAMember."""
    _, member = await readable_room(uow, room_id)
    if member is None or member.status != "active":
        raise NotAMember
    user_id = member.user_id
    moved = await member_store.move_cursors(uow, {(room_id, user_id): seq})
    counts = (await room_store.counts(uow, user_id, [room_id]))[room_id]
    cursor = Cursor(room_id, user_id, moved[0][2] if moved else member.read_seq, counts)
    runtime, tenant_id = uow.runtime, uow.tenant_id

    async def publish() -> None:
        tell_cursors(runtime, tenant_id, moved, {(room_id, user_id): counts})

    uow.after_commit(publish)
    return cursor


async def read_many(runtime: Runtime, tenant_id: UUID, moves: Mapping[tuple[UUID, UUID], int]) -> None:
    """Move many cursors, by (room, user), at once; those of rooms one is not in are left alone."""
    with runtime.postgres.faults_translated():
        async with UnitOfWork(runtime, system_actor(tenant_id)) as uow:
            moved = await member_store.move_cursors(uow, moves)
            counts: dict[tuple[UUID, UUID], room_store.Counts] = {}
            for user_id in {user_id for _, user_id, _, _ in moved}:
                rooms = [room_id for room_id, user, _, _ in moved if user == user_id]
                found = await room_store.counts(uow, user_id, rooms)
                counts |= {(room_id, user_id): found[room_id] for room_id in rooms}
            await uow.commit()
    tell_cursors(runtime, tenant_id, moved, counts)


def tell_cursors(
    runtime: Runtime,
    tenant_id: UUID,
    moved: Sequence[tuple[UUID, UUID, int, int]],
    counts: Mapping[tuple[UUID, UUID], room_store.Counts],
) -> None:
    """To the user's own sessions always; to the room's members where they are few."""
    largest = runtime.service_settings(ChatSettings).receipts_up_to
    for room_id, user_id, seq, member_count in moved:
        own = counts[room_id, user_id]
        publish_to_user(runtime, tenant_id, user_id, read=[str(room_id), seq, own.unread, own.mentions, own.version])
        if member_count <= largest:
            publish_cursor(runtime, tenant_id, room_id, user_id, seq)


async def cursors(uow: UnitOfWork, room_id: UUID) -> Sequence[Member]:
    """Everybody's cursor, in small rooms; in large ones only one's own. Raises RoomNotFound, NotAMember."""
    room, member = await readable_room(uow, room_id)
    if member is None or member.status != "active":
        raise NotAMember
    if room.member_count > uow.settings(ChatSettings).receipts_up_to:
        return [member]
    return await member_store.cursors(uow, room_id)
