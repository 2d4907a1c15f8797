"""A connection may die without a word: a cable, a sleeping laptop, a router that forgets. Clients notice and go on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.services.chat.conftest import Crew
from tests.services.chat.gateways import RunningGateway, until

from septet.client.chat import ChatClient


class Relay:
    """Between a client and a gateway. What is connected when it is cut stays open, and nothing comes through."""

    def __init__(self, gateway: RunningGateway) -> None:
        self._gateway = gateway
        self._relaying: set[asyncio.Task[None]] = set()
        self.url = ""

    def cut(self) -> None:
        for task in self._relaying:
            task.cancel()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, answers = await asyncio.open_connection("127.0.0.1", self._gateway.port)
        for source, target in ((reader, answers), (there, writer)):
            task = asyncio.create_task(self._relay(source, target))
            self._relaying.add(task)

    async def _relay(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            target.write(data)


@asynccontextmanager
async def relay(gateway: RunningGateway) -> AsyncIterator[Relay]:
    between = Relay(gateway)
    server = await asyncio.start_server(between.connected, "127.0.0.1", 0)
    between.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield between
    finally:
        server.close()
        between.cut()


async def test_a_client_leaves_a_connection_that_died(
    crew: Crew, gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("septet.client.chat.PING_AFTER_SECONDS", 0.2)
    monkeypatch.setattr("septet.client.chat.PONG_WITHIN_SECONDS", 0.2)
    room = await crew.room(crew.ada)
    organization = str(crew.ada.client.headers["Septet-Organization"])
    async with relay(gateway) as between, ChatClient(between.url, crew.ada.token, organization_id=organization) as ada:
        await until(lambda: room in ada.rooms)
        between.cut()
        ack = await asyncio.wait_for(ada.send(room, "sent into the void, and then for good"), 10)
        assert ack["seq"] == 1
        assert ada.connections == 2
