"""Pipeline, client and bus on a real cluster of three primaries: routing by slot, moves, a node that dies."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import ConnectionError as NotConnected

from septet.engines.valkey import valkey_binary
from septet.kernel.broadcast import Broadcast
from septet.kernel.errors import EngineUnavailable
from septet.kernel.pipeline import Pipeline
from septet.kernel.valkey import Valkey, key

SLOTS = 16384
NODES = 3


class Cluster:
    """Three primaries on loopback; `nodes` are clients of one node each."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2 * NODES)]
        self.ports = [each.getsockname()[1] for each in sockets[:NODES]]
        self._bus_ports = [each.getsockname()[1] for each in sockets[NODES:]]
        for each in sockets:
            each.close()
        self.nodes = [Redis(port=port) for port in self.ports]
        self.processes: list[asyncio.subprocess.Process] = []
        self.url = f"redis+cluster://127.0.0.1:{self.ports[0]}"

    async def start(self) -> None:
        for port, bus_port in zip(self.ports, self._bus_ports, strict=True):
            folder = self._directory / str(port)
            folder.mkdir(parents=True)
            options = {
                "port": port, "cluster-port": bus_port, "bind": "127.0.0.1", "dir": folder, "save": "",
                "cluster-enabled": "yes", "cluster-require-full-coverage": "no", "cluster-node-timeout": 1000,
            }  # fmt: skip
            arguments = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
            process = await asyncio.create_subprocess_exec(
                valkey_binary(), *arguments, stdout=asyncio.subprocess.DEVNULL
            )
            self.processes.append(process)
        async with asyncio.timeout(10):
            await self._join()

    async def _join(self) -> None:
        for number, node in enumerate(self.nodes):
            await _until(node, "PING", "True")
            first, last = SLOTS * number // NODES, SLOTS * (number + 1) // NODES - 1
            await node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            await self.nodes[0].execute_command(
                "CLUSTER", "MEET", "127.0.0.1", self.ports[number], self._bus_ports[number]
            )
        for node in self.nodes:
            await _until(node, "CLUSTER INFO", "'cluster_state': 'ok'")
            await _until(node, "CLUSTER INFO", "'cluster_slots_ok': '16384'")

    def owner(self, slot: int) -> int:
        return next(n for n in range(NODES) if SLOTS * n // NODES <= slot < SLOTS * (n + 1) // NODES)

    async def stop(self) -> None:
        for node in self.nodes:
            await node.aclose()
        for process in self.processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _until(node: Redis, command: str, expected: str) -> None:
    with suppress(NotConnected):
        if expected in str(await node.execute_command(command)):
            return
    await asyncio.sleep(0.02)
    await _until(node, command, expected)


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    cluster = Cluster(tmp_path)
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.stop()


@pytest.fixture
async def pipeline(cluster: Cluster) -> AsyncIterator[Pipeline]:
    pipeline = Pipeline(cluster.url, timeout=0.5)
    await pipeline.start()
    yield pipeline
    await pipeline.close()


async def test_commands_reach_the_owner_of_their_slot(pipeline: Pipeline, cluster: Cluster) -> None:
    sha = pipeline.script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    keys = [key(f"tenant-{number}", "limits", "x") for number in range(60)]
    await asyncio.gather(*(pipeline.call(b"SET", each, 1) for each in keys))
    assert await asyncio.gather(*(pipeline.call(b"EVALSHA", sha, 1, each, 2) for each in keys)) == [3] * 60
    assert sum([await node.dbsize() for node in cluster.nodes]) == 60
    assert min([await node.dbsize() for node in cluster.nodes]) > 5


async def test_moved_slot_is_followed(pipeline: Pipeline, cluster: Cluster) -> None:
    moved = next(f"{{{n}}}" for n in range(100) if cluster.owner(key_slot(f"{{{n}}}".encode())) == 0)
    slot = key_slot(moved.encode())
    target = (await cluster.nodes[1].execute_command("CLUSTER", "MYID")).decode()
    for node in (cluster.nodes[1], cluster.nodes[0], cluster.nodes[2]):
        await node.execute_command("CLUSTER", "SETSLOT", slot, "NODE", target)
    assert await pipeline.call(b"SET", moved, 7) == b"OK"
    assert await cluster.nodes[1].execute_command("CLUSTER", "COUNTKEYSINSLOT", slot) == 1


async def test_migrating_slot_is_asked_for(pipeline: Pipeline, cluster: Cluster) -> None:
    moving = next(f"{{{n}}}" for n in range(100) if cluster.owner(key_slot(f"{{{n}}}".encode())) == 0)
    slot = key_slot(moving.encode())
    source, target = [
        (await node.execute_command("CLUSTER", "MYID")).decode() for node in (cluster.nodes[0], cluster.nodes[1])
    ]
    await cluster.nodes[1].execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", source)
    await cluster.nodes[0].execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", target)
    assert await pipeline.call(b"SET", moving, 7) == b"OK"
    assert await pipeline.call(b"GET", moving) == b"7"
    assert await cluster.nodes[1].execute_command("CLUSTER", "COUNTKEYSINSLOT", slot) == 1


async def test_dead_node_takes_only_its_own_slots_down(
    pipeline: Pipeline, cluster: Cluster, eventually: Callable[[Callable[[], bool]], Awaitable[None]]
) -> None:
    keys = {cluster.owner(key_slot(each.encode())): each for each in (f"{{{n}}}" for n in range(50))}
    cluster.processes[2].kill()
    await cluster.processes[2].wait()
    await eventually(lambda: not pipeline.healthy)
    with pytest.raises(EngineUnavailable):
        await pipeline.call(b"SET", keys[2], 1)
    assert [await pipeline.call(b"SET", keys[node], 1) for node in (0, 1)] == [b"OK", b"OK"]


async def test_client_and_bus_work_on_a_cluster(cluster: Cluster) -> None:
    valkey = Valkey(cluster.url)
    add = valkey.script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    assert [await add(keys=[f"{{{n}}}"], args=[2]) for n in range(20)] == [2] * 20
    batch = valkey.client.pipeline()
    for n in range(20):
        batch.get(f"{{{n}}}")
    assert await batch.execute() == [b"2"] * 20
    bus = Broadcast(valkey)
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    bus.subscribe("c", heard.put_nowait)
    await bus.start()
    await bus.publish("c", b"news")
    assert await asyncio.wait_for(heard.get(), 5) == b"news"
    await bus.stop()
    for process in cluster.processes:
        process.kill()
        await process.wait()
    for _ in range(3):
        with pytest.raises(EngineUnavailable):
            await valkey.client.get("a")
    await valkey.close()
