"""How a session comes to follow rooms: first listen, then read the state, then what came meanwhile.

One transaction reads the state of all rooms together, so that resuming is one round trip however many they are; only
rooms in which something was missed cost more.
"""

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


async def catch_up(runtime: Runtime, hub: Hub, session: Session, connection: Connection, positions: Positions) -> None:
    """Bring the session to the present in these rooms, and keep it there. Raises EngineUnavailable."""
    tenant_id, user_id = session.identity
    rooms = await hub.open(tenant_id, positions)
    for room_id, room in rooms.items():
        if not connection.closed:
            session.rooms[room_id] = room
            room.follow(connection, user_id)
    state = await _read_state(runtime, session, positions)
    readable = {view.room.id: view for view in state.views}
    for room_id in positions:
        if room_id not in readable:
            session.refuse_room(room_id)
    for room_id, view in readable.items():
        if view.member is None:
            rooms[room_id].guests.add(connection)
        else:
            rooms[room_id].guests.discard(connection)
        await _bring_up(runtime, session, connection, view, state, positions[room_id])


async def _read_state(runtime: Runtime, session: Session, positions: Positions) -> State:
    assert session.actor is not None
    with runtime.postgres.faults_translated():
        async with UnitOfWork(runtime, session.actor) as uow:
            views = await actions.readable_rooms(uow, positions)
            unknown = {r: p.seq for r, p in positions.items() if p is not None and p.version is None and p.seq}
            versions = await message_store.version_when_sent(uow, unknown)
            versions |= {r: p.version for r, p in positions.items() if p is not None and p.version is not None}
            largest = runtime.service_settings(ChatSettings).receipts_up_to
            small = [v.room.id for v in views if v.member is not None and v.room.member_count <= largest]
            cursors = await member_store.cursors_of(uow, small) if small else {}
            exact = {r: p.version for r, p in positions.items() if p is not None and p.version is not None}
            members = {
                view.room.id: await message_store.changed_members(uow, view.room.id, exact[view.room.id])
                for view in views
                if view.member is not None and exact.get(view.room.id, view.room.version) < view.room.version
            }
            return State(views, versions, cursors, members)


async def _bring_up(
    runtime: Runtime,
    session: Session,
    connection: Connection,
    view: actions.RoomView,
    state: State,
    position: Position | None,
) -> None:
    room = view.room
    connection.send(_room_frame(view, state.cursors.get(room.id)))
    for member in state.members.get(room.id, ()):
        connection.send(member_frame(member))
    if position is not None:
        since = position.seq, state.versions.get(room.id, 0)
        async for frames in missed_messages(runtime, room, *since):
            for frame in frames:
                connection.send(frame)
            await connection.drained()
        first = min(position.seq, room.last_seq) + 1
        told = {"roomId": str(room.id), "fromSeq": first, "toSeq": room.last_seq, "version": room.version}
        connection.send(encode({"type": "resumed", **told}))
    followed = session.rooms.get(room.id)
    if followed is not None and not connection.closed and not await followed.go_live(connection, room.version):
        again = Position(seq=room.last_seq, version=room.version)
        await catch_up_again(runtime, session, connection, again, room.id)


async def catch_up_again(
    runtime: Runtime, session: Session, connection: Connection, position: Position, room_id: UUID
) -> None:
    """Something was published that this gateway never heard, while the session was catching up."""
    state = await _read_state(runtime, session, {room_id: position})
    if not state.views:
        session.refuse_room(room_id)
    for view in state.views:
        await _bring_up(runtime, session, connection, view, state, position)


def _room_frame(view: actions.RoomView, cursors: Mapping[str, int] | None) -> bytes:
    out: dict[str, Any] = room_out(view).model_dump(mode="json", by_alias=True)
    frame = {"type": "room", "roomId": out["id"], **out}
    return encode(frame | {"cursors": cursors} if cursors is not None else frame)
