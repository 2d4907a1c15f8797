"""The client: keys, scripts, streams; outages answered at once and recovered from; nothing sent twice."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from redis.exceptions import ResponseError

from septet.engines.valkey import ValkeyEngine
from septet.kernel.breaker import CircuitBreaker
from septet.kernel.errors import EngineUnavailable, StorageFull
from septet.kernel.valkey import Valkey, cluster_seed, key


async def answers_again(valkey: Valkey) -> None:
    async with asyncio.timeout(5):
        while True:
            try:
                await valkey.ping()
            except EngineUnavailable:
                await asyncio.sleep(0.02)
            else:
                return


def test_key_keeps_a_tenant_in_one_slot() -> None:
    assert key("acme", "limits", "route", 7) == "septet:{acme}:limits:route:7"


@pytest.mark.parametrize(
    ("url", "seed"),
    [
        ("redis+cluster://:secret@node:7000", "redis://:secret@node:7000"),
        ("rediss+cluster://node:7000?ssl_ca_certs=/ca.pem", "rediss://node:7000?ssl_ca_certs=/ca.pem"),
        ("redis://node:6379/1", None),
        ("unix:///run/valkey.sock", None),
    ],
)
def test_cluster_urls(url: str, seed: str | None) -> None:
    assert cluster_seed(url) == seed


async def test_script_survives_a_flush(valkey: Valkey) -> None:
    add = valkey.script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    assert await add(keys=["n"], args=[2]) == 2
    await valkey.client.script_flush()
    assert await add(keys=["n"], args=[3]) == 5


async def test_the_server_is_not_blamed_for_a_process_that_was_held_up(valkey: Valkey) -> None:
    """The answer comes in time, after half of it, while the process computes on until all of it is over."""
    hasty = Valkey(valkey.url, timeout=0.2)
    await hasty.ping()
    answering = asyncio.create_task(hasty.client.blpop(["nothing"], 0.1))  # type: ignore[arg-type]
    await asyncio.sleep(0.05)
    time.sleep(0.5)  # noqa: ASYNC251 - it is what this is about
    assert await answering is None
    await hasty.close()


async def test_stream_with_a_consumer_group(valkey: Valkey) -> None:
    await valkey.client.xgroup_create("s", "g", mkstream=True)
    identifier = await valkey.client.xadd("s", {"line": b"\x00\xff"})
    [[_, [[found, fields]]]] = await valkey.client.xreadgroup("g", "c", {"s": ">"}, block=200)
    assert (found, fields) == (identifier, {b"line": b"\x00\xff"})
    assert await valkey.client.xreadgroup("g", "c", {"s": ">"}, block=200) == []


async def test_pool_waits_for_a_free_connection(valkey: Valkey) -> None:
    replies = await asyncio.gather(*(valkey.client.incr("n") for _ in range(200)))
    assert sorted(replies) == list(range(1, 201))


async def test_an_error_of_the_server_stays_one(valkey: Valkey) -> None:
    for _ in range(10):
        with pytest.raises(ResponseError, match="unknown command"):
            await valkey.client.execute_command("NOSUCH")
    assert valkey.breaker.state == "closed"


async def test_dead_server_is_refused_at_once_and_recovers(valkey: Valkey, valkey_engine: ValkeyEngine) -> None:
    await valkey.client.set("kept", 1)
    assert valkey_engine.pid is not None
    os.kill(valkey_engine.pid, signal.SIGKILL)
    await valkey_engine.wait()
    for _ in range(3):
        with pytest.raises(EngineUnavailable) as refusal:
            await valkey.client.get("kept")
        assert refusal.value.headers["Retry-After"] == "1"
    assert valkey.breaker.state == "open"
    for work in (valkey.client.get("kept"), valkey.client.pipeline().set("a", 1).execute(), valkey.ping()):
        with pytest.raises(EngineUnavailable):
            await work
    await valkey_engine.start()
    await answers_again(valkey)
    assert await valkey.client.get("kept") == b"1"


async def test_who_only_runs_scripts_recovers_from_a_restart_too(valkey: Valkey, valkey_engine: ValkeyEngine) -> None:
    """A server that was started again knows no script, and says so to the very call that finds it back."""
    script = valkey.script("return 'known'")
    assert await script() == b"known"
    assert valkey_engine.pid
    os.kill(valkey_engine.pid, signal.SIGKILL)
    await valkey_engine.wait()
    for _ in range(3):
        with pytest.raises(EngineUnavailable):
            await script()
    await valkey_engine.start()
    async with asyncio.timeout(5):
        while True:
            try:
                assert await script() == b"known"
            except EngineUnavailable:
                await asyncio.sleep(0.02)
            else:
                return


async def test_frozen_server_costs_at_most_the_timeout(valkey: Valkey, valkey_engine: ValkeyEngine) -> None:
    await valkey.ping()
    assert valkey_engine.pid is not None
    os.kill(valkey_engine.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(EngineUnavailable):
            await valkey.client.incr("n")
        assert time.monotonic() - started < 1.5
    finally:
        os.kill(valkey_engine.pid, signal.SIGCONT)
    await answers_again(valkey)
    assert await valkey.client.get("n") == b"1"  # it was sent exactly once


async def test_full_memory_is_storage_full(tmp_path: Path) -> None:
    engine = ValkeyEngine(tmp_path / "small", maxmemory_bytes=3_000_000)
    await engine.start()
    valkey = Valkey(engine.url)
    try:
        with pytest.raises(StorageFull):
            await asyncio.gather(*(valkey.client.set(str(number), b"x" * 100_000) for number in range(100)))
        with pytest.raises(StorageFull):
            await valkey.client.pipeline(transaction=False).set("a", b"x" * 100_000).execute()
        assert valkey.breaker.state == "closed"
    finally:
        await valkey.close()
        await engine.stop()


def test_breaker_lets_one_probe_through() -> None:
    now = 0.0
    breaker = CircuitBreaker("X", failure_threshold=2, recovery_seconds=3, monotonic=lambda: now)

    def fail() -> None:
        with pytest.raises(OSError), breaker.guard(lambda error: isinstance(error, OSError)):
            raise OSError

    fail()
    assert breaker.state == "closed"
    fail()
    assert breaker.state == "open"
    with pytest.raises(EngineUnavailable) as refusal:
        breaker.check()
    assert refusal.value.headers["Retry-After"] == "3"
    now = 3.0
    assert breaker.state == "half-open"
    breaker.check()
    with pytest.raises(EngineUnavailable):
        breaker.check()  # the probe is out
    now = 6.0
    breaker.check()  # it was never reported, so another goes out
    breaker.succeeded()
    assert breaker.state == "closed"


def test_breaker_ignores_what_is_no_outage() -> None:
    breaker = CircuitBreaker("X", failure_threshold=1)
    with pytest.raises(ValueError), breaker.guard(lambda error: isinstance(error, OSError)):
        raise ValueError
    assert breaker.state == "closed"
