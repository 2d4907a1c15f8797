"""Memberships: roles, removal, mute, ban, and that a room keeps an owner."""

import asyncio

from tests.platform import problem
from tests.services.chat.conftest import Crew, history, send, sent


async def test_members_add_others_and_owners_give_roles(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem)
    path = f"/rooms/{room}/members/{crew.ada.id}"
    assert (await crew.cem.client.put(path)).json()["role"] == "member"
    await crew.bob.client.delete(path)
    problem(await crew.cem.client.put(path, json={"role": "moderator"}), 403, "room_role_required")
    assert (await crew.bob.client.put(path, json={"role": "moderator"})).json()["role"] == "moderator"
    problem(
        await crew.cem.client.put(f"/rooms/{room}/members/{crew.cem.id}", json={"role": "owner"}),
        403,
        "room_role_required",
    )


async def test_removal_takes_sight_and_voice(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem, visibility="private")
    problem(await crew.cem.client.delete(f"/rooms/{room}/members/{crew.bob.id}"), 403, "room_role_required")
    assert (await crew.bob.client.delete(f"/rooms/{room}/members/{crew.cem.id}")).status_code == 204
    problem(await crew.cem.client.get(f"/rooms/{room}/messages"), 404, "room_not_found")
    problem(await send(crew.cem, room), 404, "room_not_found")
    assert (await crew.cem.client.get("/rooms")).json()["data"] == []


async def test_a_banned_member_cannot_come_back_until_the_ban_is_lifted(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem)
    assert (await crew.bob.client.put(f"/rooms/{room}/bans/{crew.cem.id}")).status_code == 204
    for answer in (
        await crew.cem.client.post(f"/rooms/{room}/join"),
        await crew.cem.client.get(f"/rooms/{room}/messages"),
        await send(crew.cem, room),
    ):
        problem(answer, 403, "banned")
    banned = (await crew.bob.client.get(f"/rooms/{room}/bans")).json()["data"]
    assert [each["userId"] for each in banned] == [str(crew.cem.id)]
    assert (await crew.bob.client.delete(f"/rooms/{room}/bans/{crew.cem.id}")).status_code == 204
    assert (await crew.cem.client.post(f"/rooms/{room}/join")).status_code == 200


async def test_a_muted_member_reads_but_does_not_write(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem)
    mute = f"/rooms/{room}/members/{crew.cem.id}/mute"
    assert (await crew.bob.client.put(mute, json={"seconds": 3600})).json()["mutedUntil"] is not None
    problem(await send(crew.cem, room), 403, "muted")
    assert await history(crew.cem, room) == []
    await crew.bob.client.delete(mute)
    await sent(crew.cem, room)


async def test_announcement_rooms_are_written_by_moderators(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem, announcement=True)
    problem(await send(crew.cem, room), 403, "announcements_only")
    await crew.bob.client.put(f"/rooms/{room}/members/{crew.cem.id}", json={"role": "moderator"})
    await sent(crew.cem, room)


async def test_slow_mode_counts_also_within_one_batch(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem, slowModeSeconds=60)
    answers = await asyncio.gather(*(send(crew.cem, room) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 429, 429, 429, 429]
    refused = problem(await send(crew.cem, room), 429, "slow_mode")
    assert 0 < refused["retryAfterSeconds"] <= 60
    for _ in range(2):
        await sent(crew.bob, room)  # its owner is not slowed down


async def test_the_last_owner_hands_over(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem, crew.ada)
    await crew.bob.client.put(f"/rooms/{room}/members/{crew.ada.id}", json={"role": "moderator"})
    path = f"/rooms/{room}/members/{crew.bob.id}"
    problem(await crew.bob.client.put(path, json={"role": "member"}), 403, "room_role_required")
    await crew.bob.client.post(f"/rooms/{room}/leave")
    members = (await crew.cem.client.get(f"/rooms/{room}/members")).json()["data"]
    assert {member["userId"]: member["role"] for member in members} == {
        str(crew.ada.id): "owner",
        str(crew.cem.id): "member",
    }


async def test_two_owners_leaving_at_once_leave_an_owner(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem, crew.ada)
    await crew.bob.client.put(f"/rooms/{room}/members/{crew.cem.id}", json={"role": "owner"})
    await asyncio.gather(*(p.client.post(f"/rooms/{room}/leave") for p in (crew.bob, crew.cem)))
    members = (await crew.ada.client.get(f"/rooms/{room}/members")).json()["data"]
    assert [member["role"] for member in members] == ["owner"]


async def test_joining_is_told_where_the_room_wants_it(crew: Crew) -> None:
    room = await crew.room(crew.bob, tellsJoins=True)
    await crew.cem.client.post(f"/rooms/{room}/join")
    await crew.cem.client.post(f"/rooms/{room}/leave")
    told = [message["system"]["event"] for message in await history(crew.bob, room)]
    assert told == ["joined", "left"]
