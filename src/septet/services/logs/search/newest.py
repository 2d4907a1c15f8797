"""The newest lines first, without touching old ones: the span is walked back in growing slices.

ClickHouse reads a descending range from all parts that it touches at once; a month has hundreds, its last hour a few.
Where only services and levels are asked for, counts say in which minutes of a slice there are such lines: without them
all of what other services said since had to be read.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from septet.kernel.runtime import Runtime
from septet.services.logs.search.budget import Found, ask, out_of_time
from septet.services.logs.search.conditions import Conditions
from septet.services.logs.search.counts import MINUTE_NANOSECONDS, newest_minutes
from septet.services.logs.search.filters import add_span
from septet.services.logs.settings import LogsSettings

_HOUR = 3600 * 1_000_000_000
_REACHES = (_HOUR, 24 * _HOUR, 30 * 24 * _HOUR)


async def newest(
    runtime: Runtime,
    conditions: Conditions,
    select: Callable[[Conditions, int], str],
    limit: int,
    *,
    first: int | None = None,
    beyond: int | None = None,
    labels: Conditions | None = None,
) -> Found:
    """The rows of `select(conditions, limit)`, lines by descending time, from `first` to before `beyond` (nanoseconds).

    `labels`: the conditions on service and level, when there are no others on lines.
    Raises QueryOverBudget (422, memory), EngineUnavailable (503).
    """
    settings = runtime.service_settings(LogsSettings)
    clock = asyncio.get_running_loop().time
    deadline = clock() + settings.query_seconds
    rows: list[dict[str, Any]] = []
    for start, end in _slices(runtime.clock.unix_ms() * 1_000_000, first, beyond):
        if clock() > deadline:
            return Found(rows, out_of_time(settings))
        if labels is not None:
            holding = await _holding(runtime, labels, limit - len(rows), start, end)
            if holding is None:
                continue
            start, end = holding
        within = conditions.branch()
        add_span(within, start, end)
        found = await ask(runtime, select(within, limit - len(rows)), within.parameters)
        rows += found.rows
        if len(rows) >= limit or found.partial:
            return Found(rows, found.partial)
    return Found(rows, None)


async def _holding(
    runtime: Runtime, labels: Conditions, limit: int, start: int | None, end: int | None
) -> tuple[int | None, int | None] | None:
    """The part of a slice that holds its newest `limit` lines; None when it has none at all.

    What the minutes at its two ends have may be within the slice or not: they are looked through, but not relied upon.
    """
    found = await ask(runtime, newest_minutes(labels, start, end, limit + 2), labels.parameters)
    if found.partial:
        return start, end
    if not found.rows:
        return None
    edges = {bound // MINUTE_NANOSECONDS for bound in (start, end) if bound is not None}
    sure, oldest = 0, found.rows[0]["minute"]
    for row in found.rows:
        oldest = row["minute"]
        sure += 0 if oldest in edges else row["counted"]
        if sure >= limit:
            break
    first, beyond = oldest * MINUTE_NANOSECONDS, (found.rows[0]["minute"] + 1) * MINUTE_NANOSECONDS
    return first if start is None else max(first, start), beyond if end is None else min(beyond, end)


def _slices(now: int, first: int | None, beyond: int | None) -> Iterator[tuple[int | None, int | None]]:
    """Parts of the span, the newest first. Where it has no end, what lies in the future is in the first part."""
    edge = now if beyond is None else beyond
    end = beyond
    for reach in _REACHES:
        start = edge - reach
        if first is not None and start <= first:
            break
        yield start, end
        end = start
    yield first, end
