"""Chat: fan-out, connections, storage and resume, beside Socket.IO on the same core with the same clients.

Deliveries per CPU-second count only the gateway's (or node's) own CPU; what engines use comes on top for both. With
storage off, publications are put into Valkey as a gateway would hear them from another one.
"""

import asyncio
import atexit
import itertools
import json
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
import uvloop
from redis.asyncio import Redis

from benchmarks.cases import Case, Round, Suite
from benchmarks.crowd import Client, Crowd, Dialect, socket_io
from benchmarks.installation import Installation, free_ports
from benchmarks.peer import installed

KEYS = 50
PER_SECOND = 20
ROOMS = 100
LARGE = 8000
SETTLE_SECONDS = 2.0  # what follows a greeting (presence, for one) is not part of a delivery's price
_names = itertools.count(1)

Measured = Callable[[float], Awaitable[Round]]


class Server:
    """The process whose CPU and memory count."""

    def __init__(self, find: Callable[[], int]) -> None:
        self._find = find

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self._find())

    def cpu_seconds(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory_kib(self) -> float:
        return float(self.process.memory_full_info().uss / 1024)


class Septet:
    """An organization with API keys, each of which is a participant, and rooms."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        person = {"email": "load@example.com", "password": "plenty of correct horses", "name": "Load"}
        self.token = self._created("/auth/signup", person)["session"]["token"]
        self.organization = self._created("/organizations", {"name": "Load"})["id"]
        keys = [self._created("/api-keys", {"name": "load", "scopes": ["*"]})["key"] for _ in range(KEYS)]
        self.keys = [self.token, *keys]
        self.room = self._created("/rooms", {"name": "general"})["id"]
        self.server = Server(self._gateway_pid)

    def _created(self, path: str, body: dict[str, Any]) -> Any:
        status, answer = self.installation.call("POST", path, body, token=getattr(self, "token", ""))
        assert status == 201, answer
        return answer

    def _gateway_pid(self) -> int:
        everything = psutil.Process(self.installation.process.pid).children(recursive=True)
        return next(each.pid for each in everything if "gateway" in _comm(each.pid))

    def dialect(self, *rooms: str) -> Dialect:
        def greet(number: int) -> bytes:
            hello = {"type": "hello", "token": self.keys[number % len(self.keys)]}
            here = {"seq": 2**40, "version": 2**40}  # only what happens from now on
            positions = dict.fromkeys(rooms or (self.room,), here)
            return json.dumps({**hello, "organizationId": self.organization, "rooms": positions}).encode()

        def send(_: int, body: str) -> bytes:
            message = {"type": "send", "roomId": self.room, "clientMessageId": f"b{next(_names)}", "body": body}
            return json.dumps(message).encode()

        url = f"ws://127.0.0.1:{self.installation.gateway_port}/"
        return Dialect(url, greet, b'"type":"resumed"', send, b'{"type":"message"')

    def new_rooms(self, count: int) -> list[str]:
        return [self._created("/rooms", {"name": f"room {number}"})["id"] for number in range(count)]


def _comm(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text()


def start_peer(*arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """Socket.IO on Septet's core."""
    folder = installed("chat")
    assert folder, "without Node there is nothing to measure chat against"
    (port,) = free_ports(1)
    server_core = min(os.sched_getaffinity(1))
    process = subprocess.Popen(
        ["taskset", "-c", str(server_core), "node", "server.js", str(port), *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
    )
    atexit.register(process.kill)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process, port


def fan_out(dialect: Dialect, server: Server, count: int) -> Measured:
    """Deliveries per CPU-second, and p99 of their latency, at a steady pace."""

    async def measure(seconds: float) -> Round:
        crowd = Crowd(dialect)
        await crowd.enter(count)
        await asyncio.sleep(SETTLE_SECONDS)
        cpu, before = server.cpu_seconds(), crowd.received()
        await crowd.talk(PER_SECOND, seconds)
        delivered, used = crowd.received() - before, server.cpu_seconds() - cpu
        latencies = crowd.latencies()
        await crowd.leave()
        return Round(delivered / used, latencies[int(0.99 * len(latencies))] * 1000)

    return measure


def beside_a_stalled_client(septet: Septet, count: int, *, stalled: bool) -> Measured:
    """p99 of large messages, while one client reads nothing or while all do."""
    dialect = septet.dialect()

    async def measure(seconds: float) -> Round:
        crowd = Crowd(dialect)
        await crowd.enter(count)
        sleeper = Client(dialect, 1)
        if stalled:
            await ws_connect_client(sleeper)
            assert sleeper.transport is not None
            sleeper.transport.underlying_transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(SETTLE_SECONDS)
        cpu, before = septet.server.cpu_seconds(), crowd.received()
        await crowd.talk(PER_SECOND, seconds, LARGE)
        delivered, used = crowd.received() - before, septet.server.cpu_seconds() - cpu
        latencies = crowd.latencies()
        await crowd.leave()
        if sleeper.transport is not None:
            sleeper.transport.disconnect(False)
        return Round(delivered / used, latencies[int(0.99 * len(latencies))] * 1000)

    return measure


def typing(septet: Septet, count: int, typists: int) -> Measured:
    """Typing frames a minute that the client hears who hears most of them; 60 is the promise."""

    async def measure(seconds: float) -> Round:
        room = septet.new_rooms(1)[0]
        for key in septet.keys[1:]:
            status, _ = septet.installation.call("POST", f"/rooms/{room}/join", token=key)
            assert status == 200
        crowd = Crowd(septet.dialect(room))
        await crowd.enter(count)
        await asyncio.sleep(SETTLE_SECONDS)
        heard = await crowd.type(typists, room, max(seconds, 4.0))
        await crowd.leave()
        return Round(60 * heard)

    return measure


def fan_out_unstored(septet: Septet, count: int) -> Measured:
    """The same without storage: publications come from Valkey as if another gateway had stored them."""

    async def measure(seconds: float) -> Round:
        room = septet.new_rooms(1)[0]
        crowd = Crowd(septet.dialect(room))
        await crowd.enter(count)
        await asyncio.sleep(SETTLE_SECONDS)
        valkey = Redis(unix_socket_path=str(next(septet.installation.data_dir.glob("**/valkey*.sock"))))
        channel = f"septet:{{{septet.organization}}}:chat:room:{room}"
        cpu, version, started = septet.server.cpu_seconds(), 2, time.monotonic()
        while time.monotonic() < started + seconds:
            version += 1
            body = f"{time.monotonic():.6f} ".ljust(100, "x")
            frame = {"type": "message", "roomId": room, "seq": version, "version": version, "body": body}
            head = {"f": version, "l": version, "s": version}
            text = json.dumps(head) + "\n" + json.dumps(frame, separators=(",", ":"))
            await valkey.publish(channel, text)
            await asyncio.sleep(1 / PER_SECOND)
        await asyncio.sleep(0.5)
        delivered, used = crowd.received(), septet.server.cpu_seconds() - cpu
        latencies = crowd.latencies()
        await crowd.leave()
        await valkey.aclose()
        assert delivered, "nothing was delivered"
        return Round(delivered / used, latencies[int(0.99 * len(latencies))] * 1000)

    return measure


def accept(dialect: Dialect, count: int) -> Measured:
    """Connections a second, until each is greeted."""

    async def measure(_: float) -> Round:
        crowd = Crowd(dialect)
        seconds = await crowd.enter(count)
        await crowd.leave()
        return Round(count / seconds)

    return measure


def idle_memory(dialect: Dialect, server: Server, count: int) -> Measured:
    """KiB of the server's own memory for each idle connection."""

    before = server.memory_kib()  # of a fresh server: what it frees later, it keeps for the next round

    async def measure(_: float) -> Round:
        crowd = Crowd(dialect)
        await crowd.enter(count)
        await asyncio.sleep(SETTLE_SECONDS)
        after = server.memory_kib()
        await crowd.leave()
        return Round(max(after - before, 0.0) / count)

    return measure


def store(septet: Septet, rooms: Sequence[str]) -> Measured:
    """Messages stored and acknowledged a second, by senders in many rooms with 50 messages in flight each."""
    dialect = septet.dialect(*rooms)

    async def measure(seconds: float) -> Round:
        senders = [_Sender(dialect, room) for room in rooms]
        for sender in senders:
            await sender.enter()
        started = time.monotonic()
        for sender in senders:
            sender.go(50)
        await asyncio.sleep(seconds)
        acknowledged, passed = sum(sender.acknowledged for sender in senders), time.monotonic() - started
        for sender in senders:
            sender.stop()
        await asyncio.sleep(0.5)
        return Round(acknowledged / passed)

    return measure


class _Sender(Client):
    """Sends its next message for each acknowledgement."""

    def __init__(self, dialect: Dialect, room: str) -> None:
        super().__init__(dialect, 0)
        self.room, self.acknowledged, self.going = room, 0, True

    async def enter(self) -> None:
        await ws_connect_client(self)

    def go(self, in_flight: int) -> None:
        for _ in range(in_flight):
            self._next()

    def _next(self) -> None:
        message = {"type": "send", "roomId": self.room, "clientMessageId": f"s{next(_names)}", "body": "x" * 100}
        self.say(json.dumps(message).encode())

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        text = frame.get_payload_as_bytes()
        if text.startswith(b'{"type":"ack"'):
            self.acknowledged += 1
            if self.going:
                self._next()
        elif b'"type":"resumed"' in text and not self.entered.done():
            self.entered.set_result(None)

    def stop(self) -> None:
        self.going = False
        if self.transport is not None:
            self.transport.disconnect(False)


async def ws_connect_client(client: Client) -> None:
    from picows import ws_connect

    await ws_connect(lambda: client, client.dialect.url)
    await asyncio.wait_for(client.entered, 30)


def resume(septet: Septet, count: int) -> Measured:
    """Clients a second that are back and complete after the gateway was killed, from its death on."""

    async def measure(_: float) -> Round:
        crowd = Crowd(septet.dialect())
        await crowd.enter(count)
        os.kill(septet.server.process.pid, signal.SIGKILL)
        started = time.monotonic()
        again = Crowd(septet.dialect())
        await again.enter(count)
        passed = time.monotonic() - started
        await again.leave()
        return Round(count / passed)

    return measure


def prepare(installation: Installation) -> Sequence[Case]:
    """Make the organization, start the peers, name the cases."""
    septet = Septet(installation)
    valkey = str(next(installation.data_dir.glob("**/valkey*.sock")))
    in_memory, memory_port = start_peer()
    adapted, adapter_port = start_peer(valkey)
    ours, rooms = septet.dialect(), septet.new_rooms(ROOMS)
    peers = {"in memory": (in_memory, memory_port), "Redis adapter": (adapted, adapter_port)}
    cases: list[tuple[str, str, Measured]] = []
    cases.append(("idle connection", "KiB", idle_memory(ours, septet.server, 2000)))
    peer = Server(lambda: in_memory.pid)
    cases.append(("Socket.IO idle connection", "KiB", idle_memory(socket_io(memory_port), peer, 2000)))
    for count in (500, 1000):
        cases.append((f"fan-out to {count:,}, stored", "deliveries/CPU-s", fan_out(ours, septet.server, count)))
        cases.append((f"fan-out to {count:,}, not stored", "deliveries/CPU-s", fan_out_unstored(septet, count)))
        for name, (process, port) in peers.items():
            measured = fan_out(socket_io(port), Server(lambda process=process: process.pid), count)
            cases.append((f"Socket.IO, {name}, to {count:,}", "deliveries/CPU-s", measured))
    for stalled in (False, True):
        name = "one more that reads nothing" if stalled else "all of whom read"
        measured = beside_a_stalled_client(septet, 500, stalled=stalled)
        cases.append((f"8 KB to 500, {name}", "deliveries/CPU-s", measured))
    cases.append(("typing, 50 of 5,000 connections", "frames/min and client", typing(septet, 5000, 50)))
    cases.append(("connections accepted and greeted", "/s", accept(ours, 1000)))
    cases.append(("Socket.IO connections accepted", "/s", accept(socket_io(memory_port), 1000)))
    cases.append((f"messages stored, {ROOMS} rooms", "/s", store(septet, rooms)))
    cases.append(("2,000 clients resume after a killed gateway", "clients/s", resume(septet, 2000)))
    return [Case(name, unit, lambda seconds, m=measured: uvloop.run(m(seconds))) for name, unit, measured in cases]


SUITE = Suite("Chat", prepare, {"chat_frames_per_second": 100_000, "chat_frame_burst": 200_000})
