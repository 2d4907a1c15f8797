"""Lines as they are read: one page in a stable order, the neighbours of a line, the lines of given requests."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from septet.kernel.runtime import Runtime
from septet.services.logs.derivation import RAW_LINE
from septet.services.logs.errors import LineNotFound
from septet.services.logs.rows import received_ms
from septet.services.logs.schemas import LineOut
from septet.services.logs.search.budget import Found, ask
from septet.services.logs.search.conditions import Conditions
from septet.services.logs.search.filters import Filter, add_span
from septet.services.logs.search.newest import newest

Order = Literal["newest", "oldest"]
Place = tuple[int, UUID, int]
"""Where a line stands: nanoseconds since 1970, its request, its number there."""

LINE_BITS = 32
COLUMNS = (
    "toUnixTimestamp64Nano(timestamp) AS nanoseconds, request, line, toString(timestamp) AS at, timestamp_from, "
    "toString(received_at) AS received, level, service, host, trace_id, span_id, message, attributes, "
    f"{RAW_LINE} AS raw_line"
)
_KEY = ("timestamp", "received_at", "request", "line")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order asked for; `last` is the place of the last one when there are more."""

    lines: list[LineOut]
    last: Place | None
    partial: str | None


async def page(
    runtime: Runtime, tenant: UUID, wanted: Filter, *, order: Order, limit: int, after: Place | None
) -> Page:
    """Raises BadSearch (400)."""
    conditions = wanted.timeless(tenant)
    first, beyond = wanted.first, wanted.beyond
    if after is not None:
        add_beyond(conditions, after, "<" if order == "newest" else ">")
        if order == "newest":
            beyond = after[0] + 1
    labels = wanted.timeless(tenant) if wanted.names_labels and wanted.by_labels_alone else None
    found = await _in_order(runtime, conditions, order, limit + 1, first, beyond, labels)
    shown = found.rows[:limit]
    last = place_of(shown[-1]) if len(found.rows) > limit else None
    return Page([line_of(row, wanted.highlighter()) for row in shown], last, found.partial)


async def _in_order(
    runtime: Runtime,
    conditions: Conditions,
    order: Order,
    limit: int,
    first: int | None,
    beyond: int | None,
    labels: Conditions | None = None,
) -> Found:
    if order == "newest":
        return await newest(runtime, conditions, _newest, limit, first=first, beyond=beyond, labels=labels)
    add_span(conditions, first, beyond)
    return await ask(runtime, _select(conditions, order, limit), conditions.parameters)


def _newest(conditions: Conditions, limit: int) -> str:
    return _select(conditions, "newest", limit)


async def one(runtime: Runtime, tenant: UUID, line_id: UUID) -> dict[str, Any]:
    """The row of a line. Raises LineNotFound (404)."""
    request = UUID(int=line_id.int >> LINE_BITS << LINE_BITS)
    found = await of_requests(runtime, tenant, [request], Filter(), 1, line=line_id.int & (1 << LINE_BITS) - 1)
    if not found.rows:
        raise LineNotFound("There is no such line; it may have been deleted by retention.")
    return found.rows[0]


async def of_requests(
    runtime: Runtime, tenant: UUID, requests: Sequence[UUID], wanted: Filter, limit: int, *, line: int | None = None
) -> Found:
    """The newest lines of these requests that match."""
    conditions = wanted.conditions(tenant)
    arrivals = [received_ms(request) for request in requests]
    for operator, moment in ((">=", min(arrivals)), ("<=", max(arrivals))):
        conditions.add(f"received_at {operator} fromUnixTimestamp64Milli({conditions.bind(moment, 'Int64')}, 'UTC')")
    conditions.add(f"request IN ({conditions.bind(list(requests), 'Array(UUID)')})")
    if line is not None:
        conditions.add(f"line = {conditions.bind(line, 'UInt32')}")
    return await ask(runtime, _select(conditions, "newest", limit), conditions.parameters)


async def neighbours(runtime: Runtime, tenant: UUID, row: dict[str, Any], order: Order, limit: int) -> Found:
    """The lines of the same service and host just before (`newest`) or after (`oldest`) a line."""
    conditions = Filter(services=[row["service"]]).timeless(tenant)
    conditions.add(f"host = {conditions.bind(row['host'], 'String')}")
    add_beyond(conditions, place_of(row), "<" if order == "newest" else ">")
    return await _in_order(
        runtime, conditions, order, limit, None, row["nanoseconds"] + 1 if order == "newest" else None
    )


def add_beyond(conditions: Conditions, place: Place, operator: str) -> None:
    """Only lines beyond this place. The first condition says less, but by it the primary key is searched."""
    nanoseconds, request, line = place
    timestamp = f"fromUnixTimestamp64Nano({conditions.bind(nanoseconds, 'Int64')}, 'UTC')"
    received = f"fromUnixTimestamp64Milli({conditions.bind(received_ms(request), 'Int64')}, 'UTC')"
    conditions.add(f"timestamp {operator}= {timestamp}")
    values = f"{timestamp}, {received}, {conditions.bind(request, 'UUID')}, {conditions.bind(line, 'UInt32')}"
    conditions.add(f"({', '.join(_KEY)}) {operator} ({values})")


def _select(conditions: Conditions, order: Order, limit: int) -> str:
    direction = "DESC" if order == "newest" else "ASC"
    ordering = ", ".join(f"{column} {direction}" for column in _KEY)
    return f"SELECT {COLUMNS} FROM logs WHERE {conditions.sql} ORDER BY {ordering} LIMIT {int(limit)}"


def place_of(row: dict[str, Any]) -> Place:
    return row["nanoseconds"], UUID(row["request"]), row["line"]


def line_id(row: dict[str, Any]) -> UUID:
    """A request's id ends in 32 zero bits, which hold the line's number."""
    return UUID(int=UUID(row["request"]).int | row["line"])


def line_of(row: dict[str, Any], highlighter: re.Pattern[str] | None = None) -> LineOut:
    """A row on the wire."""
    message = row["message"]
    return LineOut(
        id=str(line_id(row)),
        timestamp=rfc3339(row["at"]),
        timestamp_from=row["timestamp_from"],
        received_at=rfc3339(row["received"]),
        level=row["level"],
        service=row["service"],
        host=row["host"],
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        message=message,
        attributes=row["attributes"],
        raw=row["raw_line"],
        highlights=[match.span() for match in highlighter.finditer(message)] if highlighter else None,
    )


def rfc3339(clickhouse_time: str) -> str:
    """`2024-05-01 10:00:00.120000000` → `2024-05-01T10:00:00.12Z`."""
    text = clickhouse_time.replace(" ", "T").removesuffix("Z")
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "Z"
