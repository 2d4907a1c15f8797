"""Answers in Loki's shapes: streams of lines, and series of numbers over time."""

from functools import partial
from typing import Any
from uuid import UUID

from septet.kernel.errors import BadParameter
from septet.kernel.runtime import Runtime
from septet.services.logs.derivation import RAW_LINE
from septet.services.logs.search.budget import Found, ask
from septet.services.logs.search.conditions import Conditions
from septet.services.logs.search.filters import Filter
from septet.services.logs.search.logql import STREAM_LABELS, Query, add_conditions, label_value
from septet.services.logs.search.newest import newest

MOST_POINTS = 11_000
MOST_OVERLAP = 1000
_STREAM = ", ".join(f"{label_value(label)} AS {label}" for label in STREAM_LABELS)


def _conditions(tenant: UUID, query: Query) -> Conditions:
    conditions = Filter().conditions(tenant)
    add_conditions(query, conditions)
    return conditions


def _add_range(conditions: Conditions, start: int, end: int) -> None:
    for operator, moment in ((">=", start), ("<=", end)):
        conditions.add(f"timestamp {operator} fromUnixTimestamp64Nano({conditions.bind(moment, 'Int64')}, 'UTC')")


async def streams(
    runtime: Runtime, tenant: UUID, query: Query, *, start: int, end: int, limit: int, newest_first: bool
) -> dict[str, Any]:
    """The lines from `start` to `end` (nanoseconds since 1970), by stream."""
    conditions = _conditions(tenant, query)
    if newest_first:
        found = await newest(runtime, conditions, partial(_lines, "DESC"), limit, first=start, beyond=end)
    else:
        _add_range(conditions, start, end - 1)
        found = await ask(runtime, _lines("ASC", conditions, limit), conditions.parameters)
    by_stream: dict[tuple[str, ...], list[list[str]]] = {}
    for row in found.rows:
        labels = tuple(row[label] for label in STREAM_LABELS)
        by_stream.setdefault(labels, []).append([str(row["moment"]), row["text"]])
    result = [{"stream": _present(STREAM_LABELS, labels), "values": values} for labels, values in by_stream.items()]
    return _answer("streams", result, found)


def _lines(direction: str, conditions: Conditions, limit: int) -> str:
    order = ", ".join(f"{column} {direction}" for column in ("timestamp", "received_at", "request", "line"))
    return (
        f"SELECT {_STREAM}, toUnixTimestamp64Nano(timestamp) AS moment, {RAW_LINE} AS text FROM logs "
        f"WHERE {conditions.sql} ORDER BY {order} LIMIT {int(limit)}"
    )


async def matrix(runtime: Runtime, tenant: UUID, query: Query, *, start: int, end: int, step: int) -> dict[str, Any]:
    """An aggregation at `start`, `start + step` … `end` (nanoseconds). Raises BadParameter (400)."""
    window = int(query.seconds * 1e9)
    points = (end - start) // step + 1
    if points > MOST_POINTS or window // step > MOST_OVERLAP or window <= 0:
        raise BadParameter("`step` is too short for this range; take a longer one.")
    by = STREAM_LABELS if query.by is None else query.by
    conditions = _conditions(tenant, query)
    _add_range(conditions, start - window + 1, end)
    names = [f"label_{number}" for number in range(len(by))]
    labels = "".join(f", {label_value(label)} AS {name}" for label, name in zip(by, names, strict=True))
    since = f"(toUnixTimestamp64Nano(timestamp) - {conditions.bind(start, 'Int64')})"
    length, wide = conditions.bind(step, "Int64"), conditions.bind(window, "Int64")
    # A line counts at every point t with t - window < timestamp ≤ t.
    first = f"if({since} <= 0, 0, intDiv({since} + {length} - 1, {length}))"
    last = f"least({points}, intDiv({since} + {wide} + {length} - 1, {length}))"
    found = await ask(
        runtime,
        f"SELECT arrayJoin(range(toUInt64({first}), toUInt64(greatest(0, {last})))) AS point{labels}, count() AS lines "
        f"FROM logs WHERE {conditions.sql} GROUP BY {', '.join(['point', *names])} ORDER BY point",
        conditions.parameters,
    )
    series: dict[tuple[str, ...], list[list[Any]]] = {}
    for row in found.rows:
        value = row["lines"] / query.seconds if query.aggregation == "rate" else row["lines"]
        at = (start + row["point"] * step) / 1e9
        series.setdefault(tuple(row[name] for name in names), []).append([at, str(value)])
    result = [{"metric": _present(by, labels), "values": values} for labels, values in series.items()]
    return _answer("matrix", result, found)


def _present(names: tuple[str, ...], values: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(names, values, strict=True) if value}


def _answer(kind: str, result: list[dict[str, Any]], found: Found) -> dict[str, Any]:
    answer: dict[str, Any] = {"status": "success", "data": {"resultType": kind, "result": result, "stats": {}}}
    return {**answer, "warnings": [found.partial]} if found.partial else answer


async def labels(runtime: Runtime, tenant: UUID, start: int, end: int) -> dict[str, Any]:
    """The labels that lines have: the columns, and the paths of attributes."""
    conditions = Filter().conditions(tenant)
    _add_range(conditions, start, end)
    found = await ask(
        runtime,
        f"SELECT arrayJoin(distinctJSONPaths(attributes)) AS path FROM logs WHERE {conditions.sql} LIMIT 1000",
        conditions.parameters,
    )
    return {"status": "success", "data": [*STREAM_LABELS, *sorted(row["path"] for row in found.rows)]}


async def values(runtime: Runtime, tenant: UUID, label: str, start: int, end: int) -> dict[str, Any]:
    """The values of a label, at most 1,000."""
    conditions = Filter().conditions(tenant)
    _add_range(conditions, start, end)
    found = await ask(
        runtime,
        f"SELECT DISTINCT {label_value(label)} AS value FROM logs WHERE {conditions.sql} ORDER BY value LIMIT 1001",
        conditions.parameters,
    )
    return {"status": "success", "data": [row["value"] for row in found.rows if row["value"]][:1000]}
