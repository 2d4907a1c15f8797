"""What integrations do in rooms: a subject has one room, a key posts one notice, however often it is asked for."""

import asyncio
from uuid import UUID

import pytest
from tests.services.chat.conftest import Crew, history, room_of
from tests.services.chat.gateways import RunningGateway, raw_client

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions import automation
from septet.services.chat.errors import RoomArchived, RoomNotFound


def system(crew: Crew) -> UnitOfWork:
    return UnitOfWork(crew.platform.runtime, system_actor(crew.organization.id))


async def project_room(crew: Crew, *others: UUID, subject: str = "project:1") -> str:
    async with system(crew) as uow:
        room = await automation.ensure_room(uow, subject, name="Apollo", owner_id=crew.ada.id, member_ids=others)
        await uow.commit()
    return str(room)


async def test_a_subject_has_one_room_however_close_the_race(crew: Crew) -> None:
    rooms = await asyncio.gather(*(project_room(crew, crew.bob.id, crew.eve.id) for _ in range(6)))
    assert len(set(rooms)) == 1
    assert await project_room(crew, subject="project:2") != rooms[0]
    members = (await crew.bob.client.get(f"/rooms/{rooms[0]}/members")).json()["data"]
    assert {member["userId"]: member["role"] for member in members} == {
        str(crew.ada.id): "owner",
        str(crew.bob.id): "member",
    }
    async with system(crew) as uow:
        assert await automation.room_of(uow, "project:1") == UUID(rooms[0])
        assert await automation.room_of(uow, "project:3") is None


async def test_a_notice_is_posted_once_for_each_key_and_reaches_who_listens(
    crew: Crew, gateway: RunningGateway
) -> None:
    room = await project_room(crew, crew.bob.id)
    async with raw_client(gateway, crew.bob) as bob:
        await bob.hear("room")
        ids = set()
        for _ in range(2):
            async with system(crew) as uow:
                ids.add(await automation.post_notice(uow, UUID(room), "**T-1** is done", key="1", event="task", n=1))
                await uow.commit()
        heard = await bob.hear("message")
        await bob.hear_nothing("message")
    (message,) = await history(crew.bob, room)
    assert {UUID(message["id"])} == ids
    assert (heard["body"], heard["kind"], heard["system"]) == ("**T-1** is done", "system", {"event": "task", "n": 1})
    assert message["authorId"] == "00000000-0000-0000-0000-000000000000"
    assert (await room_of(crew.bob, room))["unreadCount"] == 0


async def test_what_was_rolled_back_was_never_said(crew: Crew, gateway: RunningGateway) -> None:
    room = await project_room(crew, crew.bob.id)
    async with raw_client(gateway, crew.bob) as bob:
        await bob.hear("room")
        async with system(crew) as uow:
            await automation.post_notice(uow, UUID(room), "never", key="1")
        await bob.hear_nothing("message")
    assert await history(crew.bob, room) == []


async def test_members_are_added_once_and_bans_are_kept(crew: Crew) -> None:
    room = await project_room(crew, crew.bob.id)
    assert (await crew.ada.client.put(f"/rooms/{room}/bans/{crew.bob.id}")).status_code == 204
    for _ in range(2):
        async with system(crew) as uow:
            await automation.add_members(uow, UUID(room), [crew.ada.id, crew.bob.id, crew.cem.id, crew.eve.id])
            await uow.commit()
    members = (await crew.ada.client.get(f"/rooms/{room}/members")).json()["data"]
    assert {member["userId"] for member in members} == {str(crew.ada.id), str(crew.cem.id)}


async def test_no_notice_where_there_is_no_open_room(crew: Crew) -> None:
    room = await project_room(crew)
    await crew.ada.client.patch(f"/rooms/{room}", json={"archived": True})
    async with system(crew) as uow:
        with pytest.raises(RoomArchived):
            await automation.post_notice(uow, UUID(room), "late", key="1")
    async with UnitOfWork(crew.platform.runtime, system_actor(UUID(int=1))) as uow:
        with pytest.raises(RoomNotFound):
            await automation.post_notice(uow, UUID(room), "foreign", key="1")
