"""How a session comes to follow rooms: their state, what was missed, then everything that happens.

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
from septet.services.chat.frames import encode, member_frame, resumed_frame
from septet.services.chat.gateway.catching_up import missed_messages
from septet.services.chat.gateway.commands import Position
from septet.services.chat.gateway.connection import Connection
from septet.services.chat.gateway.hub import Hub
from septet.services.chat.gateway.room import GatewayRoom
from septet.services.chat.gateway.session import Session
from septet.services.chat.models import Member
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

    async def catch_up(
        self, session: Session, connection: Connection, positions: Positions, *, own: bool = False
    ) -> None:
        """Bring the session to the present in these rooms (`own`: and all of its user), and keep it there.

        Raises EngineUnavailable.
        """
        state, rooms = await self._state_of_open_rooms(session, positions, own=own)
        if connection.closed:
            return
        for room_id in positions.keys() - rooms.keys():
            session.refuse_room(room_id)
        formerly = {room_id for room_id, room in session.rooms.items() if connection not in room.guests}
        views = self._as_many_as_allowed(session, state.views)
        for view in views:
            room_id = view.room.id
            session.rooms[room_id] = rooms[room_id]
            rooms[room_id].follow(connection, session.identity[1])
            if room_id in session.removed_from or (view.member is None and room_id in formerly):
                session.removed(room_id, "left")
        for view in views:
            await self._bring_up(session, connection, view, state, positions.get(view.room.id))

    async def _state_of_open_rooms(
        self, session: Session, positions: Positions, *, own: bool
    ) -> tuple[State, Mapping[UUID, GatewayRoom]]:
        """The state, read after this gateway began to listen to all its rooms: whatever is not in it will be heard."""
        while True:
            began = asyncio.get_running_loop().time()
            session.removed_from.clear()
            state = await self._read_state(session, positions, own=own)
            rooms = await self._hub.open(session.identity[0], [view.room.id for view in state.views])
            if all(room.opened_at < began for room in rooms.values()):
                return state, rooms

    def _as_many_as_allowed(self, session: Session, views: Sequence[actions.RoomView]) -> Sequence[actions.RoomView]:
        most = self._runtime.service_settings(ChatSettings).subscriptions
        new = [view for view in views if view.room.id not in session.rooms]
        if len(new) + len(session.rooms) <= most:
            return views
        session.too_many_rooms()
        return [view for view in views if view.room.id in session.rooms] + new[: most - len(session.rooms)]

    async def _read_state(self, session: Session, positions: Positions, *, own: bool) -> State:
        assert session.actor is not None, "greeted"
        async with self._asking, UnitOfWork(self._runtime, session.actor) as uow:
            with self._runtime.postgres.faults_translated():
                return await read_state(uow, positions, own=own)

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
        self._take_place(session, connection, view, followed)
        cursors = _latest(state.cursors.get(room.id), followed.cursors)
        connection.send(_room_frame(view, cursors, resuming=position is not None))
        for member in state.members.get(room.id, ()):
            connection.send(member_frame(member))
        if position is not None:
            version = state.versions.get(room.id, 0)
            async for frames in missed_messages(self._runtime, room, position.seq, version):
                if session.rooms.get(room.id) is not followed:
                    return
                for frame in frames:
                    connection.send(frame)
                await connection.drained()
            connection.send(resumed_frame(room, position.seq, version))
        if connection in followed.resuming and not await followed.go_live(connection, room.version):
            # Something was published that this gateway never heard, while the session was catching up.
            await self.catch_up(session, connection, {room.id: Position(seq=room.last_seq, version=room.version)})

    def _take_place(
        self, session: Session, connection: Connection, view: actions.RoomView, followed: GatewayRoom
    ) -> None:
        """As a guest of a public room, or among its members."""
        if view.member is None:
            followed.guests.add(connection)
            return
        followed.guests.discard(connection)
        if view.room.member_count <= self._runtime.service_settings(ChatSettings).presence_up_to:
            session.small_rooms.add(view.room.id)


def _latest(stored: Mapping[str, int] | None, heard: Mapping[str, int]) -> Mapping[str, int] | None:
    """Cursors as they were read, or as they moved since."""
    return stored and {user: max(seq, heard.get(user, 0)) for user, seq in stored.items()}


async def read_state(uow: UnitOfWork, positions: Positions, *, own: bool) -> State:
    """What the actor may see of these rooms, and the versions that the positions stand for."""
    views = await (actions.own_and_readable_rooms if own else actions.readable_rooms)(uow, positions)
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


def _room_frame(view: actions.RoomView, cursors: Mapping[str, int] | None, *, resuming: bool) -> bytes:
    out: dict[str, Any] = room_out(view).model_dump(mode="json", by_alias=True)
    more = {"cursors": cursors} if cursors is not None else {}
    return encode({"type": "room", "roomId": out["id"], **out, **more, "resuming": resuming})
