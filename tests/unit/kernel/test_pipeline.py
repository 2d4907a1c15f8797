"""The batching pipeline: order, one write a turn, outages, nothing sent twice, clusters."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ResponseError

from septet.engines.valkey import ValkeyEngine
from septet.kernel.errors import EngineUnavailable, StorageFull
from septet.kernel.pipeline import Pipeline
from septet.kernel.pipeline_connection import PipelineConnection

Eventually = Callable[[Callable[[], bool]], Awaitable[None]]
INCREMENT = "return redis.call('INCRBY', KEYS[1], ARGV[1])"


@pytest.fixture
async def pipeline(valkey_engine: ValkeyEngine) -> AsyncIterator[Pipeline]:
    pipeline = Pipeline(valkey_engine.url, limit=1000, timeout=0.5)
    await pipeline.start()
    yield pipeline
    await pipeline.close()


async def test_replies_come_in_order(pipeline: Pipeline) -> None:
    replies = await asyncio.gather(*(pipeline.call(b"ECHO", number) for number in range(900)))
    assert replies == [str(number).encode() for number in range(900)]


async def test_replies_of_every_kind_and_size(pipeline: Pipeline) -> None:
    big = os.urandom(3_000_000)
    assert await pipeline.call(b"SET", b"big", big) == b"OK"
    assert await pipeline.call(b"GET", "big") == big
    assert await pipeline.call(b"GET", b"absent") is None
    assert await pipeline.call(b"EVAL", "return {1, 'a', {2, false}}", 0) == [1, b"a", [2, None]]
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await pipeline.call(b"LPUSH", b"big", b"x")
    assert await pipeline.call(b"PING") == b"PONG"


async def test_one_turn_is_one_write(valkey_engine: ValkeyEngine) -> None:
    """A server of ours counts what arrives, which Valkey does not tell."""
    arrived: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1_000_000):
            arrived.append(data)
            writer.write(b"+OK\r\n" * data.count(b"*"))

    server = await asyncio.start_unix_server(serve, path := str(valkey_engine.directory / "counting.sock"))
    pipeline = Pipeline(f"unix://{path}")
    await pipeline.start()
    arrived.clear()
    await asyncio.gather(*(pipeline.call(b"PING") for _ in range(64)))
    assert len(arrived) == 1
    await pipeline.close()
    server.close()


async def test_script_is_sent_whole_only_when_unknown(pipeline: Pipeline) -> None:
    sha = pipeline.script(INCREMENT)
    assert await pipeline.call(b"EVALSHA", sha, 1, b"n", 2) == 2
    assert await pipeline.call(b"EVALSHA", sha, 1, b"n", 2) == 4
    await pipeline.call(b"SCRIPT", b"FLUSH")
    assert await pipeline.call(b"EVALSHA", sha, 1, b"n", 2) == 6
    with pytest.raises(ResponseError):
        await pipeline.call(b"EVALSHA", b"0" * 40, 1, b"n", 2)


async def test_callback_gets_reply_or_exception_and_may_fail(pipeline: Pipeline) -> None:
    outcomes: list[object] = []

    def fail(reply: object) -> None:
        raise ValueError(reply)

    reported: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: reported.append(context))
    pipeline.submit((b"PING",), fail)
    pipeline.submit((b"PING",), outcomes.append)
    pipeline.submit((b"NOSUCH",), outcomes.append)
    await pipeline.call(b"PING")
    loop.set_exception_handler(None)
    assert outcomes[0] == b"PONG"
    assert isinstance(outcomes[1], ResponseError)
    assert isinstance(reported[0]["exception"], ValueError)


async def test_cancelled_call_does_not_shift_the_replies(pipeline: Pipeline) -> None:
    calls = [pipeline.call(b"ECHO", number) for number in range(3)]
    calls[1].cancel()
    assert await calls[0] == b"0"
    assert await calls[2] == b"2"


async def test_full_queue_refuses_the_rest(pipeline: Pipeline) -> None:
    outcomes = await asyncio.gather(*(pipeline.call(b"INCR", b"n") for _ in range(1500)), return_exceptions=True)
    assert outcomes[:1000] == list(range(1, 1001))
    assert {type(outcome) for outcome in outcomes[1000:]} == {EngineUnavailable}
    assert await pipeline.call(b"GET", b"n") == b"1000"


async def test_killed_server_refuses_at_once_and_nothing_runs_twice(
    pipeline: Pipeline, valkey_engine: ValkeyEngine, eventually: Eventually
) -> None:
    assert valkey_engine.pid is not None
    acknowledged = refused = 0

    async def increment_until_refused() -> None:
        nonlocal acknowledged, refused
        with contextlib.suppress(EngineUnavailable):
            while True:
                await pipeline.call(b"INCR", b"n")
                acknowledged += 1
        refused += 1

    clients = [asyncio.create_task(increment_until_refused()) for _ in range(50)]
    await eventually(lambda: acknowledged >= 1000)
    os.kill(valkey_engine.pid, signal.SIGKILL)
    await asyncio.gather(*clients)
    await valkey_engine.wait()
    started = time.monotonic()
    with pytest.raises(EngineUnavailable):
        await pipeline.call(b"PING")
    assert time.monotonic() - started < 0.1
    await valkey_engine.start()
    await eventually(lambda: pipeline.healthy)
    stored = int(await pipeline.call(b"GET", b"n"))
    assert acknowledged <= stored <= acknowledged + refused


async def test_silent_server_is_noticed_by_its_oldest_command(
    pipeline: Pipeline, valkey_engine: ValkeyEngine, eventually: Eventually
) -> None:
    assert valkey_engine.pid is not None
    await pipeline.call(b"PING")
    os.kill(valkey_engine.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        oldest = pipeline.call(b"INCR", b"n")
        later = [oldest]
        while not oldest.done():  # new commands all the time must not hide the old one
            await asyncio.sleep(0.01)
            later.append(pipeline.call(b"INCR", b"n"))
        assert 0.2 < time.monotonic() - started < 0.75
        outcomes = await asyncio.gather(*later, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {EngineUnavailable}
        assert not pipeline.healthy
    finally:
        os.kill(valkey_engine.pid, signal.SIGCONT)
    await eventually(lambda: pipeline.healthy)
    assert await pipeline.call(b"PING") == b"PONG"


async def test_slow_but_answering_server_is_not_given_up(pipeline: Pipeline) -> None:
    """Many commands in flight for longer than the timeout, each answered in time."""
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        await asyncio.gather(*(pipeline.call(b"EVAL", "for i = 1, 200000 do end", 0) for _ in range(20)))
    assert pipeline.healthy


async def test_full_memory_is_storage_full(tmp_path: Path) -> None:
    engine = ValkeyEngine(tmp_path / "small", maxmemory_bytes=3_000_000)
    await engine.start()
    pipeline = Pipeline(engine.url)
    await pipeline.start()
    with pytest.raises(StorageFull):
        await asyncio.gather(*(pipeline.call(b"SET", number, b"x" * 100_000) for number in range(100)))
    await pipeline.close()
    await engine.stop()


async def test_start_without_a_server_is_refused_but_goes_on_trying(
    valkey_engine: ValkeyEngine, eventually: Eventually
) -> None:
    url = valkey_engine.url
    await valkey_engine.stop()
    pipeline = Pipeline(url, timeout=0.2)
    with pytest.raises(EngineUnavailable):
        await pipeline.start()
    await valkey_engine.start()
    await eventually(lambda: pipeline.healthy)
    assert await pipeline.call(b"PING") == b"PONG"
    await pipeline.close()


async def test_garbage_breaks_the_connection_not_the_process() -> None:
    connection = PipelineConnection(10, 1.0, lambda *_: None)
    left, right = socket.socketpair()
    loop = asyncio.get_running_loop()
    await loop.create_unix_connection(lambda: connection, sock=left)
    outcomes: list[object] = []
    connection.send((b"PING",), outcomes.append)
    right.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await asyncio.wait_for(connection.lost.wait(), 5)
    right.close()
    assert isinstance(outcomes[0], EngineUnavailable)
