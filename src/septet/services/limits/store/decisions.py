"""Recorded decisions, in ClickHouse."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.limits.schemas import Audience

By = Literal["route", "user", "rule"]
_COLUMNS: Mapping[By, str] = {"route": "route", "user": "user_id", "rule": "toString(rule_id)"}
_OF_TENANT = "tenant_id = {tenant:UUID} AND at >= {from:DateTime64(0, 'UTC')} AND at < {to:DateTime64(0, 'UTC')}"
# Requests to Septet itself are decided about too; figures of all rules are about one of the two kinds.
_OF_AUDIENCE = " AND audience = {audience:String}"
MOST_ENTRIES = 50
MOST_WARNINGS = 100
NO_RULE = str(UUID(int=0))


async def series(
    uow: UnitOfWork,
    since: datetime,
    until: datetime,
    step_seconds: int,
    audience: Audience,
    filters: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Sums per step, oldest first; steps without decisions are left out."""
    conditions = "".join(f" AND {_COLUMNS[by]} = {{{by}:String}}" for by in _COLUMNS if by in filters)
    conditions += "" if "rule" in filters else _OF_AUDIENCE
    return await uow.runtime.clickhouse.query(
        f"""SELECT toUnixTimestamp(toStartOfInterval(at, toIntervalSecond({{step:UInt32}}))) AS begin,
                   sum(allowed) AS allowed, sum(denied) AS denied, sum(shadow_denied) AS shadow_denied
            FROM limit_decisions WHERE {_OF_TENANT}{conditions} GROUP BY begin ORDER BY begin""",  # noqa: S608 - constants only
        {**_period(uow, since, until), "step": step_seconds, "audience": audience, **filters},
    )


async def top(uow: UnitOfWork, by: By, since: datetime, until: datetime, audience: Audience) -> list[dict[str, Any]]:
    """The most denied first."""
    column = _COLUMNS[by]
    return await uow.runtime.clickhouse.query(
        f"""SELECT {column} AS key, sum(allowed) AS allowed, sum(denied) AS denied,
                   sum(shadow_denied) AS shadow_denied, max(used_percent) AS peak_percent
            FROM limit_decisions WHERE {_OF_TENANT}{_OF_AUDIENCE} AND {column} NOT IN ('', '{NO_RULE}')
            GROUP BY key ORDER BY denied DESC, shadow_denied DESC, allowed DESC, key LIMIT {MOST_ENTRIES}""",  # noqa: S608 - constants only
        {**_period(uow, since, until), "audience": audience},
    )


async def near_limit(
    uow: UnitOfWork, since: datetime, until: datetime, percent: int, per_user: Collection[UUID]
) -> list[dict[str, Any]]:
    """Counters at or above this part of a rule's limit, the nearest first; rules `per_user` have one a user."""
    return await uow.runtime.clickhouse.query(
        f"""SELECT rule_id, if(has({{per_user:Array(UUID)}}, rule_id), user_id, '') AS user,
                   max(used_percent) AS peak_percent, argMax(at, (used_percent, at)) AS last
            FROM limit_decisions WHERE {_OF_TENANT} AND used_percent >= {{percent:UInt8}} AND rule_id != '{NO_RULE}'
            GROUP BY rule_id, user ORDER BY peak_percent DESC, last DESC LIMIT {MOST_WARNINGS}""",  # noqa: S608 - constants only
        {**_period(uow, since, until), "percent": percent, "per_user": [str(rule_id) for rule_id in per_user]},
    )


async def traffic(uow: UnitOfWork, since: datetime, until: datetime, most: int) -> list[dict[str, Any]]:
    """What was asked, second by second, whatever was decided."""
    return await uow.runtime.clickhouse.query(
        f"""SELECT toUnixTimestamp(at) AS second, route, method, user_id, plan, audience,
                   sum(allowed) + sum(denied) AS checks, sum(cost) AS cost
            FROM limit_decisions WHERE {_OF_TENANT}
            GROUP BY second, route, method, user_id, plan, audience HAVING checks > 0
            ORDER BY second LIMIT {{most:UInt32}}""",  # noqa: S608 - constants only
        {**_period(uow, since, until), "most": most},
    )


def _period(uow: UnitOfWork, since: datetime, until: datetime) -> dict[str, Any]:
    return {"tenant": str(uow.tenant_id), "from": int(since.timestamp()), "to": int(until.timestamp()) + 1}
