"""Gateways and web processes are killed while people write; nothing that was acknowledged is lost or doubled."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from benchmarks.installation import Installation, free_ports
from tests.journeys.test_up import pid_of

from septet.client.chat import ChatClient

pytestmark = pytest.mark.processes
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "1"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
CLIENTS, MESSAGES = 20, 6


def call(septet: Installation, method: str, path: str, body: object = None, token: str = "") -> Any:
    status, answer = septet.call(method, path, body, token=token)
    assert status in (200, 201), answer
    return answer


@pytest.fixture(scope="module")
def second_gateway(septet: Installation) -> Iterator[int]:
    """The port of another gateway process of the same installation."""
    (port,) = free_ports(1)
    environment = septet.environment() | {"SEPTET_GATEWAY_PORT": str(port)}
    command = [sys.executable, "-m", "septet", "run", "gateway"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    assert process.stderr is not None
    while b"Serving" not in (line := process.stderr.readline()):
        assert line, "it ended before it served"
    try:
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@asynccontextmanager
async def crowd(urls: list[str], token: str, room: str) -> AsyncIterator[list[ChatClient]]:
    clients = [ChatClient(urls[n % 2 :] + urls[: n % 2], token, from_start=True) for n in range(CLIENTS)]
    for client in clients:
        await client.__aenter__()
    try:
        async with asyncio.timeout(20):
            while not all(room in client.rooms for client in clients):
                await asyncio.sleep(0.02)
        yield clients
    finally:
        for client in clients:
            await client.close()


@pytest.mark.soak
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_no_acknowledged_message_is_lost_or_doubled(septet: Installation, second_gateway: int, round_: int) -> None:
    chance = random.Random(SEED * 10_000 + round_)
    person = {"email": f"chatter{round_}@example.com", "password": "plenty of correct horses", "name": "Ada"}
    token = call(septet, "POST", "/auth/signup", person)["session"]["token"]
    call(septet, "POST", "/organizations", {"name": f"Round {round_}"}, token)
    room = call(septet, "POST", "/rooms", {"name": "general"}, token)["id"]
    urls = [f"ws://127.0.0.1:{port}/" for port in (septet.gateway_port, second_gateway)]
    acknowledged, known = asyncio.run(_talk(septet, urls, token, room, chance))
    septet.wait_until_ready()
    stored: list[tuple[int, str]] = []
    path: str | None = f"/rooms/{room}/messages?limit=200&afterSeq=0"
    while path is not None:
        page = call(septet, "GET", path, None, token)
        stored += [(message["seq"], message["id"]) for message in page["data"]]
        path = page["nextCursor"] and f"/rooms/{room}/messages?limit=200&cursor={page['nextCursor']}"
    assert [seq for seq, _ in stored] == list(range(1, CLIENTS * MESSAGES + 1))
    assert sorted(acknowledged) == stored
    assert all(each == stored for each in known)


async def _talk(
    septet: Installation, urls: list[str], token: str, room: str, chance: random.Random
) -> tuple[list[tuple[int, str]], list[list[tuple[int, str]]]]:
    async with crowd(urls, token, room) as clients:

        async def write(client: ChatClient) -> list[tuple[int, str]]:
            acks = []
            for number in range(MESSAGES):
                ack = await client.send(room, f"message {number}")
                acks.append((ack["seq"], ack["id"]))
                await asyncio.sleep(chance.uniform(0, 0.1))
            return acks

        writing = [asyncio.create_task(write(client)) for client in clients]
        for child in chance.sample(["gateway", "web", "valkey"], 2):
            await asyncio.sleep(chance.uniform(0, 0.2))
            try:
                os.kill(pid_of(septet, child), signal.SIGKILL)
            except StopIteration:
                continue  # it is down already
        acknowledged = [ack for acks in await asyncio.wait_for(asyncio.gather(*writing), 60) for ack in acks]
        async with asyncio.timeout(20):
            while not all(client.rooms[room].last_seq == len(acknowledged) for client in clients):
                await asyncio.sleep(0.05)
        return acknowledged, [[(m["seq"], m["id"]) for m in client.rooms[room].history] for client in clients]
