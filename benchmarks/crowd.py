"""A crowd of WebSocket clients in one process, for Septet's gateway and for Socket.IO alike.

Both speak JSON in text frames; a `Dialect` says what a client sends first, what shows that it is in, and how a message
is sent. A message's body begins with the time it was sent, on this machine's monotonic clock.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

CONNECTING_AT_ONCE = 100
SAMPLE_EVERY = 20


@dataclass(frozen=True, slots=True)
class Dialect:
    """`greet(n)`: the n-th client's first frame. A frame that contains `greeted` shows that it is in."""

    url: str
    greet: Callable[[int], bytes]
    greeted: bytes
    send: Callable[[int, str], bytes]
    message: bytes


def socket_io(port: int) -> Dialect:
    """Engine.IO 4 over a WebSocket: `40` connects, `42[event, data]` is an event, `2` asks for `3`."""
    return Dialect(
        f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket",
        lambda _: b"40",
        b'40{"sid"',
        lambda _, body: b"42" + json.dumps(["send", {"body": body}]).encode(),
        b'42["message"',
    )


@dataclass
class Client(WSListener):
    """Counts messages; of some clients latencies are taken."""

    dialect: Dialect
    number: int
    messages: int = 0
    typing: int = 0
    latencies: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.entered = asyncio.get_running_loop().create_future()
        self.transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.say(self.dialect.greet(self.number))

    def say(self, text: bytes) -> None:
        assert self.transport is not None
        self.transport.send(WSMsgType.TEXT, text)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
            return
        text = frame.get_payload_as_bytes()
        if text.startswith(self.dialect.message):
            self.messages += 1
            if self.number % SAMPLE_EVERY == 0:
                start = text.find(b'"body":"') + 8
                self.latencies.append(time.monotonic() - float(text[start : text.find(b" ", start)]))
        elif text.startswith(b'{"type":"typing"'):
            self.typing += 1
        elif text == b"2":
            self.say(b"3")
        elif self.dialect.greeted in text and not self.entered.done():
            self.entered.set_result(None)


class Crowd:
    """All clients of one measurement."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.clients: list[Client] = []

    async def enter(self, count: int) -> float:
        """Connect so many; returns the seconds that it took until all were in."""
        started, gate = time.monotonic(), asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def one(number: int) -> Client:
            async with gate:
                client = Client(self.dialect, number)
                await ws_connect(lambda: client, self.dialect.url, read_buffer_init_size=2048)
                await asyncio.wait_for(client.entered, 60)
                return client

        self.clients += await asyncio.gather(*(one(number) for number in range(count)))
        return time.monotonic() - started

    def received(self) -> int:
        return sum(client.messages for client in self.clients)

    async def talk(self, per_second: float, seconds: float, size: int = 100) -> None:
        """One of the crowd sends messages of `size` characters at a steady pace, until the last has arrived."""
        speaker, before = self.clients[0], self.received()
        started, sent = time.monotonic(), 0
        while (now := time.monotonic()) < started + seconds:
            while sent < (now - started) * per_second:
                body = f"{time.monotonic():.6f} {sent} ".ljust(size, "x")
                speaker.say(self.dialect.send(sent, body))
                sent += 1
            await asyncio.sleep(0.002)
        expected = before + sent * len(self.clients)
        async with asyncio.timeout(30):
            while self.received() < expected:  # noqa: ASYNC110 - counted by thousands of clients
                await asyncio.sleep(0.01)

    async def type(self, typists: int, room: str, seconds: float) -> float:
        """So many of the crowd type all the time; returns the most typing frames a second that a client was sent."""
        told = json.dumps({"type": "typing", "roomId": room}).encode()
        before = {client.number: client.typing for client in self.clients}
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for client in self.clients[:typists]:
                client.say(told)
            await asyncio.sleep(0.5)
        return max(client.typing - before[client.number] for client in self.clients) / seconds

    def latencies(self) -> list[float]:
        return sorted(latency for client in self.clients for latency in client.latencies)

    async def leave(self) -> None:
        for client in self.clients:
            if client.transport is not None:
                client.transport.disconnect(False)
        await asyncio.sleep(0.2)
        self.clients.clear()
