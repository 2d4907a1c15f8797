"""What pub/sub lost is read from the database."""

from collections.abc import AsyncIterator
from typing import cast
from uuid import UUID, uuid4

import pytest
from tests.services.chat.conftest import Crew, sent
from tests.services.chat.gateways import RunningGateway, raw_client, until

from septet.services.chat.frames import room_channel
from septet.services.chat.gateway import hub as hub_module
from septet.services.chat.gateway.connection import Connection
from septet.services.chat.gateway.room import Change, GatewayRoom


async def test_a_room_hears_again_after_a_defect_while_its_gap_was_filled(
    crew: Crew, gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id = await crew.room(crew.ada, crew.bob)
    hub = gateway.gateway.hub
    defects = []

    async def defective(*_: object) -> AsyncIterator[list[bytes]]:
        defects.append(True)
        yield []
        raise RuntimeError("a defect while a gap is filled")

    async with raw_client(gateway, crew.bob) as bob:
        await bob.hear("room")
        room = hub.rooms[room_channel(crew.organization.id, UUID(room_id))]
        with monkeypatch.context() as broken:
            broken.setattr(room, "change", lambda _: None)
            broken.setattr(hub_module, "missed_messages", defective)
            await sent(crew.ada, room_id, "lost")
            await hub.reconcile()
            await until(lambda: defects)
        await until(lambda: not room.filling, timeout=1)
        await hub.reconcile()
        assert (await bob.hear("message", timeout=1))["body"] == "lost"
        await sent(crew.ada, room_id, "heard")
        assert (await bob.hear("message", body="heard"))["seq"] > 1


class Listener:
    """A connection that keeps what it is sent."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def send(self, *frames: bytes) -> None:
        self.heard += frames


async def test_who_is_told_twice_to_catch_up_keeps_what_happened_in_between() -> None:
    """Else it would have to catch up once more, and be sent again what it has."""
    room, listener, user_id = GatewayRoom(uuid4(), uuid4(), lambda _: None), Listener(), uuid4()
    connection = cast("Connection", listener)
    room.open_at(1, 0)
    room.follow(connection, user_id)
    room.change(Change(2, 2, 1, [b"between"], (), False))
    room.follow(connection, user_id)
    assert await room.go_live(connection, 1)
    assert listener.heard == [b"between"]
