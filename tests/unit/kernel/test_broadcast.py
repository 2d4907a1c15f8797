"""The invalidation bus: every process hears, a lost connection is noticed, mended and told."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from septet.engines.valkey import ValkeyEngine
from septet.kernel.broadcast import Broadcast
from septet.kernel.errors import EngineUnavailable
from septet.kernel.valkey import Valkey


class Ear:
    """Collects what one process hears."""

    def __init__(self, valkey: Valkey) -> None:
        self.bus = Broadcast(valkey)
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.gaps: asyncio.Queue[None] = asyncio.Queue()
        self.bus.subscribe("cache", self.heard.put_nowait)
        self.bus.on_gap(lambda: self.gaps.put_nowait(None))

    async def hears(self) -> bytes:
        return await asyncio.wait_for(self.heard.get(), 5)

    async def gap(self) -> None:
        await asyncio.wait_for(self.gaps.get(), 5)


@pytest.fixture
async def ear(valkey: Valkey) -> AsyncIterator[Ear]:
    ear = Ear(valkey)
    await ear.bus.start()
    await ear.gap()
    yield ear
    await ear.bus.stop()


async def test_every_process_hears_in_order(ear: Ear, valkey_engine: ValkeyEngine) -> None:
    other_valkey = Valkey(valkey_engine.url)
    other = Ear(other_valkey)
    await other.bus.start()
    for payload in (b"one", b"\x00\xff", b""):
        await other.bus.publish("cache", payload)
    await other.bus.publish("unheard", b"x")
    for listener in (ear, other):
        assert [await listener.hears() for _ in range(3)] == [b"one", b"\x00\xff", b""]
        assert listener.heard.empty()
    await other.bus.stop()
    await other_valkey.close()


async def test_subscribing_takes_effect_at_once(ear: Ear) -> None:
    ear.bus.subscribe("later", ear.heard.put_nowait)
    await ear.bus.publish("later", b"now")
    assert await ear.hears() == b"now"


async def test_failing_callback_harms_no_other(ear: Ear) -> None:
    def fail(payload: bytes) -> None:
        raise ValueError(payload)

    ear.bus.subscribe("mixed", fail)
    ear.bus.subscribe("mixed", ear.heard.put_nowait)
    await ear.bus.publish("mixed", b"1")
    await ear.bus.publish("mixed", b"2")
    assert [await ear.hears(), await ear.hears()] == [b"1", b"2"]


async def test_cut_connection_is_a_gap(ear: Ear, valkey: Valkey) -> None:
    await valkey.client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    await ear.gap()
    assert ear.bus.healthy
    await ear.bus.publish("cache", b"after")
    assert await ear.hears() == b"after"


async def test_silent_server_is_noticed_and_recovery_is_a_gap(
    ear: Ear, valkey_engine: ValkeyEngine, eventually: Callable[[Callable[[], bool]], Awaitable[None]]
) -> None:
    assert valkey_engine.pid is not None
    os.kill(valkey_engine.pid, signal.SIGSTOP)
    try:
        await eventually(lambda: not ear.bus.healthy)
    finally:
        os.kill(valkey_engine.pid, signal.SIGCONT)
    await ear.gap()
    async with asyncio.timeout(5):
        while True:
            try:
                await ear.bus.publish("cache", b"back")
                break
            except EngineUnavailable:  # the breaker is still open for a moment
                await asyncio.sleep(0.02)
    assert await ear.hears() == b"back"


async def test_idle_connection_stays(ear: Ear, valkey: Valkey) -> None:
    await asyncio.sleep(4 * valkey.timeout)  # idleness itself is the subject
    assert ear.bus.healthy
    assert ear.gaps.empty()


async def test_start_without_a_server_is_refused() -> None:
    valkey = Valkey("unix:///nonexistent/valkey.sock", timeout=0.1)
    bus = Broadcast(valkey)
    with pytest.raises(EngineUnavailable):
        await bus.start()
    await bus.stop()
    await valkey.close()
