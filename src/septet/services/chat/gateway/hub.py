"""All rooms and users of one gateway: what it hears over pub/sub, and how it keeps from missing anything.

A publication may be lost (pub/sub is at most once). Three things notice: the next publication of the room, a new
pub/sub connection, and a comparison of all rooms with the database every few seconds. Each leads to the same filling.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any
from uuid import UUID

from septet.kernel.errors import EngineUnavailable
from septet.kernel.identity import system_actor
from septet.kernel.runtime import Runtime
from septet.kernel.subscriptions import Subscriptions
from septet.kernel.telemetry import log
from septet.kernel.uow import UnitOfWork
from septet.services.chat.frames import (
    encode,
    member_frame,
    read_publication,
    resumed_frame,
    room_channel,
    room_frame,
    user_channel,
)
from septet.services.chat.gateway.catching_up import missed_messages
from septet.services.chat.gateway.room import Change, GatewayRoom
from septet.services.chat.models import Room
from septet.services.chat.store import messages as message_store

PRESENCE_PACE_SECONDS = 1.0
RETRY_SECONDS = 0.3

Notice = Callable[[dict[str, Any]], None]


class Hub:
    """`spawn` runs a coroutine in the gateway's lifetime; `on_gap` is called when notices may have been missed."""

    def __init__(
        self, runtime: Runtime, spawn: Callable[[Coroutine[Any, Any, None]], object], on_gap: Callable[[], None]
    ) -> None:
        self._runtime = runtime
        self._spawn = spawn
        self._on_gap = on_gap
        self.subscriptions = Subscriptions(runtime.valkey.url, self._hear, self._connected)
        self.rooms: dict[bytes, GatewayRoom] = {}
        self._users: dict[bytes, set[Notice]] = {}
        self._was_connected = False
        self._presence: dict[str, tuple[str, str | None, set[bytes]]] = {}
        self._presence_told_at = 0.0

    async def open(self, tenant_id: UUID, room_ids: Collection[UUID]) -> dict[UUID, GatewayRoom]:
        """Listen to these rooms. Afterwards all that changes in them from now on is heard. Raises EngineUnavailable.

        A room that does not exist is opened too, and never hears anything.
        """
        rooms = {room_id: self._room(tenant_id, room_id) for room_id in room_ids}
        for room in rooms.values():
            room.opening += 1
        try:
            if confirmed := {self.subscriptions.subscribe(room_channel(tenant_id, room_id)) for room_id in rooms}:
                await asyncio.wait(confirmed)
            new = [room_id for room_id, room in rooms.items() if not room.opened]
            for found in (await self._rooms_now(tenant_id, new)).values() if new else ():
                if not rooms[found.id].opened:
                    rooms[found.id].open_at(found.version, found.last_seq)
        finally:
            for room in rooms.values():
                room.opening -= 1
        return rooms

    def _room(self, tenant_id: UUID, room_id: UUID) -> GatewayRoom:
        channel = room_channel(tenant_id, room_id)
        room = self.rooms.get(channel)
        if room is None:
            room = self.rooms[channel] = GatewayRoom(tenant_id, room_id, self._fill)
        return room

    async def _rooms_now(self, tenant_id: UUID, room_ids: Sequence[UUID]) -> dict[UUID, Room]:
        with self._runtime.postgres.faults_translated():
            async with UnitOfWork(self._runtime, system_actor(tenant_id)) as uow:
                return await message_store.rooms_now(uow, room_ids)

    async def listen_to_user(self, tenant_id: UUID, user_id: UUID, notice: Notice) -> None:
        """Have `notice` called with what concerns this user alone."""
        channel = user_channel(tenant_id, user_id)
        self._users.setdefault(channel, set()).add(notice)
        await asyncio.wait([self.subscriptions.subscribe(channel)])

    def forget_user(self, tenant_id: UUID, user_id: UUID, notice: Notice) -> None:
        channel = user_channel(tenant_id, user_id)
        notices = self._users.get(channel, set())
        notices.discard(notice)
        if not notices:
            self._users.pop(channel, None)
            self.subscriptions.unsubscribe(channel)

    def forget_empty_rooms(self) -> None:
        """Stop listening where nobody does; called now and then, so that a reconnecting crowd finds its room open."""
        for channel, room in [(channel, room) for channel, room in self.rooms.items() if not room.followed]:
            room.close()
            del self.rooms[channel]
            self.subscriptions.unsubscribe(channel)

    def _hear(self, channel: bytes, payload: bytes) -> None:
        room = self.rooms.get(channel)
        if room is None:
            head, _ = read_publication(payload)
            for notice in tuple(self._users.get(channel, ())):
                notice(head)
            return
        head, frames = read_publication(payload)
        if "f" in head:
            room.change(Change.read(head, frames))
        elif "p" in head:
            room.poke(head["p"])
        elif "typing" in head:
            room.types(head["typing"])
        elif "read" in head:
            room.read(*head["read"])
        elif "presence" in head:
            self._presence_changed(channel, *head["presence"])

    def _presence_changed(self, channel: bytes, user_id: str, status: str, seen_at: str | None) -> None:
        """Changes of presence go out together, at most once a second; of one user only the last."""
        loop = asyncio.get_running_loop()
        if not self._presence:
            loop.call_at(max(loop.time(), self._presence_told_at + PRESENCE_PACE_SECONDS), self._tell_presence)
        rooms = self._presence[user_id][2] if user_id in self._presence else set()
        self._presence[user_id] = status, seen_at, rooms | {channel}

    def _tell_presence(self) -> None:
        self._presence_told_at = asyncio.get_running_loop().time()
        changes, self._presence = self._presence, {}
        for user_id, (status, seen_at, channels) in changes.items():
            frame = encode({"type": "presence", "userId": user_id, "status": status, "lastSeenAt": seen_at})
            rooms = [self.rooms[channel] for channel in channels if channel in self.rooms]
            for connection in {connection for room in rooms for connection in room.members()}:
                connection.send(frame)

    def _connected(self) -> None:
        """Whatever was published while there was no connection is lost."""
        if self._was_connected:
            self._spawn(self.reconcile())
            self._on_gap()
        self._was_connected = True

    async def reconcile(self) -> None:
        """Compare all open rooms with the database, and fill what is behind."""
        by_tenant: defaultdict[UUID, list[GatewayRoom]] = defaultdict(list)
        for room in self.rooms.values():
            if room.followed and room.opened:
                by_tenant[room.tenant_id].append(room)
        for tenant_id, rooms in by_tenant.items():
            try:
                now = await self._rooms_now(tenant_id, [room.id for room in rooms])
            except EngineUnavailable:
                return
            for room in rooms:
                if room.id in now:
                    room.poke(now[room.id].version)

    def _fill(self, room: GatewayRoom) -> None:
        room.filling = True
        self._spawn(self._fill_until_done(room))

    async def _fill_until_done(self, room: GatewayRoom) -> None:
        log.info("filling a gap", room=str(room.id), version=room.version)
        try:
            while room.filling and self.rooms.get(room_channel(room.tenant_id, room.id)) is room:
                try:
                    await self._fill_once(room)
                except EngineUnavailable:
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            room.filling = False  # after a defect, too: the next comparison tries again, instead of a deaf room

    async def _fill_once(self, room: GatewayRoom) -> None:
        """Members first: who was removed meanwhile gets nothing of what was said since."""
        seq, version = room.seq, room.version
        with self._runtime.postgres.faults_translated():
            async with UnitOfWork(self._runtime, system_actor(room.tenant_id)) as uow:
                now = (await message_store.rooms_now(uow, [room.id])).get(room.id)
                members = await message_store.changed_members(uow, room.id, version) if now is not None else ()
        if now is None:
            room.filled(version, seq)
            return
        room.deliver([room_frame(now, resuming=True)], private=now.visibility == "private")
        room.deliver(
            [member_frame(member) for member in members], [(member.user_id, member.status) for member in members]
        )
        async for frames in missed_messages(self._runtime, now, seq, version):
            room.deliver(frames)
        room.deliver([resumed_frame(now, seq, version)])
        room.filled(now.version, now.last_seq)
