"""ClickHouse's HTTP interface, asked by clickhouse-connect (sync and async) and by plain HTTP."""

import asyncio
import json
import uuid
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import clickhouse_connect
import httpx
import psutil
import pytest
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from clickhouse_connect.driver.external import ExternalData

from septet.engines.clickhouse import ClickHouseEngine

EVERY_TYPE = """
CREATE TABLE {table} (
    id UUID, at DateTime64(3, 'UTC'), level LowCardinality(String), attributes JSON, tags Array(String),
    counts Map(String, UInt32), amount Decimal(18, 4), note Nullable(String), size UInt64, share Float64, ok Bool,
    day Date, raw String, pair Tuple(Int8, String), INDEX words note TYPE bloom_filter
) ENGINE = MergeTree ORDER BY (level, at)"""
ROW = [
    uuid.UUID("0193a1f0-0000-7000-8000-000000000001"),
    datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
    "info",
    {"user": {"id": 7, "name": "Zoë"}, "path": "/a"},
    ["x", "y'z", ""],
    {"a": 1, "b": 4294967295},
    Decimal("-12.3400"),
    None,
    2**64 - 1,
    0.5,
    True,
    datetime(2026, 1, 2).date(),  # noqa: DTZ001
    "nul \x00, tab \t, newline \n, quote ' \" ` \\",
    (-3, "p"),
]


@pytest.fixture
def table() -> str:
    """A name of its own for each test."""
    return f"t_{uuid.uuid4().hex}"


@pytest.fixture
async def client(clickhouse: ClickHouseEngine) -> AsyncIterator[AsyncClient]:
    async with await clickhouse_connect.get_async_client(dsn=clickhouse.url) as client:
        yield client


@pytest.fixture
async def sync_client(clickhouse: ClickHouseEngine) -> AsyncIterator[Client]:
    client = await asyncio.to_thread(clickhouse_connect.get_client, dsn=clickhouse.url)
    yield client
    client.close()


@pytest.fixture
async def http(clickhouse: ClickHouseEngine) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=clickhouse.url, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("compress", [False, "lz4", "zstd", "gzip"])
async def test_every_type_goes_in_and_comes_out(clickhouse: ClickHouseEngine, table: str, compress: str | bool) -> None:
    async with await clickhouse_connect.get_async_client(dsn=clickhouse.url, compress=compress) as client:
        await client.command(EVERY_TYPE.format(table=table))
        summary = await client.insert(table, [ROW] * 3)
        assert summary.written_rows == 3
        result = await client.query(f"SELECT * FROM {table}", tz_mode="aware")
        assert [list(row) for row in result.result_rows] == [ROW] * 3


async def test_the_synchronous_client_works_too(sync_client: Client, table: str) -> None:
    def use() -> list[tuple[object, ...]]:
        sync_client.command(EVERY_TYPE.format(table=table))
        sync_client.insert(table, [ROW])
        assert sync_client.ping()
        return list(sync_client.query(f"SELECT * FROM {table}", tz_mode="aware").result_rows)

    assert [list(row) for row in await asyncio.to_thread(use)] == [ROW]


async def test_big_inserts_and_results_are_complete(client: AsyncClient, table: str) -> None:
    await client.command(f"CREATE TABLE {table} (n UInt64, text String) ENGINE = MergeTree ORDER BY n")
    rows = [[number, f"text {number}"] for number in range(300_000)]
    summary = await client.insert(table, rows, ["n", "text"])
    assert summary.written_rows == len(rows)
    result = await client.query(f"SELECT n, text FROM {table} ORDER BY n")
    assert [list(row) for row in result.result_rows] == rows


@pytest.mark.parametrize(
    ("fmt", "lines"), [("JSONEachRow", b'{"n":1}\n{"n":2}\n'), ("CSV", b"1\n2\n"), ("TSV", b"1\n2\n")]
)
async def test_raw_inserts_in_text_formats(client: AsyncClient, table: str, fmt: str, lines: bytes) -> None:
    await client.command(f"CREATE TABLE {table} (n UInt64) ENGINE = MergeTree ORDER BY n")
    assert (await client.raw_insert(table, ["n"], lines, fmt=fmt)).written_rows == 2

    async def pieces() -> AsyncIterator[bytes]:
        for byte in lines:
            yield bytes([byte])

    await client.raw_insert(table, ["n"], pieces(), fmt=fmt)
    assert (await client.query(f"SELECT sum(n), count() FROM {table}")).result_rows == [(6, 4)]


async def test_parameters_are_bound_by_the_server(client: AsyncClient) -> None:
    parameters = {"s": "it's\n\t\\ `x` {s:String}", "n": 7, "a": ["x", "y'"], "u": ROW[0], "none": None}
    query = "SELECT {s:String}, {n:UInt8}, {a:Array(String)}, {u:UUID}, {none:Nullable(String)}"
    result = await client.query(query, parameters=parameters)
    assert result.result_rows == [tuple(parameters.values())]
    assert await client.command("SELECT {t:Identifier} FROM numbers(1)", parameters={"t": "number"}) == 0


async def test_settings_hold_for_their_request_only(client: AsyncClient) -> None:
    query = "SELECT getSetting('max_block_size')"
    before = await client.command(query)
    assert await client.command(query, settings={"max_block_size": 1234}) == 1234
    assert await client.command(query) == before
    with pytest.raises(DatabaseError, match="READONLY"):
        await client.command("CREATE TABLE never (n UInt8) ENGINE = Memory", settings={"readonly": 1})


async def test_databases(client: AsyncClient, clickhouse: ClickHouseEngine, table: str) -> None:
    await client.command(f"CREATE DATABASE db_{table}")
    await client.command(f"CREATE TABLE db_{table}.{table} (n UInt8) ENGINE = MergeTree ORDER BY n")
    async with await clickhouse_connect.get_async_client(dsn=f"{clickhouse.url}/db_{table}") as inside:
        await inside.insert(table, [[5]], ["n"])
        assert await inside.command(f"SELECT n FROM {table}") == 5
    with pytest.raises(DatabaseError) as unknown:
        await clickhouse_connect.get_async_client(dsn=f"{clickhouse.url}/nowhere")
    assert unknown.value.code == 81


async def test_external_data_becomes_a_temporary_table(client: AsyncClient) -> None:
    data = ExternalData(
        file_name="people.csv", data=b"1,Ada\r\n2,Zo\xc3\xab\r\n", fmt="CSV", structure="id UInt8, name String"
    )
    result = await client.query("SELECT name FROM people ORDER BY id", external_data=data)
    assert result.result_rows == [("Ada",), ("Zoë",)]
    with pytest.raises(DatabaseError):
        await client.query("SELECT * FROM people")


@pytest.mark.parametrize(
    ("query", "code", "status"),
    [
        ("SELEC 1", 62, 400),
        ("", 62, 400),
        ("SELECT 1; SELECT 2", 62, 400),
        ("SELECT * FROM nowhere", 60, 404),
        ("SELECT * FROM nowhere.nothing", 81, 404),
        ("SELECT nothing", 47, 404),
        ("SELECT no_such_function(1)", 46, 404),
        ("SELECT 1 SETTINGS nothing = 1", 115, 404),
        ("SELECT 1 FORMAT Nothing", 73, 404),
        ("SELECT throwIf(1)", 395, 500),
        ("INSERT INTO nowhere FORMAT JSONEachRow {}", 60, 404),
        ("SELECT count() FROM numbers(1e12) SETTINGS max_execution_time = 0.2", 159, 408),
        ("SELECT groupArray(number) FROM numbers(1e10) SETTINGS max_memory_usage = 10000000", 241, 500),
    ],
)
async def test_errors_carry_clickhouse_codes(http: httpx.AsyncClient, query: str, code: int, status: int) -> None:
    answer = await http.post("/", content=query.encode())
    assert (answer.status_code, answer.headers.get("X-ClickHouse-Exception-Code")) == (status, str(code)), answer.text
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ")


async def test_bad_rows_are_refused_and_nothing_is_stored(client: AsyncClient, table: str) -> None:
    await client.command(f"CREATE TABLE {table} (n UInt64) ENGINE = MergeTree ORDER BY n")
    with pytest.raises(DatabaseError) as refused:
        await client.raw_insert(table, ["n"], b'{"n":1}\n{"n":"x"}\n', fmt="JSONEachRow")
    assert refused.value.code == 27
    assert await client.command(f"SELECT count() FROM {table}") == 0


async def test_the_token_is_required(clickhouse: ClickHouseEngine, http: httpx.AsyncClient) -> None:
    base = f"http://{clickhouse.url.rpartition('@')[2]}"
    token = clickhouse.url.split(":")[2].partition("@")[0]
    async with httpx.AsyncClient(base_url=base, trust_env=False) as anonymous:
        select = {"query": "SELECT 1"}
        assert (await anonymous.get("/ping")).text == "Ok.\n"
        assert (await anonymous.get("/", params=select)).status_code == 401
        for wrong in (("septet", "wrong"), ("default", token), ("septet", token[:-1])):
            answer = await anonymous.get("/", params=select, auth=wrong)
            assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (403, "516")
        keys = {"X-ClickHouse-User": "septet", "X-ClickHouse-Key": token}
        assert (await anonymous.get("/", params=select, headers=keys)).text == "1\n"
        assert (await anonymous.get("/", params={**select, "user": "septet", "password": token})).text == "1\n"
        assert (await anonymous.get("/play")).status_code == 404
    with pytest.raises(DatabaseError) as refused:
        await clickhouse_connect.get_async_client(dsn=clickhouse.url.replace(token, "wrong"))
    assert refused.value.code == 516


async def test_statement_may_be_split_between_url_and_body(http: httpx.AsyncClient, table: str) -> None:
    await http.post("/", params={"query": f"CREATE TABLE {table} (n UInt8, s String) ENGINE = MergeTree ORDER BY n"})
    await http.post("/", params={"query": f"INSERT INTO {table} VALUES"}, content=b"(1, 'FORMAT CSV'), (2, 'b;')")
    await http.post("/", params={"query": f"INSERT INTO {table} (n) FORMAT TSV"}, content=b"3\n")
    await http.post("/", content=f"INSERT INTO {table} SELECT 4, 'FORMAT JSON'".encode())
    answer = await http.post(
        "/", params={"query": f"SELECT n, s FROM {table}"}, content=b"ORDER BY n FORMAT JSONCompact"
    )
    assert answer.json()["data"] == [[1, "FORMAT CSV"], [2, "b;"], [3, ""], [4, "FORMAT JSON"]]
    assert answer.headers["X-ClickHouse-Format"] == "JSONCompact"
    assert answer.headers["Content-Type"].startswith("application/json")


async def test_headers_tell_what_clients_look_for(http: httpx.AsyncClient) -> None:
    answer = await http.get("/", params={"query": "SELECT 1 FORMAT JSON", "query_id": "mine"})
    assert answer.headers["X-ClickHouse-Query-Id"] == "mine"
    assert answer.headers["X-ClickHouse-Timezone"].endswith("UTC")
    assert int(json.loads(answer.headers["X-ClickHouse-Summary"])["elapsed_ns"]) > 0
    head = await http.head("/", params={"query": "SELECT 1"})
    assert (head.status_code, head.content) == (200, b"")


async def test_formats_with_header_and_footer_stay_whole(http: httpx.AsyncClient) -> None:
    for fmt in ("CSVWithNames", "TSVWithNames", "JSONCompactEachRowWithNames"):
        answer = await http.get("/", params={"query": f"SELECT number FROM numbers(200000) FORMAT {fmt}"})
        assert answer.content.count(b"number") == 1, fmt
        assert answer.content.count(b"\n") == 200_001, fmt


async def test_queries_run_in_parallel(client: AsyncClient) -> None:
    slow = "SELECT sleepEachRow(0.5) FROM numbers(2) SETTINGS max_block_size = 1"
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(client.query(slow) for _ in range(8)))
    assert asyncio.get_running_loop().time() - began < 3, "eight queries of one second each, one after the other"


async def running_queries(client: AsyncClient, mark: str) -> int:
    query = "SELECT count() FROM system.processes WHERE query LIKE {mark:String} AND query NOT LIKE '%processes%'"
    return int(await client.command(query, parameters={"mark": f"%{mark}%"}))


async def becomes(client: AsyncClient, mark: str, count: int) -> None:
    async with asyncio.timeout(10):
        while await running_queries(client, mark) != count:
            pass


@pytest.mark.parametrize("fmt", ["TSV", "JSON"])
async def test_a_client_that_goes_away_cancels_its_query(
    http: httpx.AsyncClient, client: AsyncClient, fmt: str
) -> None:
    mark = uuid.uuid4().hex
    query = f"SELECT count() FROM numbers(1000000000000) WHERE toString(number) = '{mark}' FORMAT {fmt}"
    asking = asyncio.create_task(http.post("/", content=query.encode()))
    await becomes(client, mark, 1)
    asking.cancel()
    await becomes(client, mark, 0)


async def test_a_client_that_leaves_an_endless_stream_ends_it(
    clickhouse: ClickHouseEngine, http: httpx.AsyncClient
) -> None:
    process = psutil.Process(clickhouse.pid)

    def busy() -> float:
        return process.cpu_percent(0.2)

    async with http.stream("POST", "/", content=b"SELECT number FROM system.numbers FORMAT TSV") as answer:
        chunks = answer.aiter_bytes()
        for _ in range(10):
            await anext(chunks)
    async with asyncio.timeout(10):
        while await asyncio.to_thread(busy) > 20:
            pass


async def test_kill_query_by_its_id(http: httpx.AsyncClient, client: AsyncClient) -> None:
    mark = uuid.uuid4().hex
    query = f"SELECT count() FROM numbers(1000000000000) WHERE toString(number) = '{mark}'"
    asking = asyncio.create_task(http.post("/", params={"query_id": mark}, content=query.encode()))
    await becomes(client, mark, 1)
    await client.command(f"KILL QUERY WHERE query_id = '{mark}' SYNC")
    answer = await asyncio.wait_for(asking, 10)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (500, "394")


async def test_an_insert_whose_client_goes_away_is_not_stored(
    http: httpx.AsyncClient, client: AsyncClient, table: str
) -> None:
    await client.command(f"CREATE TABLE {table} (n UInt64) ENGINE = MergeTree ORDER BY n")
    half_sent = asyncio.Event()

    async def half() -> AsyncIterator[bytes]:
        yield b'{"n":1}\n' * 1000
        half_sent.set()
        await asyncio.Event().wait()

    request = http.post("/", params={"query": f"INSERT INTO {table} FORMAT JSONEachRow"}, content=half())
    inserting = asyncio.create_task(request)
    await half_sent.wait()
    inserting.cancel()
    await asyncio.wait([inserting])
    await client.command(f"INSERT INTO {table} VALUES (2)")
    assert (await client.query(f"SELECT n FROM {table}")).result_rows == [(2,)]


@pytest.mark.parametrize("compress", [False, "lz4"])
async def test_an_error_in_the_middle_of_a_stream_is_noticed(
    clickhouse: ClickHouseEngine, compress: str | bool
) -> None:
    query = "SELECT throwIf(number = 5000000), toString(number) FROM numbers(10000000)"
    async with (
        await clickhouse_connect.get_async_client(dsn=clickhouse.url, compress=compress) as client,
        await client.query_row_block_stream(query, settings={"max_threads": 1}) as blocks,
    ):
        with pytest.raises(StreamFailureError, match="throwIf"):
            await drain(blocks)


async def drain(blocks: AsyncIterator[object]) -> None:
    async for _ in blocks:
        pass


async def test_large_results_need_little_memory(clickhouse: ClickHouseEngine, http: httpx.AsyncClient) -> None:
    process = psutil.Process(clickhouse.pid)
    before = process.memory_info().rss
    most, size = before, 0
    query = "SELECT repeat('x', 100) FROM numbers(6000000) FORMAT RowBinary"
    async with http.stream("POST", "/", content=query.encode()) as answer:
        async for chunk in answer.aiter_bytes():
            size += len(chunk)
            most = max(most, process.memory_info().rss)
    assert size == 6_000_000 * 101
    assert max(most, process.memory_info().rss) - before < size / 4


async def test_equal_inserts_with_one_token_are_stored_once(client: AsyncClient, table: str) -> None:
    window = "SETTINGS non_replicated_deduplication_window = 100"
    await client.command(f"CREATE TABLE {table} (n UInt64) ENGINE = MergeTree ORDER BY n {window}")
    for token in ("a", "a", "b"):
        await client.insert(table, [[1]], ["n"], settings={"insert_deduplication_token": token})
    assert await client.command(f"SELECT count() FROM {table}") == 2


async def test_tables_are_durable_and_compact_by_default(client: AsyncClient, table: str) -> None:
    await client.command(f"CREATE TABLE {table} (n UInt64) ENGINE = MergeTree ORDER BY n")
    await client.insert(table, [[1]], ["n"])
    events = "SELECT sum(value) FROM system.events WHERE event IN ('FileSync', 'DirectorySync')"
    before = int(await client.command(events))
    await client.insert(table, [[2]], ["n"])
    assert int(await client.command(events)) >= before + 2, "an acknowledged insert has been synced, and its directory"
    codec = f"SELECT any(default_compression_codec) FROM system.parts WHERE table = '{table}'"
    assert await client.command(codec) == "ZSTD(1)"


async def test_deflate_both_ways(http: httpx.AsyncClient, table: str) -> None:
    await http.post("/", content=f"CREATE TABLE {table} (s String) ENGINE = MergeTree ORDER BY s".encode())
    insert = {"query": f"INSERT INTO {table} FORMAT TSV"}
    body = zlib.compress(b"x" * 10_000)
    assert (await http.post("/", params=insert, content=body, headers={"Content-Encoding": "deflate"})).is_success
    select = {"query": f"SELECT s FROM {table}", "enable_http_compression": "1"}
    answer = await http.get("/", params=select, headers={"Accept-Encoding": "deflate"})
    assert answer.headers["Content-Encoding"] == "deflate"
    assert int(answer.headers["Content-Length"]) < 1000
    assert answer.content == b"x" * 10_000 + b"\n"


async def test_bad_bodies_are_refused(http: httpx.AsyncClient, table: str) -> None:
    insert = {"query": f"INSERT INTO {table} FORMAT CSV"}
    broken = await http.post("/", params=insert, content=b"not lz4", headers={"Content-Encoding": "lz4"})
    assert broken.headers["X-ClickHouse-Exception-Code"] == "354"
    unknown = await http.post("/", params=insert, content=b"x", headers={"Content-Encoding": "rot13"})
    assert unknown.status_code == 501
    form = await http.post("/", content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert form.headers["X-ClickHouse-Exception-Code"] == "36"
    assert (await http.get("/", params={"query": "SELECT 1"})).text == "1\n"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


async def test_insert_selects_from_its_own_data(client: AsyncClient) -> None:
    """`input()` derives columns from what is sent; the same token stores it once."""
    await client.command(
        "CREATE TABLE derived (text String) ENGINE = MergeTree ORDER BY text"
        " SETTINGS non_replicated_deduplication_window = 100"
    )
    insert = (
        "INSERT INTO derived SELECT upper(line) || ';' FROM input('line String, \"number\" UInt8') FORMAT RowBinary"
    )
    for _ in range(2):
        settings = {"insert_deduplication_token": "one"}
        await client.command(insert, data=b"\x01a\x07\x03b;\n\x08", settings=settings)
    assert (await client.query("SELECT text FROM derived ORDER BY text")).result_rows == [("A;",), ("B;\n;",)]
