"""Lines by the million, streamed as ClickHouse writes them: NDJSON, CSV or Parquet."""

from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID

from septet.kernel.runtime import Runtime
from septet.services.logs.derivation import RAW_LINE
from septet.services.logs.search.budget import OUTPUT, ask
from septet.services.logs.search.filters import Filter
from septet.services.logs.settings import LogsSettings

Format = Literal["ndjson", "csv", "parquet"]
MEDIA_TYPES: dict[Format, str] = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
_CLICKHOUSE_FORMATS: dict[Format, str] = {"ndjson": "JSONEachRow", "csv": "CSVWithNames", "parquet": "Parquet"}
_COLUMNS = (
    "timestamp, received_at AS receivedAt, toString(level) AS level, toString(service) AS service, "
    "toString(host) AS host, trace_id AS traceId, span_id AS spanId, message, {attributes} AS attributes, "
    f"{RAW_LINE} AS rawLine"
)
PATIENCE = 60
"""An export may take so many times the time of a query."""


async def matching(runtime: Runtime, tenant: UUID, wanted: Filter) -> int:
    """How many lines match."""
    conditions = wanted.conditions(tenant)
    found = await ask(runtime, f"SELECT count() AS lines FROM logs WHERE {conditions.sql}", conditions.parameters)
    return int(found.rows[0]["lines"]) if found.rows else 0


async def stream(
    runtime: Runtime, tenant: UUID, wanted: Filter, order: str, limit: int, fmt: Format
) -> AsyncIterator[bytes]:
    """The lines; a stream that breaks off is not complete, which HTTP shows to the client."""
    conditions = wanted.conditions(tenant)
    attributes = "attributes" if fmt == "ndjson" else "toString(attributes)"
    direction = "DESC" if order == "newest" else "ASC"
    sql = (
        f"SELECT * EXCEPT (rawLine), rawLine AS raw FROM (SELECT {_COLUMNS.format(attributes=attributes)} FROM logs "
        f"WHERE {conditions.sql} ORDER BY timestamp {direction}, received_at {direction}, request {direction}, "
        f"line {direction} LIMIT {int(limit)})"
    )
    seconds = runtime.service_settings(LogsSettings).query_seconds * PATIENCE
    settings = {**OUTPUT, "max_execution_time": seconds, "max_threads": 1}
    async with runtime.clickhouse.stream(sql, _CLICKHOUSE_FORMATS[fmt], conditions.parameters, settings) as pieces:
        async for piece in pieces:
            yield piece
