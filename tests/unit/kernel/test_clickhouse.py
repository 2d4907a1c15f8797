"""The client: values, bytes, streams; inserts stored once; budgets; outages answered soon and recovered from."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from clickhouse_connect.driver import options
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from septet.engines.clickhouse import ClickHouseEngine
from septet.kernel.clickhouse import ClickHouse, QueryOverBudget, _is_full, _is_outage
from septet.kernel.errors import EngineUnavailable

Eventually = Callable[[Callable[[], bool]], Awaitable[None]]
TABLE = """
CREATE TABLE {} (id UUID, at DateTime64(3, 'UTC'), text String, tags Array(String), n Nullable(Int64))
ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100
"""
SLOW = "SELECT sum(sleepEachRow(1)) FROM numbers(10) SETTINGS max_block_size = 1"
COLUMNS = ("id", "at", "text", "tags", "n")
ROW = (UUID(int=7), datetime(2026, 1, 2, 3, 4, 5, 678000, UTC), "zażółć\x00\n", ["a", "b"], None)


def test_no_process_loads_pandas_to_insert() -> None:
    assert options.pd is None, "the driver's first insert would"


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ClickHouseEngine]:
    engine = ClickHouseEngine(tmp_path_factory.mktemp("clickhouse"))
    await engine.start()
    yield engine
    await engine.stop()


@pytest.fixture
async def clickhouse(engine: ClickHouseEngine) -> AsyncIterator[ClickHouse]:
    clickhouse = ClickHouse(engine.url, timeout=10)
    await clickhouse.command("DROP TABLE IF EXISTS t SYNC")
    await clickhouse.command(TABLE.format("t"))
    yield clickhouse
    await clickhouse.close()


async def count(clickhouse: ClickHouse) -> int:
    return int(await clickhouse.command("SELECT count() FROM t"))


async def test_rows_come_back_as_they_went(clickhouse: ClickHouse) -> None:
    assert await clickhouse.insert("t", [ROW], COLUMNS) == 1
    assert await clickhouse.insert("t", [[UUID(int=8)], ["second"]], ["id", "text"], by_column=True) == 1
    found = await clickhouse.query("SELECT * FROM t WHERE id = {id:UUID}", {"id": UUID(int=7)})
    assert found == [dict(zip(COLUMNS, ROW, strict=True))]


async def test_bytes_go_in_and_out_unparsed(clickhouse: ClickHouse) -> None:
    lines = b'{"text":"a","n":1}\n{"text":"b","n":null}\n'
    assert await clickhouse.insert_bytes("t", lines, "JSONEachRow") == 2
    assert await clickhouse.query_bytes("SELECT text, n FROM t ORDER BY text", "TSV") == b"a\t1\nb\t\\N\n"


async def test_the_server_derives_columns_from_bytes(clickhouse: ClickHouse) -> None:
    derived = "INSERT INTO t (text, n) SELECT upper(line), length(line) FROM input('line String')"
    await clickhouse.insert_bytes(derived, b"one line\nanother\n", "LineAsString")
    assert await clickhouse.query_bytes("SELECT text, n FROM t ORDER BY text", "TSV") == b"ANOTHER\t7\nONE LINE\t8\n"


async def test_big_answer_is_streamed_and_may_be_left_early(clickhouse: ClickHouse) -> None:
    async with clickhouse.stream("SELECT number FROM numbers(3000000)", "TSV") as pieces:
        sizes = [len(piece) async for piece in pieces]
    assert sum(sizes) == len("".join(f"{n}\n" for n in range(3_000_000)))
    assert max(sizes) < 4_000_000
    async with clickhouse.stream("SELECT number FROM numbers(10000000000)", "TSV") as pieces:
        assert await anext(aiter(pieces))
    assert await count(clickhouse) == 0


async def test_repeated_insert_with_its_token_is_stored_once(clickhouse: ClickHouse) -> None:
    for _ in range(2):
        await clickhouse.insert("t", [ROW], COLUMNS, token="batch-1")
        await clickhouse.insert_bytes("t", b'{"text":"a"}', "JSONEachRow", token="batch-2")
    assert await count(clickhouse) == 2
    await clickhouse.insert_bytes("t", b'{"text":"a"}', "JSONEachRow")
    await clickhouse.insert_bytes("t", b'{"text":"a"}', "JSONEachRow")
    assert await count(clickhouse) == 4  # equal, but not the same


async def test_budget_is_a_refusal(clickhouse: ClickHouse) -> None:
    for settings in ({"max_rows_to_read": 1000}, {"max_execution_time": 1}):
        with pytest.raises(QueryOverBudget):
            await clickhouse.query("SELECT sum(sipHash64(number)) FROM numbers(100000000000)", settings=settings)
    assert clickhouse.breaker.state == "closed"


async def test_an_error_of_the_server_stays_one(clickhouse: ClickHouse) -> None:
    for _ in range(4):
        with pytest.raises(DatabaseError) as refusal:
            await clickhouse.query("SELECT * FROM nowhere")
        assert refusal.value.code == 60
    assert clickhouse.breaker.state == "closed"


async def test_a_deletion_is_finished_though_a_dropped_partition_interrupts_it(clickhouse: ClickHouse) -> None:
    await clickhouse.command("DROP TABLE IF EXISTS days SYNC")
    await clickhouse.command("CREATE TABLE days (day UInt8, n UInt8) ENGINE = MergeTree PARTITION BY day ORDER BY n")
    for day in range(2):
        await clickhouse.insert("days", [[day, n] for n in range(10)], ["day", "n"])
    slowly = "n < {below:UInt8} AND sleepEachRow(0.02) = 0"
    deleting = asyncio.create_task(clickhouse.mutate(f"ALTER TABLE days DELETE WHERE {slowly}", {"below": 5}))
    async with asyncio.timeout(5):
        while not await clickhouse.query("SELECT 1 FROM system.merges WHERE table = 'days' AND is_mutation"):
            await asyncio.sleep(0.01)
    await clickhouse.command("ALTER TABLE days DROP PARTITION '0'")
    await deleting
    left = await clickhouse.query("SELECT day, n FROM days ORDER BY n")
    assert [(row["day"], row["n"]) for row in left] == [(1, n) for n in range(5, 10)]


async def test_a_deletion_that_cannot_be_made_is_not_tried_for_ever(clickhouse: ClickHouse) -> None:
    await clickhouse.insert("t", [ROW], COLUMNS)
    with pytest.raises(DatabaseError, match="UNFINISHED"):
        await clickhouse.mutate("ALTER TABLE t DELETE WHERE throwIf(n IS NULL, 'never')")
    await clickhouse.command("KILL MUTATION WHERE table = 't'")


async def test_parallel_queries_beyond_the_pool(engine: ClickHouseEngine) -> None:
    clickhouse = ClickHouse(engine.url, max_connections=3)
    answers = await asyncio.gather(*(clickhouse.command(f"SELECT {n} + sleepEachRow(0.02)") for n in range(20)))
    assert answers == list(range(20))
    await clickhouse.close()


async def test_long_query_is_waited_for(clickhouse: ClickHouse) -> None:
    assert await clickhouse.command("SELECT sum(sleepEachRow(0.5)) FROM numbers(5) SETTINGS max_block_size = 1") == 0


async def test_frozen_server_is_given_up_within_two_seconds(clickhouse: ClickHouse, engine: ClickHouseEngine) -> None:
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(EngineUnavailable):
            await clickhouse.query("SELECT 1")
        assert time.monotonic() - started < 2.5
    finally:
        os.kill(engine.pid, signal.SIGCONT)
    await clickhouse.ping()


async def test_killed_server_is_refused_at_once_and_recovers(clickhouse: ClickHouse, engine: ClickHouseEngine) -> None:
    await clickhouse.insert("t", [ROW], COLUMNS)
    assert engine.pid is not None
    long_query = asyncio.create_task(clickhouse.query(SLOW))
    await asyncio.sleep(0.2)
    os.kill(engine.pid, signal.SIGKILL)
    await engine.wait()
    with pytest.raises(EngineUnavailable):
        await long_query
    for attempt in (clickhouse.ping, lambda: count(clickhouse), lambda: clickhouse.insert("t", [ROW], COLUMNS)):
        with pytest.raises(EngineUnavailable):
            await attempt()
    assert clickhouse.breaker.state == "open"
    unborn = ClickHouse(engine.url)  # never connected while the server lived
    with pytest.raises(EngineUnavailable):
        await unborn.ping()
    await engine.start()
    await unborn.ping()
    async with asyncio.timeout(5):
        while True:
            try:
                assert await count(clickhouse) == 1
                break
            except EngineUnavailable:
                await asyncio.sleep(0.05)
    await unborn.close()


@pytest.mark.parametrize(
    "error",
    [
        DatabaseError("Cannot reserve 1 MiB", code=243),
        DatabaseError("Code: 75. Cannot write: No space left on device", code=75),
        OSError(28, "No space left on device"),
    ],
)
def test_full_disk_is_no_outage(error: Exception) -> None:
    assert _is_full(error)
    assert not _is_outage(error)


def test_lost_connection_is_an_outage() -> None:
    assert _is_outage(OperationalError("Network Error"))
    assert not _is_full(OperationalError("Network Error"))
