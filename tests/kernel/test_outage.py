"""An engine that is down answers 503 with `Retry-After` within two seconds, and everything recovers by itself."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
from tests.platform import Platform, platform_settings, problem, running_platform

from septet.engines.clickhouse import ClickHouseEngine
from septet.engines.postgres import PostgresEngine
from septet.engines.valkey import ValkeyEngine
from septet.kernel.clickhouse import ClickHouse
from septet.migrations.run import migrate_clickhouse, migrate_postgres

PROMPT_SECONDS = 2.5
pytestmark = pytest.mark.processes
Engine = PostgresEngine | ValkeyEngine | ClickHouseEngine


@dataclass
class Fragile:
    """A platform on engines that this test may kill."""

    platform: Platform
    postgres: PostgresEngine
    valkey: ValkeyEngine
    clickhouse: ClickHouseEngine

    def engine(self, name: str) -> Engine:
        engine: Engine = getattr(self, name)
        return engine


@asynccontextmanager
async def fragile_platform(directory: Path) -> AsyncIterator[Fragile]:
    postgres = PostgresEngine(directory / "postgres")
    valkey = ValkeyEngine(directory / "valkey", appendfsync="always")
    clickhouse = ClickHouseEngine(directory / "clickhouse")
    await asyncio.gather(postgres.start(), valkey.start(), clickhouse.start())
    await migrate_postgres(postgres.owner_url)
    client = ClickHouse(clickhouse.url)
    await migrate_clickhouse(client)
    await client.close()
    urls = (postgres.url, valkey.url, clickhouse.url)
    async with running_platform(platform_settings(directory / "data", *urls, engine_patience_seconds=1)) as platform:
        yield Fragile(platform, postgres, valkey, clickhouse)
    await asyncio.gather(postgres.stop(), valkey.stop(), clickhouse.stop())


@pytest.fixture
async def fragile(tmp_path: Path) -> AsyncIterator[Fragile]:
    async with fragile_platform(tmp_path) as fragile:
        yield fragile


async def kill(engine: Engine) -> None:
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)
    await engine.wait()


async def answers_again(client: httpx.AsyncClient, path: str) -> None:
    async with asyncio.timeout(15):
        while (await client.get(path)).status_code != 200:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("name", ["postgres", "valkey", "clickhouse"])
async def test_readiness_names_the_engine_that_is_down(fragile: Fragile, name: str) -> None:
    client = fragile.platform.client()
    assert (await client.get("/readyz")).status_code == 200
    await kill(fragile.engine(name))
    started = time.monotonic()
    answer = await client.get("/readyz")
    assert time.monotonic() - started < PROMPT_SECONDS
    assert answer.status_code == 503
    assert {engine for engine, state in answer.json()["engines"].items() if state != "ok"} == {name}
    assert (await client.get("/healthz")).status_code == 200
    await fragile.engine(name).start()
    await answers_again(client, "/readyz")


@pytest.mark.parametrize("name", ["postgres", "valkey"])
async def test_requests_are_refused_promptly_and_recover(fragile: Fragile, name: str) -> None:
    """Under load: every answer is either complete or a 503, and what was answered with 201 is there afterwards."""
    organization = await fragile.platform.organization()
    kept: list[str] = []
    refused = asyncio.Event()
    stop = asyncio.Event()

    async def create_keys() -> None:
        while not stop.is_set():
            started = time.monotonic()
            answer = await organization.client.post("/api-keys", json={"name": "x", "scopes": ["*"]})
            assert time.monotonic() - started < PROMPT_SECONDS
            if answer.status_code == 201:
                kept.append(answer.json()["id"])
            else:
                problem(answer, 503, "engine_unavailable")
                assert int(answer.headers["retry-after"]) >= 1
                refused.set()
                await asyncio.sleep(0)  # a refusal by the open breaker awaits nothing; the others want their turn

    load = [asyncio.create_task(create_keys()) for _ in range(4)]
    try:
        async with asyncio.timeout(20):
            while len(kept) < 20:
                await asyncio.sleep(0.01)
            await kill(fragile.engine(name))
            await refused.wait()
            await fragile.engine(name).start()
            before = len(kept)
            while len(kept) < before + 20:
                await asyncio.sleep(0.01)
    finally:
        stop.set()
        await asyncio.gather(*load)
    stored: set[str] = set()
    cursor = ""
    while cursor is not None:
        page = (await organization.client.get(f"/api-keys?limit=200{cursor and f'&cursor={cursor}'}")).json()
        stored |= {key["id"] for key in page["data"]}
        cursor = page["nextCursor"]
    assert set(kept) <= stored


async def test_stopped_postgres_is_no_hang(fragile: Fragile) -> None:
    """A process that neither answers nor dies (SIGSTOP of all its children) is an outage too."""
    organization = await fragile.platform.organization()
    assert fragile.postgres.pid is not None
    processes = [*psutil.Process(fragile.postgres.pid).children(), psutil.Process(fragile.postgres.pid)]
    for process in processes:
        process.suspend()
    try:
        started = time.monotonic()
        problem(await organization.client.get("/members"), 503, "engine_unavailable")
        assert time.monotonic() - started < PROMPT_SECONDS
    finally:
        for process in processes:
            process.resume()
    await answers_again(organization.client, "/members")


async def test_worker_goes_on_after_postgres_was_killed(fragile: Fragile) -> None:
    await kill(fragile.postgres)
    await fragile.postgres.start()
    await answers_again(fragile.platform.client(), "/readyz")
    await fragile.platform.organization()
    await fragile.platform.jobs_done()
