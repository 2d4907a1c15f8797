"""Clicks counted: whole hours from `link_hours`, torn ones click by click.

`link_hours` holds, of each hour, what all clicks of a tenant (under the nil id) and those of its busy links add up to:
per dimension and value, and under the dimension '' in total, with sketches of the visitors. Every link, busy or not,
has the bare number of its clicks there, under the dimension `CLICKS`. `link_hours_touched` counts the rows that ever
arrived for an hour, repeated ones too. An hour is whole while that number is the one it was added up at; else, or where
the asked range cuts through it, it is torn. So a late click or a new verdict is never missed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from septet.kernel.clickhouse import ClickHouse
from septet.services.links.store.clicks import PEOPLE, SETTINGS, Range

HOUR = 3600
DAY = 24 * HOUR
ALL_LINKS = UUID(int=0)
CLICKS = "clicks"
LARGEST_SHARE_LIST = 50
MOST_TORN_HOURS = 2000
DIMENSIONS = {
    "referrers": "referrer_host",
    "browsers": "browser",
    "operating_systems": "operating_system",
    "devices": "device",
    "countries": "country",
    "languages": "language",
    "campaigns": "utm_campaign",
    "variants": "toString(variant)",
}
PAIRS = ", ".join(f"('{name}', toString({column}))" for name, column in DIMENSIONS.items())

Torn = Collection[int] | None
"""Hours (Unix seconds) that are counted click by click; None for all."""


class Count(NamedTuple):
    """`people` and `programs` are clicks; `visitors` an estimate, within two percent beyond a thousand."""

    people: int
    programs: int
    visitors: int


@dataclass(frozen=True, slots=True)
class Counted:
    """By the beginning (Unix seconds) of days and hours in the time zone, empty ones left out."""

    total: Count
    days: dict[int, Count]
    hours: dict[int, Count]


async def torn_hours(clickhouse: ClickHouse, within: Range) -> Torn:
    """The hours of the range that cannot be taken whole because clicks arrived since they were added up, or because
    the range cuts through them.
    """
    scope = _scope(within)
    return None if scope is None else await _torn(clickhouse, within, scope, "")


async def _torn(clickhouse: ClickHouse, within: Range, scope: UUID, dimension: str) -> Torn:
    rows = await clickhouse.query(
        f"""SELECT toUnixTimestamp(hour) AS start FROM link_hours_touched
            WHERE tenant_id = {{tenant:UUID}} AND {_HOURS} GROUP BY hour
            HAVING (hour, sum(rows)) NOT IN (
              SELECT hour, rows FROM link_hours FINAL
              WHERE tenant_id = {{tenant:UUID}} AND link_id = {{scope:UUID}} AND dimension = {{dimension:String}}
                AND {_HOURS})
            LIMIT {MOST_TORN_HOURS + 1}""",  # noqa: S608 - constants
        within.parameters | {"scope": scope, "dimension": dimension},
        SETTINGS,
    )
    torn = {row["start"] for row in rows}
    torn |= {edge // 1000 // HOUR * HOUR for edge in (within.since, within.until) if edge % (HOUR * 1000)}
    return torn if len(torn) <= MOST_TORN_HOURS else None


async def of_each(clickhouse: ClickHouse, within: Range) -> dict[UUID, int]:
    """Clicks by people of each link in the range, however many links there are; those without any are left out."""
    torn = await _torn(clickhouse, within, ALL_LINKS, CLICKS)
    whole = f"""SELECT link_id, people AS n FROM link_hours FINAL
                WHERE tenant_id = {{tenant:UUID}} AND link_id IN {{links:Array(UUID)}} AND dimension = '{CLICKS}'
                  AND {_HOURS} AND hour NOT IN (__TORN__)"""  # noqa: S608 - constants
    single = f"""SELECT link_id, count() AS n FROM link_clicks FINAL
                 WHERE {within.where} AND {PEOPLE}{_among(torn)} GROUP BY link_id"""  # noqa: S608 - constants
    outer = "SELECT link_id, sum(n) AS clicks FROM ({}) GROUP BY link_id HAVING clicks > 0"
    rows = await _query(clickhouse, within, torn, outer, (whole, single), {})
    return {row["link_id"]: row["clicks"] for row in rows}


async def counted(
    clickhouse: ClickHouse, within: Range, torn: Torn, time_zone: str, *, programs: bool, by_hour: bool
) -> Counted:
    """`programs`: whether their clicks make visitors. `by_hour`: whether hours are wanted too."""
    who = "visitors_and_programs" if programs else "visitors"
    visitor = "visitor != 0" if programs else f"visitor != 0 AND {PEOPLE}"
    hour_of = "toStartOfHour({}, {{zone:String}})" if by_hour else "toDateTime(0)"
    whole = f"""SELECT toStartOfDay(hour, {{zone:String}}) AS day, {hour_of.format("hour")} AS hour_, people, programs,
                  {who} AS visitors FROM link_hours FINAL WHERE {_WHOLE} AND dimension = ''"""  # noqa: S608 - constants
    single = f"""SELECT toStartOfDay(at, {{zone:String}}) AS day, {hour_of.format("at")} AS hour_,
                   countIf({PEOPLE}) AS people, countIf(NOT {PEOPLE}) AS programs,
                   uniqCombinedStateIf(12)(visitor, {visitor}) AS visitors
                 FROM link_clicks FINAL WHERE {within.where}{_among(torn)} GROUP BY day, hour_"""  # noqa: S608
    sets = "(day), (hour_), ()" if by_hour else "(day), ()"
    rows = await _query(
        clickhouse,
        within,
        torn,
        f"""SELECT if(grouping(day) = 0, toUnixTimestamp(day), 0) AS day_start,
              {"if(grouping(hour_) = 0, toUnixTimestamp(hour_), 0)" if by_hour else "0"} AS hour_start,
              sum(people) AS n, sum(programs) AS p, uniqCombinedMerge(12)(visitors) AS v
            FROM ({{}}) GROUP BY GROUPING SETS ({sets})""",  # noqa: S608 - constants
        (whole, single),
        {"zone": time_zone},
    )
    found = Counted(Count(0, 0, 0), {}, {})
    days, hours, total = found.days, found.hours, found.total
    for row in rows:
        count = Count(row["n"], row["p"], row["v"])
        if row["day_start"]:
            days[row["day_start"]] = count
        elif row["hour_start"]:
            hours[row["hour_start"]] = count
        else:
            total = count
    return Counted(total, days, hours)


async def shares(
    clickhouse: ClickHouse, within: Range, torn: Torn, *, programs: bool
) -> dict[str, list[tuple[str, int]]]:
    """For each dimension its most frequent values."""
    clicks, wanted = ("people + programs", "") if programs else ("people", f" AND {PEOPLE}")
    whole = f"""SELECT toString(dimension) AS dimension_, value, {clicks} AS n FROM link_hours FINAL
                WHERE {_WHOLE} AND dimension NOT IN ('', '{CLICKS}')"""  # noqa: S608 - constants
    single = f"""SELECT pair.1 AS dimension_, pair.2 AS value, count() AS n
                 FROM (SELECT arrayJoin([{PAIRS}]) AS pair FROM link_clicks FINAL
                       WHERE {within.where}{wanted}{_among(torn)})
                 GROUP BY dimension_, value"""  # noqa: S608 - constants
    rows = await _query(
        clickhouse,
        within,
        torn,
        f"""SELECT dimension_, value, sum(n) AS clicks FROM ({{}}) GROUP BY dimension_, value HAVING clicks > 0
            ORDER BY clicks DESC, value LIMIT {LARGEST_SHARE_LIST} BY dimension_""",  # noqa: S608 - constants
        (whole, single),
        {},
    )
    found: dict[str, list[tuple[str, int]]] = {name: [] for name in DIMENSIONS}
    for row in rows:
        found[row["dimension_"]].append((row["value"], row["clicks"]))
    return found


_HOURS = "hour >= fromUnixTimestamp64Milli({since:Int64}) AND hour < fromUnixTimestamp64Milli({until:Int64})"
_WHOLE = f"tenant_id = {{tenant:UUID}} AND link_id = {{scope:UUID}} AND {_HOURS} AND hour NOT IN (__TORN__)"


def _scope(within: Range) -> UUID | None:
    """Under which id hours of these links are added up; None where they are not: for several links."""
    if within.links is None:
        return ALL_LINKS
    return within.links[0] if len(within.links) == 1 else None


def _among(torn: Torn) -> str:
    # The day is in the table's key: without it the clicks of all days would be read to find their hours.
    return "" if torn is None else " AND toDate(at) IN (__TORN_DAYS__) AND toStartOfHour(at) IN (__TORN__)"


async def _query(
    clickhouse: ClickHouse,
    within: Range,
    torn: Torn,
    outer: str,
    parts: tuple[str, str],
    more: dict[str, Any],
) -> list[dict[str, Any]]:
    """`outer` over both parts, or over the clicks alone where no hour is taken whole."""
    whole, single = parts
    inner = single if torn is None else f"{whole} UNION ALL {single}"
    hours = sorted(torn or ()) or [0]
    days = sorted({hour // DAY * DAY for hour in hours})
    sql = outer.format(inner).replace("__TORN__", ", ".join(f"toDateTime({hour}, 'UTC')" for hour in hours))
    sql = sql.replace("__TORN_DAYS__", ", ".join(f"toDate(toDateTime({day}, 'UTC'))" for day in days))
    return await clickhouse.query(sql, within.parameters | {"scope": _scope(within) or ALL_LINKS} | more, SETTINGS)
