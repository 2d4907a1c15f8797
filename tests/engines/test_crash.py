"""kill -9 under load, again and again: every write that was acknowledged is there afterwards."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import clickhouse_connect
import redis.asyncio
from clickhouse_connect.driver.exceptions import Error as ClickHouseError
from redis.exceptions import RedisError

from septet.engines.clickhouse import ClickHouseEngine
from septet.engines.postgres import PostgresEngine
from septet.engines.valkey import ValkeyEngine

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "1"))
WRITERS = 4
ENOUGH = 60
INSERT = "INSERT INTO app.numbers VALUES ($1)"


async def write_until_killed(
    engine: PostgresEngine | ValkeyEngine | ClickHouseEngine,
    write: Callable[[int], Awaitable[object]],
    failures: tuple[type[Exception], ...],
    first: int,
) -> set[int]:
    """Numbers from `first` on whose write was acknowledged before the server was killed."""
    acknowledged: set[int] = set()
    numbers = iter(range(first, first + 100_000))

    async def writer() -> None:
        with contextlib.suppress(*failures):
            for number in numbers:
                await write(number)
                acknowledged.add(number)
                if len(acknowledged) == ENOUGH and engine.pid:
                    os.kill(engine.pid, signal.SIGKILL)

    await asyncio.wait_for(asyncio.gather(*(writer() for _ in range(WRITERS))), 30)
    assert await engine.wait() == -signal.SIGKILL
    assert len(acknowledged) >= ENOUGH
    return acknowledged


async def test_postgres_keeps_every_acknowledged_commit(tmp_path: Path) -> None:
    engine = PostgresEngine(tmp_path)
    await engine.start()
    try:
        owner = await asyncpg.connect(engine.owner_url)
        await owner.execute("CREATE SCHEMA app; CREATE TABLE app.numbers (number int PRIMARY KEY)")
        await owner.close()
        acknowledged: set[int] = set()
        for round_ in range(ROUNDS):
            pool = await asyncpg.create_pool(engine.url, min_size=0, max_size=WRITERS)
            failures = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
            acknowledged |= await write_until_killed(
                engine, lambda number, pool=pool: pool.execute(INSERT, number), failures, round_ * 1_000_000
            )
            pool.terminate()
            await engine.start()
        reader = await asyncpg.connect(engine.url)
        assert acknowledged <= {row[0] for row in await reader.fetch("SELECT number FROM app.numbers")}
        await reader.close()
    finally:
        await engine.stop()


async def test_valkey_that_syncs_always_keeps_every_acknowledged_write(tmp_path: Path) -> None:
    engine = ValkeyEngine(tmp_path, appendfsync="always")
    await engine.start()
    try:
        acknowledged: set[int] = set()
        for round_ in range(ROUNDS):
            async with redis.asyncio.Redis.from_url(engine.url, retry=None) as client:
                acknowledged |= await write_until_killed(
                    engine,
                    lambda number, client=client: client.sadd("septet:numbers", number),
                    (OSError, RedisError),
                    round_ * 1_000_000,
                )
            await engine.start()
        async with redis.asyncio.Redis.from_url(engine.url) as client:
            assert acknowledged <= {int(member) for member in await client.smembers("septet:numbers")}
            assert (await client.config_get("appendfsync"))["appendfsync"] == "always"
    finally:
        await engine.stop()


async def test_valkey_loads_an_append_only_file_with_a_torn_tail(tmp_path: Path) -> None:
    engine = ValkeyEngine(tmp_path)
    await engine.start()
    try:
        async with redis.asyncio.Redis.from_url(engine.url) as client:
            await client.set("septet:whole", "1")
        await engine.stop()
        (file,) = (tmp_path / "data" / "appendonlydir").glob("*.incr.aof")
        with file.open("ab") as log:
            log.write(b"*3\r\n$3\r\nSET\r\n$11\r\nseptet:torn")
        await engine.start()
        async with redis.asyncio.Redis.from_url(engine.url) as client:
            assert await client.keys("*") == [b"septet:whole"]
    finally:
        await engine.stop()


async def test_clickhouse_keeps_every_acknowledged_insert(tmp_path: Path) -> None:
    engine = ClickHouseEngine(tmp_path)
    await engine.start()
    try:
        async with await clickhouse_connect.get_async_client(dsn=engine.url) as client:
            await client.command("CREATE TABLE numbers (number UInt64) ENGINE = MergeTree ORDER BY number")

            async def write(number: int) -> None:
                if number % 2:
                    await client.insert("numbers", [[number]], ["number"])
                else:
                    await client.raw_insert("numbers", insert_block=b'{"number":%d}' % number, fmt="JSONEachRow")

            acknowledged = await write_until_killed(engine, write, (OSError, ClickHouseError), 0)
        await engine.start()
        async with await clickhouse_connect.get_async_client(dsn=engine.url) as client:
            rows = (await client.query("SELECT number FROM numbers")).result_columns[0]
            assert acknowledged <= set(rows)
    finally:
        await engine.stop()
