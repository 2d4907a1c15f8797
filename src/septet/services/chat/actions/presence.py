"""Presence: told in rooms that are small enough, asked for elsewhere; only about people one shares a room with."""

from collections.abc import Collection
from uuid import UUID

from septet.kernel.identity import system_actor
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.chat import permissions
from septet.services.chat.actions.access import participant
from septet.services.chat.publishing import publish_in_room
from septet.services.chat.settings import ChatSettings
from septet.services.chat.store import members as member_store
from septet.services.chat.store import presence as store
from septet.services.chat.store.presence import Presence


async def set_presence(uow: UnitOfWork, status: str) -> Presence:
    """The HTTP twin of a connection's presence: it lasts for 75 seconds and is to be repeated."""
    uow.actor.require(permissions.WRITE)
    return await touch(uow.runtime, uow.tenant_id, participant(uow), f"http:{uow.actor.session_id}", status)


async def touch(
    runtime: Runtime,
    tenant_id: UUID,
    user_id: UUID,
    session: str,
    status: str,
    small_rooms: Collection[UUID] | None = None,
) -> Presence:
    """Note a session's sign of life, or its end (no status), and tell others when the user's presence changed by it.

    `small_rooms`: where to tell it, if that is known.
    """
    touched = await store.touch(runtime, tenant_id, user_id, session, status)
    if touched.changed:
        seen = touched.now.seen_at.isoformat() if touched.now.seen_at and status != "invisible" else None
        if small_rooms is None:
            small_rooms = await _small_rooms(runtime, tenant_id, user_id)
        for room_id in small_rooms:
            publish_in_room(runtime, tenant_id, room_id, presence=[str(user_id), touched.now.status, seen])
    return touched.now


async def _small_rooms(runtime: Runtime, tenant_id: UUID, user_id: UUID) -> Collection[UUID]:
    largest = runtime.service_settings(ChatSettings).presence_up_to
    with runtime.postgres.faults_translated():
        async with UnitOfWork(runtime, system_actor(tenant_id)) as uow:
            return await member_store.small_rooms_of(uow, user_id, largest)


async def presence_of(uow: UnitOfWork, user_ids: Collection[UUID]) -> dict[UUID, Presence]:
    """Of those among them with whom the actor shares a room, and of the actor."""
    uow.actor.require(permissions.READ)
    own = participant(uow)
    known = await member_store.sharing_a_room(uow, own, user_ids) | ({own} & set(user_ids))
    return await store.presence_of(uow.runtime, uow.tenant_id, known)
