"""The newest lines first, without touching old ones: the span is walked back in growing slices.

ClickHouse reads a descending range from all parts that it touches at once; a month has hundreds, its last hour a few.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from septet.kernel.runtime import Runtime
from septet.services.logs.search.budget import Found, ask, out_of_time
from septet.services.logs.search.conditions import Conditions
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
) -> Found:
    """The rows of `select(conditions, limit)`, lines by descending time, from `first` to before `beyond` (nanoseconds).

    Raises QueryOverBudget (422, memory), EngineUnavailable (503).
    """
    settings = runtime.service_settings(LogsSettings)
    clock = asyncio.get_running_loop().time
    deadline = clock() + settings.query_seconds
    rows: list[dict[str, Any]] = []
    for start, end in _slices(runtime.clock.unix_ms() * 1_000_000, first, beyond):
        if clock() > deadline:
            return Found(rows, out_of_time(settings))
        within = conditions.branch()
        add_span(within, start, end)
        found = await ask(runtime, select(within, limit - len(rows)), within.parameters)
        rows += found.rows
        if len(rows) >= limit or found.partial:
            return Found(rows, found.partial)
    return Found(rows, None)


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
