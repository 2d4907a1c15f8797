"""Lines counted from the table's projection `counts`, which holds their numbers by minute, service and level.

What a span has beside whole minutes is counted line by line and added. Questions about words or attributes count lines.
"""

from typing import Any
from uuid import UUID

from septet.services.logs.search.conditions import Conditions
from septet.services.logs.search.filters import Filter, add_span

MINUTE_NANOSECONDS = 60_000_000_000
_NANOSECONDS = "toUnixTimestamp64Nano(timestamp)"


def floored(number: str, divisor: str) -> str:
    """Whole division that rounds down, as `//` does in Python; exact, where ClickHouse's `floor` divides as floats."""
    return f"intDiv({number}, {divisor}) - ({number} % {divisor} < 0)"


# Written as in the projection, or ClickHouse would not see that it is the same.
MINUTE = floored(_NANOSECONDS, str(MINUTE_NANOSECONDS))


def by_step(tenant: UUID, wanted: Filter, seconds: int) -> tuple[str, dict[str, Any]]:
    """A query of `number` (of the step since 1970), `level` and `lines`. Raises BadSearch (400)."""
    conditions = wanted.timeless(tenant)
    length = conditions.bind(seconds * 1_000_000_000, "Int64")
    by_line = f"{floored(_NANOSECONDS, length)} AS number, level"
    minutes = conditions.bind(seconds // 60, "Int64")
    by_minute = f"{floored(f'({MINUTE})', minutes)} AS number, level"
    return _summed(conditions, wanted, "number, level", by_line, by_minute if seconds % 60 == 0 else None)


def newest_minutes(labels: Conditions, first: int | None, beyond: int | None, limit: int) -> str:
    """A query of `minute` (since 1970; those that the span touches and that have lines, newest first) and `counted`.

    `labels`: conditions on service and level alone.
    """
    start = None if first is None else first // MINUTE_NANOSECONDS
    end = None if beyond is None else -(-beyond // MINUTE_NANOSECONDS)
    return f"{_minutes(labels, 'minute', f'{MINUTE} AS minute', start, end)} ORDER BY minute DESC LIMIT {int(limit)}"


def by_label(tenant: UUID, wanted: Filter, column: str) -> tuple[str, dict[str, Any]]:
    """A query of `value` and `lines`; `column`: `service` or `level`. Raises BadSearch (400)."""
    value = f"toString({column}) AS value"
    return _summed(wanted.timeless(tenant), wanted, "value", value, value)


def _summed(
    conditions: Conditions, wanted: Filter, keys: str, by_line: str, by_minute: str | None
) -> tuple[str, dict[str, Any]]:
    first, beyond = wanted.first, wanted.beyond
    start = None if first is None else -(-first // MINUTE_NANOSECONDS)
    end = None if beyond is None else beyond // MINUTE_NANOSECONDS
    has_minutes = start is None or end is None or start < end
    if by_minute is None or not wanted.by_labels_alone or not has_minutes:
        parts = [_lines(conditions, keys, by_line, first, beyond)]
    else:
        parts = [_minutes(conditions, keys, by_minute, start, end)]
        if first is not None and start is not None and first % MINUTE_NANOSECONDS:
            parts.append(_lines(conditions, keys, by_line, first, start * MINUTE_NANOSECONDS))
        if beyond is not None and end is not None and beyond % MINUTE_NANOSECONDS:
            parts.append(_lines(conditions, keys, by_line, end * MINUTE_NANOSECONDS, beyond))
    sql = f"SELECT {keys}, sum(counted) AS lines FROM ({' UNION ALL '.join(parts)}) GROUP BY {keys}"
    return sql, conditions.parameters


def _lines(conditions: Conditions, keys: str, selected: str, first: int | None, beyond: int | None) -> str:
    within = conditions.branch()
    add_span(within, first, beyond)
    return f"SELECT {selected}, count() AS counted FROM logs WHERE {within.sql} GROUP BY {keys}"


def _minutes(conditions: Conditions, keys: str, selected: str, start: int | None, end: int | None) -> str:
    within = conditions.branch()
    for operator, minute in ((">=", start), ("<", end)):
        if minute is not None:
            within.add(f"{MINUTE} {operator} {within.bind(minute, 'Int64')}")
    return f"SELECT {selected}, count() AS counted FROM logs WHERE {within.sql} GROUP BY {keys}"
