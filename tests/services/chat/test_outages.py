"""Connections of all kinds are cut while people write: what was acknowledged is there, once, in one order for all.

Processes are killed for good in `tests/journeys/one_installation/test_chat_survives_kills.py`; here gateways end like
killed ones, so that a round takes a second and hundreds can be run: SOAK_ROUNDS=300.
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.conftest import fresh_settings
from tests.platform import Person, Platform, running_platform
from tests.services.chat.conftest import Crew, history, make_crew
from tests.services.chat.gateways import RunningGateway, chat_client, running_gateway, until

from septet.client.chat import ChatClient

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "2"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
CLIENTS, MESSAGES = 20, 6
_KILL = text(
    """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"""
)
Acknowledged = tuple[int, str]


@pytest.fixture(scope="module")
async def tried_platform(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> AsyncIterator[Platform]:
    """A platform for this file alone, whose engines' connections may be killed."""
    directory: Path = tmp_path_factory.mktemp("outages")
    async with fresh_settings(directory, f"septet_{worker_id}_outages") as settings, running_platform(settings) as own:
        yield own


@pytest.fixture
async def tried(tried_platform: Platform) -> Crew:
    """A crew made while the engines are well: what the last test cut may still be told as an outage."""
    async with asyncio.timeout(10):
        while (await tried_platform.client().get("/readyz")).status_code != 200:
            await asyncio.sleep(0.05)
    return await make_crew(
        tried_platform, await tried_platform.organization(), await tried_platform.organization("Other")
    )


class Gateways:
    """Two gateways, either of which may be killed: another comes up on its port."""

    def __init__(self, platform: Platform, stack: AsyncExitStack) -> None:
        self._settings = platform.runtime.settings
        self._stack = stack
        self.running: list[RunningGateway] = []

    async def start(self) -> None:
        self.running = [await self._stack.enter_async_context(running_gateway(self._settings)) for _ in range(2)]

    async def kill(self, number: int) -> None:
        port = self.running[number].port
        await self.running[number].die()
        self.running[number] = await self._stack.enter_async_context(running_gateway(self._settings, port))


async def kill_postgres_connections(gateways: Gateways, number: int) -> None:
    async with gateways.running[number].runtime.postgres.engine.connect() as connection:
        await connection.execute(_KILL)


async def kill_valkey_connections(gateways: Gateways, number: int) -> None:
    for kind in ("pubsub", "normal"):
        client = gateways.running[number].runtime.valkey.client
        await client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")


async def cut_clients(gateways: Gateways, number: int) -> None:
    gateways.running[number].cut_all()


FAULTS: list[Callable[[Gateways, int], Awaitable[None]]] = [
    kill_postgres_connections,
    kill_valkey_connections,
    cut_clients,
    Gateways.kill,
]


@pytest.mark.soak
@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_no_acknowledged_message_is_lost_or_doubled(tried: Crew, round_: int) -> None:
    chance = random.Random(SEED * 10_000 + round_)
    people = [tried.ada, tried.bob, tried.cem]
    room = await tried.room(tried.ada, tried.bob, tried.cem)
    async with AsyncExitStack() as stack:
        gateways = Gateways(tried.platform, stack)
        await gateways.start()
        clients = [
            chat_client(gateways.running[:: chance.choice([1, -1])], chance.choice(people), from_start=True)
            for _ in range(CLIENTS)
        ]
        await asyncio.gather(*(stack.enter_async_context(client) for client in clients))
        await until(lambda: all(room in client.rooms for client in clients))
        writing = [asyncio.create_task(_write(client, room, chance.random())) for client in clients]
        writing += [asyncio.create_task(_write_over_http(person, room)) for person in people]
        for _ in range(3):
            await asyncio.sleep(chance.uniform(0, 0.15))
            for fault in chance.sample(FAULTS, chance.randrange(1, 3)):
                with suppress(Exception):  # a fault may meet an engine that another one has just cut off
                    await fault(gateways, chance.randrange(2))
        acknowledged = [ack for acks in await asyncio.wait_for(asyncio.gather(*writing), 60) for ack in acks]
        stored = [(each["seq"], each["id"]) for each in await _eventually(lambda: history(tried.ada, room))]
        assert [seq for seq, _ in stored] == list(range(1, (CLIENTS + len(people)) * MESSAGES + 1))
        assert sorted(acknowledged) == stored
        await until(lambda: all(client.rooms[room].last_seq == len(stored) for client in clients), timeout=15)
        for client in clients:
            assert [(each["seq"], each["id"]) for each in client.rooms[room].history] == stored


async def _write(client: ChatClient, room: str, pace: float) -> list[Acknowledged]:
    acks = []
    for number in range(MESSAGES):
        ack = await client.send(room, f"message {number}")
        acks.append((ack["seq"], ack["id"]))
        await asyncio.sleep(pace / 20)
    return acks


async def _write_over_http(person: Person, room: str) -> list[Acknowledged]:
    """The same over HTTP: what was not answered is sent again under its clientMessageId."""
    acks = []
    for number in range(MESSAGES):
        message = {"clientMessageId": f"{person.id}-{number}", "body": f"over HTTP {number}"}
        while (answer := await _post(person, room, message)) is None or answer.status_code not in (200, 201):
            await asyncio.sleep(0.05)
        acks.append((answer.json()["seq"], answer.json()["id"]))
    return acks


async def _post(person: Person, room: str, message: dict[str, str]) -> httpx.Response | None:
    with suppress(httpx.HTTPError, OSError):
        answer = await person.client.post(f"/rooms/{room}/messages", json=message)
        assert answer.status_code in (200, 201, 503), answer.text
        return answer
    return None


async def _eventually(ask: Callable[[], Awaitable[list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    """What is answered once the engines are well again."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await ask()
            except AssertionError:
                await asyncio.sleep(0.05)


async def test_a_lost_publication_is_noticed_by_the_next_and_by_comparison(tried: Crew) -> None:
    crew = tried
    room = await crew.room(crew.ada, crew.bob)
    async with (
        running_gateway(crew.platform.runtime.settings) as gateway,
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


async def test_a_restart_tells_clients_when_to_come_back(tried: Crew) -> None:
    crew = tried
    room = await crew.room(crew.ada)
    settings = crew.platform.runtime.settings
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
