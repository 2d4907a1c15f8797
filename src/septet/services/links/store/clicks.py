"""Clicks in ClickHouse, one by one; `counts` adds them up. Rows may arrive more than once and are replaced by newer
verdicts: every query reads FINAL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from septet.kernel.clickhouse import ClickHouse

SETTINGS = {"do_not_merge_across_partitions_select_final": 1, "max_execution_time": 20}
DAY_MS = 86_400_000
PEOPLE = "classification IN ('human', 'duplicate')"
COLUMNS = (
    *("tenant_id", "link_id", "at", "id", "visitor", "variant", "version", "classification", "reason"),
    *("referrer", "referrer_host", "browser", "operating_system", "device", "language", "country"),
    *("utm_source", "utm_medium", "utm_campaign", "user_agent"),
)
"""`version`: of two rows with one id, the one with the larger one counts."""

_TENANT_AND_TIME = (
    "tenant_id = {tenant:UUID} AND at >= fromUnixTimestamp64Milli({since:Int64})"
    " AND at < fromUnixTimestamp64Milli({until:Int64})"
)


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


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of these; None for any. `referrer`: text in it, in either case."""

    classification: str | None = None
    country: str | None = None
    browser: str | None = None
    operating_system: str | None = None
    device: str | None = None
    referrer: str | None = None

    @property
    def parameters(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def where(self) -> str:
        conditions = [
            "positionCaseInsensitiveUTF8(referrer, {referrer:String}) > 0"
            if name == "referrer"
            else f"{name} = {{{name}:String}}"
            for name in self.parameters
        ]
        return "".join(f" AND {condition}" for condition in conditions)


async def add(clickhouse: ClickHouse, rows: Sequence[Mapping[str, Any]], token: str) -> None:
    """Store rows, each a value for every one of `COLUMNS`."""
    await clickhouse.insert("link_clicks", [[row[name] for name in COLUMNS] for row in rows], COLUMNS, token=token)


async def add_encoded(clickhouse: ClickHouse, rows: bytes, token: str) -> None:
    """Store rows that are in RowBinary already, their columns in the order of `COLUMNS`."""
    await clickhouse.insert_bytes(f"INSERT INTO link_clicks ({', '.join(COLUMNS)})", rows, "RowBinary", token=token)


async def newest(
    clickhouse: ClickHouse, within: Range, wanted: Filter, limit: int, before: tuple[datetime, UUID] | None
) -> list[dict[str, Any]]:
    """Clicks, newest first. Looks back step by step: the newest of a busy link are from today."""
    end = round(before[0].timestamp() * 1000) + 1 if before else within.until
    rows: list[dict[str, Any]] = []
    for look_back in (DAY_MS, 30 * DAY_MS, end):
        since = max(within.since, end - look_back)
        rows = await _newest(clickhouse, replace(within, since=since), wanted, limit, before)
        if len(rows) >= limit:
            break
    return rows


async def _newest(
    clickhouse: ClickHouse, within: Range, wanted: Filter, limit: int, before: tuple[datetime, UUID] | None
) -> list[dict[str, Any]]:
    parameters = within.parameters | wanted.parameters
    older = ""
    if before is not None:
        older = " AND (at, id) < (fromUnixTimestamp64Milli({before_at:Int64}), {before_id:UUID})"
        parameters |= {"before_at": round(before[0].timestamp() * 1000), "before_id": before[1]}
    return await clickhouse.query(
        f"""SELECT {", ".join(COLUMNS)} FROM link_clicks FINAL WHERE {within.where}{wanted.where}{older}
            ORDER BY at DESC, id DESC LIMIT {int(limit)}""",  # noqa: S608 - constants and a number
        parameters,
        SETTINGS,
    )


async def recently_clicked(clickhouse: ClickHouse, since_ms: int) -> dict[UUID, list[UUID]]:
    """The links with clicks by people since then, by tenant."""
    rows = await clickhouse.query(
        f"""SELECT tenant_id, groupUniqArray(link_id) AS links FROM link_clicks
            WHERE at >= fromUnixTimestamp64Milli({{since:Int64}}) AND {PEOPLE} GROUP BY tenant_id""",  # noqa: S608
        {"since": since_ms},
        SETTINGS,
    )
    return {row["tenant_id"]: row["links"] for row in rows}


async def counts(
    clickhouse: ClickHouse, tenant_id: UUID, links: Sequence[UUID], *, exact: bool = True
) -> dict[UUID, int]:
    """Clicks by people of each of these links, ever. Those that are not exact are quicker, and may be too high."""
    rows = await clickhouse.query(
        f"""SELECT link_id, count() AS clicks FROM link_clicks {"FINAL" if exact else ""}
            WHERE tenant_id = {{tenant:UUID}} AND link_id IN {{links:Array(UUID)}} AND {PEOPLE}
            GROUP BY link_id""",  # noqa: S608 - constants
        {"tenant": tenant_id, "links": list(links)},
        SETTINGS,
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
        SETTINGS,
    )
