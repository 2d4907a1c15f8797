"""What was decided: series, the most denied, who is near a limit."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from septet.kernel.errors import BadParameter
from septet.kernel.uow import UnitOfWork
from septet.services.limits import permissions
from septet.services.limits.actions.rules import definition_of
from septet.services.limits.schemas import Audience, NearLimit, Point, RuleIn, StatsOut, TopEntry, TopOut, Warnings
from septet.services.limits.store import decisions
from septet.services.limits.store import rules as rule_store

MOST_STEPS = 2000
DEFAULT_PERIOD = timedelta(hours=1)


def period(uow: UnitOfWork, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """The last hour, where nothing else is said. Raises BadParameter."""
    end = until or uow.now
    begin = since or end - DEFAULT_PERIOD
    if begin >= end:
        raise BadParameter("`from` must be before `to`.")
    return begin, end


async def series(
    uow: UnitOfWork,
    since: datetime | None,
    until: datetime | None,
    step_seconds: int,
    audience: Audience,
    filters: Mapping[str, str],
) -> StatsOut:
    """Raises BadParameter, Forbidden, EngineUnavailable."""
    uow.actor.require(permissions.READ_LIMITS)
    begin, end = period(uow, since, until)
    first = int(begin.timestamp()) // step_seconds * step_seconds
    steps = range(first, int(end.timestamp()) + 1, step_seconds)
    if len(steps) > MOST_STEPS:
        raise BadParameter(f"That would be {len(steps)} steps, at most {MOST_STEPS}; choose a longer `step`.")
    rows = await decisions.series(uow, begin, end, step_seconds, audience, filters)
    found = {int(row["begin"]): row for row in rows}
    return StatsOut(series=[_point(at, found.get(at)) for at in steps])


def _point(at: int, row: Mapping[str, int] | None) -> Point:
    sums = row or {"allowed": 0, "denied": 0, "shadow_denied": 0}
    moment = datetime.fromtimestamp(at, UTC)
    return Point(at=moment, allowed=sums["allowed"], denied=sums["denied"], shadow_denied=sums["shadow_denied"])


async def checks_on(uow: UnitOfWork, day: date) -> int:
    """Checks of applications that were decided on a day (UTC). Raises EngineUnavailable."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    points = await decisions.series(uow, begin, begin + timedelta(days=1), 86_400, "application", {})
    return sum(int(point["allowed"]) + int(point["denied"]) for point in points)


async def top(
    uow: UnitOfWork, by: decisions.By, since: datetime | None, until: datetime | None, audience: Audience
) -> TopOut:
    """Raises BadParameter, Forbidden, EngineUnavailable."""
    uow.actor.require(permissions.READ_LIMITS)
    rows = await decisions.top(uow, by, *period(uow, since, until), audience)
    names = await _names(uow) if by == "rule" else {}
    return TopOut(data=[TopEntry(**row, name=names.get(row["key"])) for row in rows])


async def near_limit(uow: UnitOfWork, since: datetime | None, until: datetime | None, percent: int) -> Warnings:
    """Raises BadParameter, Forbidden, EngineUnavailable."""
    uow.actor.require(permissions.READ_LIMITS)
    rules = {rule.id: definition_of(rule) for rule in await rule_store.all_rules(uow)}
    per_user = [rule_id for rule_id, rule in rules.items() if rule.scope == "user"]
    rows = await decisions.near_limit(uow, *period(uow, since, until), percent, per_user)
    return Warnings(data=[_near_limit(row, rules.get(UUID(str(row["rule_id"])))) for row in rows])


def _near_limit(row: Mapping[str, Any], rule: RuleIn | None) -> NearLimit:
    return NearLimit(
        rule_id=row["rule_id"],
        rule=rule.name if rule else None,
        user_id=row["user"],
        peak_percent=row["peak_percent"],
        at=row["last"],
    )


async def _names(uow: UnitOfWork) -> dict[str, str]:
    return {str(rule.id): rule.name for rule in await rule_store.all_rules(uow)}
