"""Whatever happens, a client that comes back knows what one would be told who asks afresh."""

import asyncio
import os
import random

import httpx
import pytest
from tests.platform import Person
from tests.services.chat.conftest import Crew, history, room_of
from tests.services.chat.gateways import RunningGateway, chat_client, until

from septet.client.chat import ChatClient, ChatRefused

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "3"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
STEPS = 60


async def test_a_client_sends_what_it_could_not_send_while_it_was_cut_off(
    crew: Crew, gateway: RunningGateway, other_gateway: RunningGateway
) -> None:
    room = await crew.room(crew.ada, crew.bob)
    async with (
        chat_client([gateway, other_gateway], crew.ada) as ada,
        chat_client([other_gateway, gateway], crew.bob, from_start=True) as bob,
    ):
        await until(lambda: room in ada.rooms and room in bob.rooms)
        ada.drop()
        acks = await asyncio.gather(*(ada.send(room, f"message {number}") for number in range(10)))
        assert [ack["seq"] for ack in acks] == list(range(1, 11))
        with pytest.raises(ChatRefused, match="some text"):
            await ada.send(room, "")
        bob.drop()
        await ada.send(room, "while bob was away")
        await until(lambda: bob.rooms[room].last_seq == 11)
        assert [message["seq"] for message in bob.rooms[room].history] == list(range(1, 12))
        assert ada.connections >= 2


@pytest.mark.soak
@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_state_and_events_equal_a_fresh_look(
    crew: Crew, gateway: RunningGateway, other_gateway: RunningGateway, round_: int
) -> None:
    chance = random.Random(SEED * 10_000 + round_)
    people = [crew.ada, crew.bob, crew.cem]
    rooms = [await crew.room(people[n % 3], *people, tellsJoins=bool(n)) for n in range(2)]
    gateways = [gateway, other_gateway]
    clients = [chat_client(gateways[n % 2 :] + gateways[: n % 2], p, from_start=True) for n, p in enumerate(people)]
    for client in clients:
        await client.__aenter__()
    try:
        for _ in range(STEPS):
            await _something(chance, crew, clients, people, rooms, gateways)
        for client in clients:
            client.set_presence("online")
        await _equal_to_fresh(clients, people, rooms)
    finally:
        for client in clients:
            await client.close()


async def _something(
    chance: random.Random,
    crew: Crew,
    clients: list[ChatClient],
    people: list[Person],
    rooms: list[str],
    gateways: list[RunningGateway],
) -> None:
    """One random act; refusals are part of life."""
    n, room = chance.randrange(3), chance.choice(rooms)
    client, http = clients[n], people[n].client
    stored = await history(people[0], room) if chance.random() < 0.5 else []
    message = chance.choice(stored)["id"] if stored else None
    act = chance.randrange(12)
    if act >= 7:
        await _over_http(chance, crew, http, room, message, act)
    elif act < 3:
        sends = [client.send(room, f"{chance.random()} @room") for _ in range(chance.randrange(1, 6))]
        answers = asyncio.gather(*sends, return_exceptions=True)
        if chance.random() < 0.5:
            client.drop()
        await asyncio.wait_for(answers, 10)
    elif act == 3:
        client.drop()
    elif act == 4:
        chance.choice(gateways).cut_all()
    elif act == 5:
        client.read(room, chance.randrange(40))
    elif act == 6:
        await http.post(f"/rooms/{room}/read", json={"seq": chance.randrange(40)})


async def _over_http(
    chance: random.Random, crew: Crew, http: httpx.AsyncClient, room: str, message: str | None, act: int
) -> None:
    if act == 7:
        await http.post(f"/rooms/{room}/{chance.choice(['join', 'leave'])}")
    elif act == 8 and message:
        await http.patch(f"/messages/{message}", json={"body": f"edited {chance.random()}"})
    elif act == 9 and message:
        await http.delete(f"/messages/{message}")
    elif act == 10 and message:
        await getattr(http, chance.choice(["put", "delete"]))(f"/messages/{message}/reactions/{chance.choice('👍🎉')}")
    elif act == 11:
        await http.patch(f"/rooms/{room}", json={"topic": str(chance.random())})
        await crew.ada.client.put(f"/rooms/{room}/members/{crew.bob.id}", json={"role": "moderator"})


async def _equal_to_fresh(clients: list[ChatClient], people: list[Person], rooms: list[str]) -> None:
    """Each client comes to know exactly what HTTP tells its user."""
    for client, person in zip(clients, people, strict=True):
        mine = {each["id"] for each in (await person.client.get("/rooms")).json()["data"]} & set(rooms)
        await until(lambda client=client, mine=mine: mine <= set(client.rooms))  # type: ignore[misc]
        for room in mine:
            await _room_equal(client, person, room)
        assert not (set(rooms) - mine) & set(client.rooms)


async def _room_equal(client: ChatClient, person: Person, room: str) -> None:
    fresh = await room_of(person, room)
    messages = await history(person, room)
    members = (await person.client.get(f"/rooms/{room}/members")).json()["data"]
    cursors = (await person.client.get(f"/rooms/{room}/cursors")).json()["data"]
    state = client.rooms[room]
    await until(lambda: state.version == fresh["version"] and state.last_seq == fresh["lastSeq"])
    known = [{name: message[name] for name in messages[0]} for message in state.history] if messages else []
    differing = [(a, b) for a, b in zip(known, messages, strict=False) if a != b]
    assert not differing, [{name: (a[name], b[name]) for name in b if a[name] != b[name]} for a, b in differing]
    assert len(known) == len(messages)
    active = {user: member["role"] for user, member in state.members.items() if member["status"] == "active"}
    assert active == {member["userId"]: member["role"] for member in members}
    await until(lambda: {each["userId"]: each["seq"] for each in cursors}.items() <= state.cursors.items())
    assert [fresh[name] for name in ("name", "topic", "role")] == [
        state.info[name] for name in ("name", "topic", "role")
    ]
    counted = (state.read_seq, state.unread_count, state.mention_count)
    assert (fresh["readSeq"], fresh["unreadCount"], fresh["mentionCount"]) == counted
