"""A full disk: each engine refuses writes with an error that can be recognised, and corrupts nothing.

PostgreSQL: SQLSTATE 53100 `disk_full`.
Valkey: `MISCONF …` on every write, while reads go on; with `appendfsync always` it ends itself (exit code 1).
ClickHouse: code 243 `NOT_ENOUGH_SPACE`, or an error whose text holds `No space left on device` (errno 28).
"""

import os
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import clickhouse_connect
import pytest
import redis.asyncio
from clickhouse_connect.driver.exceptions import Error as ClickHouseError
from redis.exceptions import RedisError

from septet.engines.clickhouse import ClickHouseEngine
from septet.engines.postgres import PostgresEngine
from septet.engines.valkey import ValkeyEngine

MEGABYTE = 1024 * 1024


def mounted(path: Path, megabytes: int) -> bool:
    path.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=755"]
    return subprocess.run(["mount", *options, "tmpfs", str(path)], capture_output=True, check=False).returncode == 0


@pytest.fixture(params=[160])
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    if os.geteuid() != 0 or not mounted(tmp_path / "disk", request.param):
        pytest.skip("a small file system can be mounted by root alone")
    yield tmp_path / "disk"
    subprocess.run(["umount", "-l", str(tmp_path / "disk")], check=True)


def fill(disk: Path) -> Path:
    """Use up what is left; removing the file gives it back."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * MEGABYTE):
                pass
        except OSError:
            pass
    return ballast


async def until_full(write: Callable[[int], Awaitable[object]], done: list[int]) -> None:
    """Write numbers, noting in `done` what was acknowledged, until that fails."""
    for number in range(200_000):
        await write(number)
        done.append(number)


async def test_postgres(small_disk: Path) -> None:
    engine = PostgresEngine(small_disk / "postgres")
    await engine.start()
    try:
        done: list[int] = []
        insert = "INSERT INTO public.rows SELECT $1::int, repeat(md5($1::int::text), 4000)"
        owner = await asyncpg.connect(engine.owner_url)
        await owner.execute("CREATE TABLE public.rows (n int, filler text)")
        await owner.execute("INSERT INTO public.rows VALUES (-1)")
        ballast = fill(small_disk)
        with pytest.raises(asyncpg.DiskFullError):
            await until_full(lambda n: owner.execute(insert, n), done)
        ballast.unlink()
        owner.terminate()
        if engine.pid is None:
            await engine.start()
        reader = await asyncpg.connect(engine.owner_url)
        numbers = {row["n"] for row in await reader.fetch("SELECT n FROM public.rows")}
        assert numbers >= {-1, *done}
        await reader.execute("INSERT INTO public.rows VALUES (-2)")
        await reader.close()
    finally:
        await engine.stop()


@pytest.mark.parametrize("small_disk", [32], indirect=True)
async def test_valkey(small_disk: Path) -> None:
    engine = ValkeyEngine(small_disk / "valkey")
    await engine.start()
    try:
        done: list[int] = []
        async with redis.asyncio.Redis.from_url(engine.url) as client:
            ballast = fill(small_disk)
            with pytest.raises(RedisError, match="MISCONF"):
                await until_full(lambda n: client.set(f"septet:{n}", b"x" * 65536), done)
            assert await client.get("septet:0") is not None, "reads go on"
            ballast.unlink()
            for _ in range(500):
                try:
                    await client.set("septet:again", 1)
                    break
                except RedisError:
                    await client.execute_command("WAITAOF", 1, 0, 100)
        await engine.stop()
        await engine.start()
        async with redis.asyncio.Redis.from_url(engine.url) as client:
            assert await client.exists(*(f"septet:{n}" for n in done), "septet:again") == len(done) + 1
    finally:
        await engine.stop()


@pytest.mark.parametrize("small_disk", [32], indirect=True)
async def test_valkey_that_syncs_always(small_disk: Path) -> None:
    engine = ValkeyEngine(small_disk / "valkey", appendfsync="always")
    await engine.start()
    try:
        done: list[int] = []
        async with redis.asyncio.Redis.from_url(engine.url, retry=None) as client:
            ballast = fill(small_disk)
            with pytest.raises((RedisError, OSError)):
                await until_full(lambda n: client.set(f"septet:{n}", b"x" * 65536), done)
        assert await engine.wait() == 1
        ballast.unlink()
        await engine.start()
        async with redis.asyncio.Redis.from_url(engine.url) as client:
            assert await client.exists("septet:never", *(f"septet:{n}" for n in done)) == len(done)
    finally:
        await engine.stop()


async def test_clickhouse(small_disk: Path) -> None:
    engine = ClickHouseEngine(small_disk / "clickhouse")
    await engine.start()
    try:
        done: list[int] = []
        async with await clickhouse_connect.get_async_client(dsn=engine.url) as client:
            await client.command("CREATE TABLE rows (n UInt64, filler String) ENGINE = MergeTree ORDER BY n")
            await client.command("INSERT INTO rows VALUES (1000000, '')")
            ballast = fill(small_disk)
            insert = "INSERT INTO rows SELECT {n:UInt64}, randomString(2000000)"
            with pytest.raises(ClickHouseError) as full:
                await until_full(lambda n: client.command(insert, parameters={"n": n}), done)
            assert "NOT_ENOUGH_SPACE" in str(full.value) or "No space left" in str(full.value)
            assert await client.command("SELECT count() FROM rows") == len(done) + 1
            ballast.unlink()
            await client.command("INSERT INTO rows VALUES (1000001, '')")
        await engine.stop()
        await engine.start()
        async with await clickhouse_connect.get_async_client(dsn=engine.url) as client:
            numbers = (await client.query("SELECT n FROM rows")).result_columns[0]
            assert sorted(numbers) == [*done, 1_000_000, 1_000_001]
            assert await client.command("CHECK TABLE rows SETTINGS check_query_single_value_result = 1") == 1
    finally:
        await engine.stop()
