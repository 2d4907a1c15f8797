"""Backup and restore: what comes back equals what was there, and a bad archive touches nothing."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import clickhouse_connect
import pytest
import redis.asyncio

from septet.engines.backup import backup, restore
from septet.engines.clickhouse import ClickHouseEngine
from septet.engines.errors import EngineError
from septet.engines.postgres import PostgresEngine
from septet.engines.valkey import ValkeyEngine


class Trio:
    """Three engines, and what is in them."""

    def __init__(self, directory: Path) -> None:
        self.postgres = PostgresEngine(directory / "postgres")
        self.valkey = ValkeyEngine(directory / "valkey")
        self.clickhouse = ClickHouseEngine(directory / "clickhouse")

    @property
    def urls(self) -> tuple[str, str, str]:
        return self.postgres.admin_url, self.valkey.url, self.clickhouse.url

    async def start(self) -> None:
        await asyncio.gather(self.postgres.start(), self.valkey.start(), self.clickhouse.start())

    async def stop(self) -> None:
        await asyncio.gather(self.postgres.stop(), self.valkey.stop(), self.clickhouse.stop())

    async def fill(self) -> None:
        owner = await asyncpg.connect(self.postgres.owner_url)
        await owner.execute(
            """CREATE SCHEMA app; CREATE TABLE app.rows (tenant text, data bytea, PRIMARY KEY (tenant));
            INSERT INTO app.rows SELECT 'tenant ' || n, sha256(n::text::bytea) FROM generate_series(1, 5000) n;
            ALTER TABLE app.rows ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
            CREATE POLICY walls ON app.rows USING (tenant = current_setting('septet.tenant_id', true))"""
        )
        await owner.close()
        async with redis.asyncio.Redis.from_url(self.valkey.url) as client:
            await client.mset({f"septet:{{t}}:k{n}": f"v{n}" for n in range(2000)})
            await client.hset("septet:{t}:hash", mapping={"a": "1", "b": b"\x00\xff"})
            await client.zadd("septet:{t}:scores", {"a": 1.5, "b": 2})
            await client.xadd("septet:{t}:stream", {"field": "value"}, id="1-1")
            await client.set("septet:{t}:session", "soon gone", px=1_000_000)
        async with await clickhouse_connect.get_async_client(dsn=self.clickhouse.url) as client:
            await client.command(
                "CREATE TABLE logs (n UInt64, t LowCardinality(String), m Map(String, String), j JSON) "
                "ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100"
            )
            await client.command("CREATE TABLE counts (t String, c UInt64) ENGINE = SummingMergeTree ORDER BY t")
            await client.command("CREATE MATERIALIZED VIEW counting TO counts AS SELECT t, 1 AS c FROM logs")
            await client.command("CREATE DATABASE other")
            await client.command(
                "CREATE TABLE other.`odd ``name` (x Nullable(Decimal(9, 2))) ENGINE = MergeTree ORDER BY tuple()"
            )
            await client.command(
                "INSERT INTO logs SELECT number, toString(number % 7), map('k', toString(number)), "
                "'{\"a\":1}' FROM numbers(200000)"
            )
            await client.command("INSERT INTO other.`odd ``name` VALUES (1.5), (NULL)")

    async def content(self) -> dict[str, object]:
        admin = await asyncpg.connect(self.postgres.admin_url)
        found: dict[str, object] = {
            "rows": [tuple(row) for row in await admin.fetch("SELECT * FROM app.rows ORDER BY 1")],
            "owner": await admin.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'rows'"),
            "policies": [tuple(row) for row in await admin.fetch("SELECT policyname, qual FROM pg_policies")],
            "forced": await admin.fetchval("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'rows'"),
            "grants": await admin.fetchval("SELECT has_table_privilege('septet_app', 'app.rows', 'INSERT')"),
        }
        await admin.close()
        async with redis.asyncio.Redis.from_url(self.valkey.url) as client:
            keys = sorted(await client.keys("*"))
            found["keys"] = [(key, await client.dump(key), await client.pexpiretime(key)) for key in keys]
        async with await clickhouse_connect.get_async_client(dsn=self.clickhouse.url) as client:
            for query in (
                "SELECT count(), sum(cityHash64(n, t, m, toString(j))) FROM logs",
                "SELECT t, sum(c) FROM counts GROUP BY t ORDER BY t",
                "SELECT * FROM other.`odd ``name` ORDER BY x",
                "SELECT create_table_query FROM system.tables WHERE database IN ('default', 'other') ORDER BY 1",
            ):
                found[query] = (await client.query(query)).result_rows
        return found


def left_over(directory: Path) -> list[Path]:
    """Half a backup, if there is one."""
    return [*directory.glob("*.partial"), *directory.glob("tmp*")]


@pytest.fixture
async def trios(tmp_path: Path) -> AsyncIterator[tuple[Trio, Trio]]:
    source, target = Trio(tmp_path / "source"), Trio(tmp_path / "target")
    await asyncio.gather(source.start(), target.start())
    yield source, target
    await asyncio.gather(source.stop(), target.stop())


async def test_everything_comes_back_and_nothing_is_overwritten_unasked(
    trios: tuple[Trio, Trio], tmp_path: Path
) -> None:
    source, target = trios
    await source.fill()
    file = tmp_path / "septet.backup"
    seen: list[tuple[str, int, int]] = []
    await backup(*source.urls, file, lambda *step: seen.append(step))
    assert list(dict.fromkeys(stage for stage, _, _ in seen)) == ["postgres", "valkey", "clickhouse"]
    assert all(done <= total for _, done, total in seen)
    assert seen[-1][1] == seen[-1][2] > 0
    assert file.stat().st_mode & 0o077 == 0
    assert not left_over(tmp_path)

    before = await source.content()
    await restore(*target.urls, file)
    assert await target.content() == before

    with pytest.raises(EngineError, match="data in PostgreSQL and Valkey and ClickHouse"):
        await restore(*target.urls, file)
    async with redis.asyncio.Redis.from_url(target.valkey.url) as client:
        await client.set("septet:{t}:later", "x")
    app = await asyncpg.connect(target.postgres.admin_url)
    await app.execute("CREATE SCHEMA later; CREATE TABLE later.rows (); DELETE FROM app.rows")
    await app.close()
    await restore(*target.urls, file, replace=True)
    assert await target.content() == before
    await restore(target.postgres.owner_url, *target.urls[1:], file, replace=True)
    assert await target.content() == before, "the owner of the database suffices"

    damaged = tmp_path / "damaged.backup"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    with pytest.raises(EngineError, match="is damaged: "):
        await restore(*target.urls, damaged, replace=True)
    shutil.copy(file, damaged)
    with damaged.open("r+b") as cut:
        cut.truncate(len(data) // 2)
    with pytest.raises(EngineError, match="not a complete backup"):
        await restore(*target.urls, damaged, replace=True)
    assert await target.content() == before, "a bad archive must not touch anything"


async def test_a_role_that_row_level_security_blinds_cannot_back_up(
    postgres: PostgresEngine, clickhouse: ClickHouseEngine, tmp_path: Path
) -> None:
    file = tmp_path / "septet.backup"
    with pytest.raises(EngineError, match="does not see all rows"):
        await backup(postgres.owner_url, "unix:///nowhere", clickhouse.url, file)
    assert not left_over(tmp_path)
    with pytest.raises(EngineError, match="Valkey cannot be read"):
        await backup(postgres.admin_url, "unix:///nowhere", clickhouse.url, file)
    with pytest.raises(EngineError, match="psql failed"):
        await backup("postgresql:///septet?host=/nowhere", "unix:///nowhere", clickhouse.url, file)
    with pytest.raises(EngineError, match="cannot be written to"):
        await backup(*(postgres.admin_url, "unix:///nowhere", clickhouse.url), Path("/nowhere/septet.backup"))
