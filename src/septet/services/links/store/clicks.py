"""Clicks in ClickHouse. Rows may arrive more than once and are replaced by newer verdicts: every query reads FINAL."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from septet.kernel.clickhouse import ClickHouse

LARGEST_SHARE_LIST = 50
_SETTINGS = {"do_not_merge_across_partitions_select_final": 1, "max_execution_time": 20}
_TENANT_AND_TIME = (
    "tenant_id = {tenant:UUID} AND at >= fromUnixTimestamp64Milli({since:Int64})"
    " AND at < fromUnixTimestamp64Milli({until:Int64})"
)
_SHARES = {
    "referrers": "referrer_host",
    "browsers": "browser",
    "operating_systems": "operating_system",
    "devices": "device",
    "countries": "country",
    "languages": "language",
    "campaigns": "utm_campaign",
    "variants": "toString(variant)",
}


@dataclass(slots=True)
class Click:
    """A row of `link_clicks`. `version`: of two rows with one id, the larger one counts."""

    tenant_id: UUID
    link_id: UUID
    at: datetime
    id: UUID
    classification: str
    reason: str
    visitor: int
    referrer: str
    referrer_host: str
    browser: str
    operating_system: str
    device: str
    language: str
    country: str
    utm_source: str
    utm_medium: str
    utm_campaign: str
    variant: int
    user_agent: str
    version: int


COLUMNS = [field.name for field in fields(Click)]


@dataclass(frozen=True, slots=True)
class Range:
    """Which clicks: times in milliseconds since 1970; `links` None for all of the tenant."""

    tenant_id: UUID
    since: int
    until: int
    links: Sequence[UUID] | None

    @property
    def where(self) -> str:
        return _TENANT_AND_TIME + ("" if self.links is None else " AND link_id IN {links:Array(UUID)}")

    @property
    def parameters(self) -> dict[str, Any]:
        bound = {"tenant": self.tenant_id, "since": self.since, "until": self.until}
        return bound if self.links is None else bound | {"links": list(self.links)}


async def add(clickhouse: ClickHouse, clicks: Sequence[Click], token: str) -> None:
    await clickhouse.insert("link_clicks", [astuple(click) for click in clicks], COLUMNS, token=token)


async def totals(clickhouse: ClickHouse, within: Range, *, bots: bool) -> tuple[int, int, int]:
    """Clicks, unique visitors, and clicks of programs."""
    people = "1" if bots else "classification IN ('human', 'duplicate')"
    (row,) = await clickhouse.query(
        f"""SELECT countIf({people}) AS clicks, uniqIf(visitor, {people} AND visitor != 0) AS visitors,
                   countIf(classification IN ('bot', 'preview')) AS programs
            FROM link_clicks FINAL WHERE {within.where}""",  # noqa: S608 - constants
        within.parameters,
        _SETTINGS,
    )
    return row["clicks"], row["visitors"], row["programs"]


async def per(
    clickhouse: ClickHouse, within: Range, step: str, time_zone: str, *, bots: bool
) -> dict[int, tuple[int, int]]:
    """Clicks and visitors by the beginning (Unix seconds) of each `step` (day, hour) in the zone; no empty ones."""
    start = "toStartOfDay(at, {zone:String})" if step == "day" else "toStartOfHour(at, {zone:String})"
    rows = await clickhouse.query(
        f"""SELECT toUnixTimestamp({start}) AS start, count() AS clicks, uniqIf(visitor, visitor != 0) AS visitors
            FROM link_clicks FINAL WHERE {within.where}{_people(bots)} GROUP BY start""",  # noqa: S608 - constants
        within.parameters | {"zone": time_zone},
        _SETTINGS,
    )
    return {row["start"]: (row["clicks"], row["visitors"]) for row in rows}


async def shares(clickhouse: ClickHouse, within: Range, *, bots: bool) -> dict[str, list[tuple[str, int]]]:
    """For each dimension its most frequent values, all in one pass."""
    columns = ", ".join(f"{expression} AS d_{name}" for name, expression in _SHARES.items())
    sets = ", ".join(f"(d_{name})" for name in _SHARES)
    which = ", ".join(f"grouping(d_{name}) = 0, '{name}'" for name in _SHARES)
    value = ", ".join(f"grouping(d_{name}) = 0, toString(d_{name})" for name in _SHARES)
    rows = await clickhouse.query(
        f"""SELECT multiIf({which}, '') AS dimension, multiIf({value}, '') AS value, count() AS clicks
            FROM (SELECT {columns} FROM link_clicks FINAL WHERE {within.where}{_people(bots)})
            GROUP BY GROUPING SETS ({sets})
            ORDER BY clicks DESC, value LIMIT {LARGEST_SHARE_LIST} BY dimension""",  # noqa: S608 - constants
        within.parameters,
        _SETTINGS,
    )
    found: dict[str, list[tuple[str, int]]] = {name: [] for name in _SHARES}
    for row in rows:
        found[row["dimension"]].append((row["value"], row["clicks"]))
    return found


async def newest(
    clickhouse: ClickHouse, within: Range, limit: int, before: tuple[datetime, UUID] | None
) -> list[dict[str, Any]]:
    """Clicks, newest first."""
    parameters = within.parameters
    older = ""
    if before is not None:
        older = " AND (at, id) < (fromUnixTimestamp64Milli({before_at:Int64}), {before_id:UUID})"
        parameters |= {"before_at": round(before[0].timestamp() * 1000), "before_id": before[1]}
    return await clickhouse.query(
        f"""SELECT {", ".join(COLUMNS)} FROM link_clicks FINAL WHERE {within.where}{older}
            ORDER BY at DESC, id DESC LIMIT {int(limit)}""",  # noqa: S608 - constants and a number
        parameters,
        _SETTINGS,
    )


async def recently_clicked(clickhouse: ClickHouse, since_ms: int) -> dict[UUID, list[UUID]]:
    """The links with clicks by people since then, by tenant."""
    rows = await clickhouse.query(
        """SELECT tenant_id, groupUniqArray(link_id) AS links FROM link_clicks
           WHERE at >= fromUnixTimestamp64Milli({since:Int64}) AND classification IN ('human', 'duplicate')
           GROUP BY tenant_id""",
        {"since": since_ms},
        _SETTINGS,
    )
    return {row["tenant_id"]: row["links"] for row in rows}


async def counts(clickhouse: ClickHouse, tenant_id: UUID, links: Sequence[UUID]) -> dict[UUID, int]:
    """Clicks by people of each of these links, ever."""
    rows = await clickhouse.query(
        """SELECT link_id, count() AS clicks FROM link_clicks FINAL
           WHERE tenant_id = {tenant:UUID} AND link_id IN {links:Array(UUID)}
             AND classification IN ('human', 'duplicate') GROUP BY link_id""",
        {"tenant": tenant_id, "links": list(links)},
        _SETTINGS,
    )
    return {row["link_id"]: row["clicks"] for row in rows}


async def in_order(
    clickhouse: ClickHouse, within: Range, limit: int, after: tuple[int, UUID] | None
) -> list[dict[str, Any]]:
    """Clicks from the oldest on; for running the rules again."""
    parameters = within.parameters
    later = ""
    if after is not None:
        later = " AND (at, id) > (fromUnixTimestamp64Milli({after_at:Int64}), {after_id:UUID})"
        parameters |= {"after_at": after[0], "after_id": after[1]}
    return await clickhouse.query(
        f"""SELECT {", ".join(COLUMNS)} FROM link_clicks FINAL WHERE {within.where}{later}
            ORDER BY at, id LIMIT {int(limit)}""",  # noqa: S608 - constants and a number
        parameters,
        _SETTINGS,
    )


def _people(bots: bool) -> str:
    return "" if bots else " AND classification IN ('human', 'duplicate')"
