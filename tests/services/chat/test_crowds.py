"""Many listeners: one that stalls harms nobody, and fifty people typing are one frame a second."""

import asyncio
import itertools
import json
import socket
import time
from uuid import UUID

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from tests.platform import Person
from tests.services.chat.conftest import Crew, sent
from tests.services.chat.gateways import RunningGateway, until

from septet.services.chat.publishing import publish_in_room


class Listener(WSListener):
    """Counts frames by type, and when messages arrive."""

    def __init__(self, person: Person) -> None:
        self.hello = {
            "type": "hello",
            "token": person.token,
            "organizationId": str(person.client.headers["Septet-Organization"]),
        }
        self.frames: dict[str, list[float]] = {}

    def on_ws_connected(self, transport: WSTransport) -> None:
        transport.send(WSMsgType.TEXT, json.dumps(self.hello).encode())

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            text = frame.get_payload_as_bytes()
            kind = text[9 : text.index(b'"', 9)].decode()
            self.frames.setdefault(kind, []).append(time.monotonic())


async def listeners(gateway: RunningGateway, person: Person, count: int) -> list[Listener]:
    made = [Listener(person) for _ in range(count)]
    await asyncio.gather(*(ws_connect(lambda each=each: each, gateway.url) for each in made))
    await until(lambda: all("room" in each.frames for each in made), timeout=30)
    return made


async def test_a_stalled_client_is_closed_and_slows_nobody(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada, crew.bob)
    crowd = await listeners(gateway, crew.bob, 100)
    connected = len(gateway.gateway.connections)
    stalled = socket.create_connection(("127.0.0.1", gateway.port))
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    hello = json.dumps(crowd[0].hello).encode()
    stalled.sendall(
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        + bytes([0x81, 0xFE])
        + len(hello).to_bytes(2)
        + bytes(4)
        + hello
    )
    await until(lambda: len(gateway.gateway.connections) == connected + 1)
    waits = []
    for number in range(1, 601):
        began = time.monotonic()
        await sent(crew.ada, room, "x" * 8000)
        await until(lambda number=number: all(len(each.frames.get("message", ())) == number for each in crowd))
        waits.append(time.monotonic() - began)
        if len(gateway.gateway.connections) == connected:
            break
    assert len(gateway.gateway.connections) == connected, "the stalled client was closed"
    assert max(waits) < 1, "nobody waited for it"
    stalled.close()
    gateway.cut_all()


async def test_who_catches_up_while_others_write_hears_each_message_once(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada, crew.bob)
    crowd = await listeners(gateway, crew.bob, 30)
    subscriptions = gateway.gateway.hub.subscriptions
    for number in range(100):
        if number % 20 == 10:
            assert subscriptions._connection is not None
            subscriptions._connection.abort()
        await sent(crew.ada, room, f"line {number}")
        await until(lambda: subscriptions.healthy)
    await until(lambda: all(len(each.frames.get("message", ())) >= 100 for each in crowd))
    await sent(crew.ada, room, "the last")
    await until(lambda: all(len(each.frames["message"]) >= 101 for each in crowd))
    assert [len(each.frames["message"]) for each in crowd] == [101] * len(crowd)
    gateway.cut_all()


async def test_fifty_people_typing_are_one_frame_a_second(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada, crew.bob)
    crowd = await listeners(gateway, crew.bob, 50)
    began = time.monotonic()
    while time.monotonic() < began + 2.5:
        for number in range(50):
            typist = f"00000000-0000-7000-8000-{number:012}"
            publish_in_room(gateway.runtime, crew.organization.id, UUID(room), typing=typist)
        await asyncio.sleep(0.1)
    for each in crowd:
        told = each.frames["typing"]
        assert 1 <= len(told) <= 4
        assert all(later - earlier > 0.9 for earlier, later in itertools.pairwise(told))
    gateway.cut_all()
