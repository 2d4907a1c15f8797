"""What pub/sub lost is read from the database."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from tests.services.chat.conftest import Crew, sent
from tests.services.chat.gateways import RunningGateway, raw_client, until

from septet.services.chat.frames import room_channel
from septet.services.chat.gateway import hub as hub_module


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
