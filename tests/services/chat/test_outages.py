"""Connections of all kinds are cut while people write: what was acknowledged is there, once, in one order for all."""

import asyncio
import os
import random
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text
from tests.platform import Platform
from tests.services.chat.conftest import history, make_crew
from tests.services.chat.gateways import RunningGateway, chat_client, running_gateway, until

from septet.client.chat import ChatClient

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "2"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
CLIENTS, MESSAGES = 12, 12
_KILL = text(
    """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"""
)


async def kill_postgres_connections(gateway: RunningGateway) -> None:
    async with gateway.runtime.postgres.engine.connect() as connection:
        await connection.execute(_KILL)


async def kill_valkey_connections(gateway: RunningGateway) -> None:
    for kind in ("pubsub", "normal"):
        await gateway.runtime.valkey.client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")


async def cut_clients(gateway: RunningGateway) -> None:
    gateway.cut_all()


@pytest.mark.soak
@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_no_acknowledged_message_is_lost_or_doubled(own_platform: Platform, round_: int) -> None:
    chance = random.Random(SEED * 10_000 + round_)
    crew = await make_crew(own_platform, await own_platform.organization(), await own_platform.organization("Other"))
    room = await crew.room(crew.ada, crew.bob, crew.cem)
    people = [crew.ada, crew.bob, crew.cem]
    async with AsyncExitStack() as stack:
        settings = own_platform.runtime.settings
        gateways = [await stack.enter_async_context(running_gateway(settings)) for _ in range(2)]
        clients = [
            await stack.enter_async_context(
                chat_client(gateways[:: chance.choice([1, -1])], chance.choice(people), from_start=True)
            )
            for _ in range(CLIENTS)
        ]
        await until(lambda: all(room in client.rooms for client in clients))
        writing = [asyncio.create_task(_write(client, room, chance.random())) for client in clients]
        for _ in range(4):
            await asyncio.sleep(chance.uniform(0.05, 0.3))
            faults = (kill_postgres_connections, kill_valkey_connections, cut_clients)
            for fault in chance.sample(faults, chance.randrange(1, 4)):
                await _try(fault, chance.choice(gateways))
        acknowledged = [ack for acks in await asyncio.wait_for(asyncio.gather(*writing), 60) for ack in acks]
        stored = await history(crew.ada, room)
        assert sorted(ack["seq"] for ack in acknowledged) == [message["seq"] for message in stored]
        assert [message["seq"] for message in stored] == list(range(1, CLIENTS * MESSAGES + 1))
        truth = [(message["seq"], message["id"], message["clientMessageId"]) for message in stored]
        await until(lambda: all(client.rooms[room].last_seq == len(truth) for client in clients), timeout=15)
        for client in clients:
            known = [(each["seq"], each["id"], each["clientMessageId"]) for each in client.rooms[room].history]
            assert known == truth


async def _write(client: ChatClient, room: str, pace: float) -> list[dict[str, object]]:
    acks = []
    for number in range(MESSAGES):
        acks.append(await client.send(room, f"message {number}"))
        await asyncio.sleep(pace / 20)
    return acks


async def _try(fault: object, gateway: RunningGateway) -> None:
    """A fault may meet an engine that another one has just cut off."""
    assert callable(fault)
    try:
        await fault(gateway)
    except Exception:
        await asyncio.sleep(0.05)


async def test_a_lost_publication_is_noticed_by_the_next_and_by_comparison(own_platform: Platform) -> None:
    crew = await make_crew(own_platform, await own_platform.organization(), await own_platform.organization("Other"))
    room = await crew.room(crew.ada, crew.bob)
    async with (
        running_gateway(own_platform.runtime.settings) as gateway,
        chat_client([gateway], crew.bob, from_start=True) as bob,
        chat_client([gateway], crew.ada) as ada,
    ):
        await until(lambda: room in bob.rooms and room in ada.rooms)
        hear = gateway.gateway.hub.subscriptions._deliver
        gateway.gateway.hub.subscriptions._deliver = lambda channel, payload: None
        for number in range(3):
            await ada.send(room, f"lost {number}")
        gateway.gateway.hub.subscriptions._deliver = hear
        await ada.send(room, "heard")
        await until(lambda: bob.rooms[room].last_seq == 4, timeout=2)
        assert [message["body"] for message in bob.rooms[room].history] == ["lost 0", "lost 1", "lost 2", "heard"]
        gateway.gateway.hub.subscriptions._deliver = lambda channel, payload: None
        await ada.send(room, "lost again")
        gateway.gateway.hub.subscriptions._deliver = hear
        await until(lambda: bob.rooms[room].last_seq == 5, timeout=8)


async def test_a_restart_tells_clients_when_to_come_back(own_platform: Platform) -> None:
    crew = await make_crew(own_platform, await own_platform.organization(), await own_platform.organization("Other"))
    room = await crew.room(crew.ada)
    settings = own_platform.runtime.settings
    async with running_gateway(settings) as first:
        ada = await chat_client([first], crew.ada).__aenter__()
        await until(lambda: room in ada.rooms)
        sending = [asyncio.create_task(ada.send(room, f"message {number}")) for number in range(20)]
        await asyncio.sleep(0)
    async with running_gateway(settings, first.port):
        acks = await asyncio.wait_for(asyncio.gather(*sending), 15)
        assert [ack["seq"] for ack in acks] == list(range(1, 21))
        await until(lambda: ada.connections >= 2)
        await ada.close()
