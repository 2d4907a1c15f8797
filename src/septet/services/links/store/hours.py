"""Adding up hours: `link_hours` is made from `link_clicks` again whenever clicks have arrived since."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

from septet.kernel.clickhouse import ClickHouse
from septet.services.links.store.clicks import PEOPLE, SETTINGS
from septet.services.links.store.counts import ALL_LINKS, CLICKS, PAIRS

BUSY_LINK = 100
"""Clicks of a link in an hour from which on it has all dimensions too; fewer are counted as quickly one by one."""

MOST_ROWS = 1_000_000


class TornHour(NamedTuple):
    """`rows`: how many had arrived for it. `start`: Unix seconds."""

    tenant_id: UUID
    start: int
    rows: int


async def torn(clickhouse: ClickHouse, until: int, limit: int) -> list[TornHour]:
    """Hours before `until` (Unix seconds) for which clicks have arrived since they were added up; one tenant's, and
    not many more rows than `MOST_ROWS`.
    """
    rows = await clickhouse.query(
        """SELECT tenant_id, toUnixTimestamp(hour) AS start, sum(rows) AS arrived FROM link_hours_touched
           WHERE hour < toDateTime({until:Int64}, 'UTC') GROUP BY tenant_id, hour
           HAVING (tenant_id, hour, arrived) NOT IN (
             SELECT tenant_id, hour, rows FROM link_hours FINAL
             WHERE link_id = {all:UUID} AND dimension = {clicks:String})
           ORDER BY tenant_id, hour LIMIT {limit:UInt32}""",
        {"until": until, "all": ALL_LINKS, "clicks": CLICKS, "limit": limit},
        SETTINGS,
    )
    found = [TornHour(row["tenant_id"], row["start"], row["arrived"]) for row in rows]
    before = [0, *accumulate(hour.rows for hour in found)]
    return [
        hour
        for hour, rows_before in zip(found, before, strict=False)
        if hour.tenant_id == found[0].tenant_id and rows_before < MOST_ROWS
    ]


async def add_up(clickhouse: ClickHouse, hours: Sequence[TornHour]) -> None:
    """Count these hours of one tenant anew. What arrives meanwhile tears them again: `rows` was read before."""
    starts = ", ".join(f"toDateTime({hour.start}, 'UTC')" for hour in hours)
    seconds = ", ".join(str(hour.start) for hour in hours)
    arrived = ", ".join(str(hour.rows) for hour in hours)
    clicks = f"tenant_id = {{tenant:UUID}} AND toStartOfHour(at) IN ({starts})"
    await clickhouse.command(
        f"""INSERT INTO link_hours
            SELECT tenant_id, scope, pair.1, hour, pair.2, countIf({PEOPLE}), countIf(NOT {PEOPLE}),
              uniqCombinedStateIf(12)(visitor, visitor != 0 AND pair.1 = '' AND {PEOPLE}),
              uniqCombinedStateIf(12)(visitor, visitor != 0 AND pair.1 = ''),
              any(transform(toUnixTimestamp(hour), [{seconds}], [{arrived}], 0))
            FROM (
              SELECT *, arrayJoin(if(scope = {{all:UUID}} OR (scope, hour) IN (
                  SELECT link_id, toStartOfHour(at) AS hour FROM link_clicks WHERE {clicks}
                  GROUP BY link_id, hour HAVING count() >= {BUSY_LINK}),
                [('{CLICKS}', ''), ('', ''), {PAIRS}], [('{CLICKS}', '')])) AS pair
              FROM (
                SELECT *, toStartOfHour(at) AS hour, arrayJoin([{{all:UUID}}, link_id]) AS scope
                FROM link_clicks FINAL WHERE {clicks}))
            GROUP BY tenant_id, scope, hour, pair""",  # noqa: S608 - constants and numbers
        {"tenant": hours[0].tenant_id, "all": ALL_LINKS},
        SETTINGS,
    )
