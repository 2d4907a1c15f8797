"""ClickHouse through clickhouse-connect's asynchronous HTTP client, the only client of ClickHouse in Septet.

The client repeats an insert whose connection broke, so every insert carries an `insert_deduplication_token`: in a
table with `non_replicated_deduplication_window` (or a replicated one) it is stored once. A caller that repeats a batch
itself passes the same token again.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import uuid4

import aiohttp
from clickhouse_connect import get_async_client
from clickhouse_connect.driver import options
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import DatabaseError, Error, OperationalError

from septet.kernel.breaker import CircuitBreaker
from septet.kernel.errors import EngineUnavailable, Problem, StorageFull

# Shorter than any server's, so that no request goes out on a connection that the server is just closing.
KEEPALIVE_SECONDS = 2.0
PATIENCE_SECONDS = 1.0

# At its first insert the driver asks whether the rows are a frame, and loads pandas, where that is installed, to know:
# half a second and 50 MB in every process that inserts. Septet hands over no frames.
options.__dict__["pd"] = None

_NOT_ENOUGH_SPACE = 243
_UNFINISHED, _INTERRUPTED = 341, "(ABORTED)"
# TOO_MANY_ROWS, TIMEOUT_EXCEEDED, TOO_SLOW, MEMORY_LIMIT_EXCEEDED, TOO_MANY_BYTES, TOO_MANY_ROWS_OR_BYTES
_OVER_BUDGET = {158, 159, 160, 241, 307, 396}
_OUTAGES = (OSError, TimeoutError, aiohttp.ClientError, OperationalError)


class QueryOverBudget(Problem):
    """A query reached its limit of time, rows, bytes or memory."""

    status, code, title = 422, "query_over_budget", "The query needs more than it is allowed"


class ClickHouse:
    """All methods raise EngineUnavailable (503) for an outage, StorageFull (507) for a full disk and QueryOverBudget
    (422) when the settings' budget (`max_execution_time`, `max_rows_to_read`, …) is used up; other errors of the
    server stay `clickhouse_connect.driver.exceptions.DatabaseError` with ClickHouse's `code`.

    `url`: `http(s)://user:password@host:port/database`. `timeout`: seconds of silence on a connection that waits for
    an answer, so longer than the longest query's `max_execution_time`. `patience`: seconds that a ping may take, which
    is asked while others wait, before they are ended.
    """

    def __init__(
        self, url: str, *, timeout: float = 30.0, patience: float = PATIENCE_SECONDS, max_connections: int = 20
    ) -> None:
        self.url = url
        self.breaker = CircuitBreaker("ClickHouse")
        self._timeout = timeout
        self._patience = patience
        self._max_connections = max_connections
        self._client: AsyncClient | None = None
        self._connecting = asyncio.Lock()
        self._slots = asyncio.Semaphore(max_connections)
        self._calls: set[asyncio.Timeout] = set()
        self._watching: asyncio.Task[None] | None = None

    async def query(
        self, sql: str, parameters: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """The rows as dictionaries. Parameters are bound by the server: `{name:Type}` in the text."""
        async with self._connection() as client:
            result = await client.query(sql, dict(parameters or {}), dict(settings or {}), tz_mode="aware")
            return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]

    async def query_bytes(
        self, sql: str, fmt: str, parameters: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None
    ) -> bytes:
        """The whole answer in ClickHouse's format `fmt`, never parsed by Python."""
        async with self._connection() as client:
            answer = await client.raw_query(sql, dict(parameters or {}), dict(settings or {}), fmt)
            return bytes(answer)

    @asynccontextmanager
    async def stream(
        self, sql: str, fmt: str, parameters: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """The answer piece by piece, in bounded memory: `async with clickhouse.stream(…) as pieces`.

        Leaving the block early closes the connection, which cancels the query.
        """
        async with self._connection() as client:
            answer = await client.raw_stream(sql, dict(parameters or {}), dict(settings or {}), fmt)
            async with answer as pieces:
                yield pieces

    async def command(
        self, sql: str, parameters: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None
    ) -> Any:
        """A statement that returns nothing, or one value."""
        async with self._connection() as client:
            return await client.command(sql, dict(parameters or {}), settings=dict(settings or {}))

    async def mutate(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """A DELETE or UPDATE; returns when it is done in all parts of the table.

        Whoever drops a partition interrupts all that is being deleted in the table, be it in other partitions. The
        server goes on by itself but tells those who wait that it failed: to ask once more is to wait on.
        """
        while True:
            try:
                await self.command(sql, parameters, {"mutations_sync": 2, "lightweight_deletes_sync": 2})
                return
            except DatabaseError as error:
                if error.code != _UNFINISHED or _INTERRUPTED not in str(error):
                    raise

    async def insert(
        self,
        table: str,
        rows: Sequence[Sequence[Any]],
        columns: Sequence[str],
        *,
        by_column: bool = False,
        token: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> int:
        """Store `rows` (or, `by_column`, one sequence a column) and return how many the server wrote."""
        async with self._connection() as client:
            summary = await client.insert(
                table, rows, columns, column_oriented=by_column, settings=_with_token(settings, token)
            )
            return summary.written_rows

    async def insert_bytes(
        self,
        table_or_sql: str,
        data: bytes,
        fmt: str,
        *,
        token: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> int:
        """Store `data`, already in ClickHouse's format `fmt`, and return how many rows the server wrote.

        With `INSERT INTO … SELECT … FROM input('…')` the server derives the columns itself.
        """
        options = _with_token(settings, token)
        async with self._connection() as client:
            if table_or_sql[:7].upper() != "INSERT ":
                summary = await client.raw_insert(table_or_sql, insert_block=data, settings=options, fmt=fmt)
                return summary.written_rows
            answer = await client.command(f"{table_or_sql} FORMAT {fmt}", data=data, settings=options)
            return int(getattr(answer, "written_rows", 0))

    async def ping(self) -> None:
        """Raises EngineUnavailable when it does not answer."""
        async with self._connection() as client:
            if not await client.ping(timeout=self._patience):
                raise OperationalError("no answer to the ping")

    async def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        if self._client is not None:
            await self._client.close()
            self._client = None

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncClient]:
        """The client, which is made by the first call, since making it asks the server for its version and settings."""
        with self._faults_translated():
            async with self._connecting:
                if self._client is None:
                    self._client = await self._connect()
            async with self._slots, asyncio.timeout(None) as call:
                self._calls.add(call)
                try:
                    if self._watching is None or self._watching.done():
                        self._watching = asyncio.create_task(self._watch(self._client))
                    yield self._client
                finally:
                    self._calls.discard(call)

    async def _watch(self, client: AsyncClient) -> None:
        """End all waiting once the server stops answering pings: long queries may wait, dead servers not."""
        while self._calls:
            await asyncio.sleep(self._patience)
            if self._calls and not await client.ping(timeout=self._patience):
                for call in self._calls:
                    call.reschedule(asyncio.get_running_loop().time())

    async def _connect(self) -> AsyncClient:
        async with asyncio.timeout(2 * self._patience):
            return await get_async_client(
                dsn=self.url,
                connect_timeout=self._patience,
                send_receive_timeout=self._timeout,
                # Two more than there are slots: pings must not wait behind the queries they watch.
                connector_limit=self._max_connections + 2,
                connector_limit_per_host=self._max_connections + 2,
                keepalive_timeout=KEEPALIVE_SECONDS,
                query_retries=0,
                show_clickhouse_errors="scrub",
            )

    @contextmanager
    def _faults_translated(self) -> Iterator[None]:
        try:
            with self.breaker.guard(_is_outage):
                yield
        except _OUTAGES as error:
            if _is_full(error):
                raise StorageFull("ClickHouse") from error
            raise EngineUnavailable("ClickHouse") from error
        except Error as error:
            if _is_full(error):
                raise StorageFull("ClickHouse") from error
            if error.code in _OVER_BUDGET:
                raise QueryOverBudget("Narrow the time range or the filters, and ask again.") from error
            raise


def _with_token(settings: Mapping[str, Any] | None, token: str | None) -> dict[str, Any]:
    return {"insert_deduplication_token": token or str(uuid4()), **(settings or {})}


def _is_outage(error: BaseException) -> bool:
    return isinstance(error, _OUTAGES) and not _is_full(error)


def _is_full(error: BaseException) -> bool:
    """Code 243, or the operating system's refusal wrapped in whatever ClickHouse was doing."""
    return getattr(error, "code", None) == _NOT_ENOUGH_SPACE or "No space left on device" in str(error)
