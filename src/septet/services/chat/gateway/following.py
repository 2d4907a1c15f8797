"""How a session comes to follow rooms: first listen, then read the state, then what came meanwhile.

One transaction reads the state of all rooms together, so that resuming is one round trip however many they are; only
rooms in which something was missed cost more.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions import rooms as actions
from septet.services.chat.endpoints.rooms import room_out
from septet.services.chat.frames import encode, member_frame
from septet.services.chat.gateway.catching_up import missed_messages
from septet.services.chat.gateway.commands import Position
from septet.services.chat.gateway.connection import Connection
from septet.services.chat.gateway.hub import Hub
from septet.services.chat.gateway.session import Session
from septet.services.chat.models import Member, Room
from septet.services.chat.settings import ChatSettings
from septet.services.chat.store import members as member_store
from septet.services.chat.store import messages as message_store

Positions = Mapping[UUID, Position | None]


@dataclass(frozen=True, slots=True)
class State:
    """Rooms as one user sees them, read in one transaction."""

    views: Sequence[actions.RoomView]
    versions: Mapping[UUID, int]
    cursors: Mapping[UUID, Mapping[str, int]]
    members: Mapping[UUID, Sequence[Member]]


class Following:
    """`asking` bounds how many ask the database at once."""

    def __init__(self, runtime: Runtime, hub: Hub, asking: asyncio.Semaphore) -> None:
        self._runtime = runtime
        self._hub = hub
        self._asking = asking

    async def catch_up(self, session: Session, connection: Connection, positions: Positions) -> None:
        """Bring the session to the present in these rooms, and keep it there. Raises EngineUnavailable."""
        tenant_id, user_id = session.identity
        for room_id, room in (await self._hub.open(tenant_id, positions)).items():
            if not connection.closed:
                session.rooms[room_id] = room
                room.follow(connection, user_id)
        await self._read_and_bring_up(session, connection, positions)

    async def _read_and_bring_up(self, session: Session, connection: Connection, positions: Positions) -> None:
        state = await self._read_state(session, positions)
        for room_id in positions.keys() - {view.room.id for view in state.views}:
            session.refuse_room(room_id)
        for view in state.views:
            await self._bring_up(session, connection, view, state, positions[view.room.id])

    async def _read_state(self, session: Session, positions: Positions) -> State:
        assert session.actor is not None, "greeted"
        async with self._asking, UnitOfWork(self._runtime, session.actor) as uow:
            with self._runtime.postgres.faults_translated():
                return await read_state(uow, positions)

    async def _bring_up(
        self,
        session: Session,
        connection: Connection,
        view: actions.RoomView,
        state: State,
        position: Position | None,
    ) -> None:
        room, followed = view.room, session.rooms.get(view.room.id)
        if followed is None or connection.closed:
            return
        if view.member is None:
            followed.guests.add(connection)
        else:
            followed.guests.discard(connection)
        connection.send(_room_frame(view, state.cursors.get(room.id)))
        for member in state.members.get(room.id, ()):
            connection.send(member_frame(member))
        if position is not None:
            await self._resume(connection, room, position.seq, state.versions.get(room.id, 0))
        if not connection.closed and not await followed.go_live(connection, room.version):
            # Something was published that this gateway never heard, while the session was catching up.
            await self._read_and_bring_up(
                session, connection, {room.id: Position(seq=room.last_seq, version=room.version)}
            )

    async def _resume(self, connection: Connection, room: Room, seq: int, version: int) -> None:
        async for frames in missed_messages(self._runtime, room, seq, version):
            for frame in frames:
                connection.send(frame)
            await connection.drained()
        first = min(seq, room.last_seq) + 1
        told = {"roomId": str(room.id), "fromSeq": first, "toSeq": room.last_seq, "version": room.version}
        connection.send(encode({"type": "resumed", **told}))


async def read_state(uow: UnitOfWork, positions: Positions) -> State:
    """What the actor may see of these rooms, and the versions that the positions stand for."""
    views = await actions.readable_rooms(uow, positions)
    exact = {r: p.version for r, p in positions.items() if p is not None and p.version is not None}
    unknown = {r: p.seq for r, p in positions.items() if p is not None and p.seq and r not in exact}
    versions = await message_store.version_when_sent(uow, unknown) if unknown else {}
    largest = uow.settings(ChatSettings).receipts_up_to
    small = [view.room.id for view in views if view.member is not None and view.room.member_count <= largest]
    cursors = await member_store.cursors_of(uow, small) if small else {}
    members = {
        view.room.id: await message_store.changed_members(uow, view.room.id, exact[view.room.id])
        for view in views
        if view.member is not None and exact.get(view.room.id, view.room.version) < view.room.version
    }
    return State(views, versions | exact, cursors, members)


def _room_frame(view: actions.RoomView, cursors: Mapping[str, int] | None) -> bytes:
    out: dict[str, Any] = room_out(view).model_dump(mode="json", by_alias=True)
    frame = {"type": "room", "roomId": out["id"], **out}
    return encode(frame | {"cursors": cursors} if cursors is not None else frame)
