"""Clicks counted: over days and hours, by where visitors came from and what they use."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from septet.kernel.errors import BadParameter
from septet.kernel.uow import UnitOfWork
from septet.services.links import permissions
from septet.services.links.actions.links import get_link
from septet.services.links.schemas import DayCount, HourCount, Share, Statistics
from septet.services.links.store import clicks
from septet.services.links.store import links as link_store

DEFAULT_DAYS = 30
LONGEST_DAYS = 3660
MOST_DAYS_BY_HOUR = 31


@dataclass(frozen=True, slots=True)
class Question:
    """`since` and `until` are days or moments in `zone`; a day as `until` is included."""

    since: str | None
    until: str | None
    zone: str
    bots: bool


async def link_statistics(uow: UnitOfWork, link_id: UUID, question: Question) -> Statistics:
    """Raises LinkNotFound, BadParameter."""
    link = await get_link(uow, link_id)
    return await _statistics(uow, [link.id], question)


async def statistics(uow: UnitOfWork, tag: str | None, host: str | None, question: Question) -> Statistics:
    """Over all links of the tenant, deleted ones included, or those with a tag or on a domain. Raises BadParameter."""
    uow.actor.require(permissions.READ_LINKS)
    links = await link_store.ids(uow, tag=tag, host=host) if tag or host is not None else None
    return await _statistics(uow, links, question)


async def _statistics(uow: UnitOfWork, links: Sequence[UUID] | None, question: Question) -> Statistics:
    zone = _zone(question.zone)
    since, until = _bounds(question, zone, uow.now)
    within = clicks.Range(uow.tenant_id, _ms(since), _ms(until), links)
    clickhouse, bots = uow.runtime.clickhouse, question.bots
    by_hour = until - since <= timedelta(days=MOST_DAYS_BY_HOUR)
    totals, days, hours, shares = await asyncio.gather(
        clicks.totals(clickhouse, within, bots=bots),
        clicks.per(clickhouse, within, "day", zone.key, bots=bots),
        clicks.per(clickhouse, within, "hour", zone.key, bots=bots) if by_hour else _nothing(),
        clicks.shares(clickhouse, within, bots=bots),
    )
    return Statistics(
        total_clicks=totals[0],
        unique_visitors=totals[1],
        bots=totals[2],
        per_day=_every_day(days, since, until, zone),
        per_hour=[
            HourCount(at=datetime.fromtimestamp(at, zone), clicks=n, visitors=visitors)
            for at, (n, visitors) in sorted(hours.items())
        ],
        **{name: [Share(value=value, clicks=n) for value, n in found] for name, found in shares.items()},
    )


async def _nothing() -> dict[int, tuple[int, int]]:
    return {}


def _every_day(found: dict[int, tuple[int, int]], since: datetime, until: datetime, zone: ZoneInfo) -> list[DayCount]:
    """Days without clicks included; a day is a date of the zone, however many hours it has."""
    by_date = {datetime.fromtimestamp(at, zone).date(): counted for at, counted in found.items()}
    first, last = since.astimezone(zone).date(), (until - timedelta(microseconds=1)).astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [
        DayCount(date=day.isoformat(), clicks=by_date.get(day, (0, 0))[0], visitors=by_date.get(day, (0, 0))[1])
        for day in days
    ]


def _bounds(question: Question, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """A range that is left open ends with the current millisecond and begins thirty days before its end."""
    until = _moment("to", question.until, zone, whole_day=True) if question.until else now + timedelta(milliseconds=1)
    since = (
        _moment("from", question.since, zone, whole_day=False)
        if question.since
        else datetime.combine((until - timedelta(days=DEFAULT_DAYS)).astimezone(zone).date(), time(), zone)
    )
    if since >= until:
        raise BadParameter("`from` must be before `to`.")
    if until - since > timedelta(days=LONGEST_DAYS):
        raise BadParameter(f"A range may span {LONGEST_DAYS} days at most; bring `from` and `to` closer together.")
    return since, until


def _moment(name: str, text: str, zone: ZoneInfo, *, whole_day: bool) -> datetime:
    try:
        if len(text) == len("2026-01-31"):
            day = date.fromisoformat(text) + timedelta(days=1 if whole_day else 0)
            return datetime.combine(day, time(), zone)
        parsed = datetime.fromisoformat(text.replace(" ", "+"))
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise BadParameter(f"`{name}` must be a date (2026-01-31) or a time (2026-01-31T12:00:00Z).") from None


def _zone(name: str) -> ZoneInfo:
    if name not in available_timezones():
        raise BadParameter("`tz` must be a name of the IANA time zone database, such as Europe/Berlin.")
    return ZoneInfo(name)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
