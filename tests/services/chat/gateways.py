"""Gateways inside a test, on real sockets, and raw clients of them."""

import asyncio
import itertools
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from tests.platform import Person

from septet.app import make_runtime
from septet.client.chat import ChatClient
from septet.kernel.config import Settings
from septet.kernel.runtime import Runtime
from septet.services.chat.gateway.server import Gateway

Frame = dict[str, Any]
_ids = itertools.count(1)


class RunningGateway:
    """A gateway with a runtime of its own, as another process would have. `killed` cuts it off without a word."""

    def __init__(self, runtime: Runtime, gateway: Gateway, port: int) -> None:
        self.runtime = runtime
        self.gateway = gateway
        self.port = port
        self.url = f"ws://127.0.0.1:{port}/"

    def cut_all(self) -> None:
        """Every client loses its connection, without a close frame."""
        for connection in tuple(self.gateway.connections):
            connection.abort()

    async def die(self) -> None:
        """End as a killed process does: nothing is settled, nobody is told, not even what was just stored."""
        assert self.gateway._server is not None
        self.gateway._stopping = True
        self.gateway._server.close()
        self.cut_all()
        queues = list(self.gateway.sender._queues.values())
        self.gateway.sender._queues.clear()
        tasks = {*self.gateway._tasks, *(queue.storing for queue in queues if queue.storing is not None)}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.gateway.hub.subscriptions.stop()


@asynccontextmanager
async def running_gateway(settings: Settings, port: int = 0) -> AsyncIterator[RunningGateway]:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(2048)
    listening.setblocking(False)
    async with make_runtime(settings, {"gateway": listening}).open() as runtime:
        gateway = Gateway(runtime)
        await gateway.start()
        try:
            yield RunningGateway(runtime, gateway, listening.getsockname()[1])
        finally:
            await gateway.stop()


class RawClient:
    """A WebSocket client that knows nothing of the protocol, made with aiohttp."""

    def __init__(self, socket_: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket_
        self.seen: list[Frame] = []

    async def say(self, kind: str, **fields: Any) -> None:
        await self.socket.send_str(json.dumps({"type": kind, **fields}))

    async def hear(self, *kinds: str, timeout: float = 5, **fields: Any) -> Frame:
        """The next frame of one of these kinds with these fields; what comes before it is kept in `seen`."""
        async with asyncio.timeout(timeout):
            while True:
                message = await self.socket.receive()
                assert message.type is aiohttp.WSMsgType.TEXT, f"closed: {self.socket.close_code} {message}"
                frame: Frame = json.loads(message.data)
                self.seen.append(frame)
                if frame["type"] in kinds and all(frame.get(name) == value for name, value in fields.items()):
                    return frame

    async def hear_nothing(self, *kinds: str, for_seconds: float = 0.3) -> None:
        """No such frame comes for a while."""
        try:
            frame = await self.hear(*kinds, timeout=for_seconds)
        except TimeoutError:
            return
        raise AssertionError(f"heard {frame}")

    async def closed(self, timeout: float = 5) -> tuple[int | None, Frame]:
        """The close code and reason; frames before it are skipped."""
        async with asyncio.timeout(timeout):
            while (message := await self.socket.receive()).type is aiohttp.WSMsgType.TEXT:
                self.seen.append(json.loads(message.data))
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED), message
        return self.socket.close_code, json.loads(message.extra) if message.extra else {}


@asynccontextmanager
async def raw_client(gateway: RunningGateway, person: Person | None = None, **hello: Any) -> AsyncIterator[RawClient]:
    """Connected; greeted and following its rooms where there is a person."""
    async with aiohttp.ClientSession() as http, http.ws_connect(gateway.url, autoping=True) as socket_:
        client = RawClient(socket_)
        if person is not None:
            await client.say("hello", token=person.token, organizationId=_organization(person), **hello)
            await client.hear("welcome")
        yield client


def chat_client(gateways: list[RunningGateway], person: Person, **options: Any) -> ChatClient:
    urls = [gateway.url for gateway in gateways]
    return ChatClient(urls, person.token, organization_id=_organization(person), **options)


def _organization(person: Person) -> str:
    return str(person.client.headers["Septet-Organization"])


async def until(condition: Any, timeout: float = 10) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(0.01)
