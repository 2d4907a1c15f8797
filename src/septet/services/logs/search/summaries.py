"""Lines counted: over time, by value of a field, by service."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from septet.kernel.errors import BadParameter
from septet.kernel.runtime import Runtime
from septet.services.logs.schemas import Bucket, FacetValue, ServiceOut
from septet.services.logs.search import counts
from septet.services.logs.search.budget import ask
from septet.services.logs.search.filters import Filter, attribute, nanoseconds

MOST_BUCKETS = 5000
WANTED_BUCKETS = 60
_NICE_STEPS = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800)
_COUNTED = ("service", "level")
_COLUMNS = {"host": "host", "traceId": "trace_id"}


@dataclass(frozen=True, slots=True)
class Histogram:
    buckets: list[Bucket]
    step: int
    partial: str | None


@dataclass(frozen=True, slots=True)
class Facet:
    values: list[FacetValue]
    partial: str | None


@dataclass(frozen=True, slots=True)
class Usage:
    services: list[ServiceOut]
    partial: str | None


async def histogram(runtime: Runtime, tenant: UUID, wanted: Filter, step: int | None) -> Histogram:
    """Counts by level for every step of the range; without a range, from the first line to the last.

    Raises BadParameter (400) for a step that makes too many buckets.
    """
    step = step or await _nice_step(runtime, tenant, wanted)
    counted, parameters = counts.by_step(tenant, wanted, step)
    found = await ask(runtime, f"{counted} ORDER BY number LIMIT {MOST_BUCKETS * 6}", parameters)
    levels: dict[int, dict[str, int]] = {}
    for row in found.rows:
        levels.setdefault(row["number"], {})[row["level"]] = row["lines"]
    return Histogram([_bucket(n, step, levels.get(n, {})) for n in _numbers(wanted, step, levels)], step, found.partial)


def _numbers(wanted: Filter, step: int, levels: dict[int, Any]) -> list[int]:
    """The numbers of the buckets to show."""
    first = _number_of(wanted.start, step) if wanted.start else min(levels, default=0)
    last = _number_of(wanted.end, step, before=True) if wanted.end else max(levels, default=-1)
    if last - first < MOST_BUCKETS:
        return list(range(first, last + 1))
    if wanted.start and wanted.end:
        raise BadParameter(f"`step` makes more than {MOST_BUCKETS} buckets; take a longer one, or a shorter range.")
    return sorted(levels)


def _number_of(moment: datetime, step: int, *, before: bool = False) -> int:
    return (nanoseconds(moment) - int(before)) // (step * 1_000_000_000)


def _bucket(number: int, step: int, levels: dict[str, int]) -> Bucket:
    return Bucket(at=datetime.fromtimestamp(number * step, UTC), count=sum(levels.values()), levels=levels)


async def _nice_step(runtime: Runtime, tenant: UUID, wanted: Filter) -> int:
    start, end = wanted.start, wanted.end
    if start is not None and end is not None:
        seconds = (nanoseconds(end) - nanoseconds(start)) / 1e9
    else:
        conditions = wanted.conditions(tenant)
        found = await ask(
            runtime,
            f"SELECT (max(toUnixTimestamp64Nano(timestamp)) - min(toUnixTimestamp64Nano(timestamp))) / 1e9 AS seconds "
            f"FROM logs WHERE {conditions.sql}",
            conditions.parameters,
        )
        seconds = found.rows[0]["seconds"] if found.rows else 0.0
    fitting = (step for step in _NICE_STEPS if seconds / step <= WANTED_BUCKETS)
    return next(fitting, _NICE_STEPS[-1] * max(1, math.ceil(seconds / _NICE_STEPS[-1] / WANTED_BUCKETS)))


async def facet(runtime: Runtime, tenant: UUID, wanted: Filter, field: str, limit: int) -> Facet:
    """The most frequent values of a column or of an attribute, by its path."""
    if field in _COUNTED:
        counted, parameters = counts.by_label(tenant, wanted, field)
    else:
        conditions = wanted.conditions(tenant)
        value = _COLUMNS.get(field) or attribute(field.removeprefix("attr."))
        conditions.add(f"{value} IS NOT NULL")
        counted = f"SELECT {value} AS value, count() AS lines FROM logs WHERE {conditions.sql} GROUP BY value"
        parameters = conditions.parameters
    found = await ask(runtime, f"{counted} ORDER BY lines DESC, value LIMIT {int(limit)}", parameters)
    return Facet([FacetValue(value=row["value"], count=row["lines"]) for row in found.rows], found.partial)


async def usage(runtime: Runtime, tenant: UUID) -> Usage:
    """What each service has stored. The part on disk is its share of the table, by bytes."""
    conditions = Filter().conditions(tenant)
    found = await ask(
        runtime,
        f"SELECT service, count() AS lines, sum(bytes) AS size, toUnixTimestamp64Nano(min(timestamp)) AS first, "
        f"toUnixTimestamp64Nano(max(timestamp)) AS last FROM logs WHERE {conditions.sql} "
        "GROUP BY service ORDER BY service",
        conditions.parameters,
    )
    ratio = await _bytes_on_disk_per_row(runtime)
    services = [
        ServiceOut(
            service=row["service"],
            lines=row["lines"],
            bytes=row["size"],
            stored_bytes=round(row["lines"] * ratio),
            first_at=datetime.fromtimestamp(row["first"] / 1e9, UTC),
            last_at=datetime.fromtimestamp(row["last"] / 1e9, UTC),
        )
        for row in found.rows
    ]
    return Usage(services, found.partial)


async def _bytes_on_disk_per_row(runtime: Runtime) -> float:
    found = await ask(
        runtime,
        "SELECT sum(bytes_on_disk) / greatest(sum(rows), 1) AS ratio FROM system.parts "
        "WHERE active AND database = currentDatabase() AND table = 'logs'",
        {},
    )
    return float(found.rows[0]["ratio"])
