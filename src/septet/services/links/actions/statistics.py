"""Clicks counted: over days and hours, by where visitors came from and what they use."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from septet.kernel.clickhouse import QueryOverBudget
from septet.kernel.errors import BadParameter, EngineUnavailable
from septet.kernel.uow import UnitOfWork
from septet.kernel.wire import in_reach
from septet.services.links import permissions
from septet.services.links.actions.links import get_link
from septet.services.links.schemas import DayCount, HourCount, Share, Statistics
from septet.services.links.store import clicks, counts
from septet.services.links.store import links as link_store

DEFAULT_DAYS = 30
LONGEST_DAYS = 3660
MOST_DAYS_BY_HOUR = 31
PATIENCE_SECONDS = 3.0
NOTHING = counts.Count(0, 0, 0)


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


async def clicks_of_each(uow: UnitOfWork, links: Sequence[UUID]) -> dict[UUID, int]:
    """`total_clicks` of each of these links, by the defaults of its statistics; nothing while they cannot be counted:
    a list of links is worth having without.
    """
    zone = ZoneInfo("UTC")
    since, until = _bounds(Question(None, None, zone.key, bots=False), zone, uow.now)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            within = clicks.Range(uow.tenant_id, _ms(since), _ms(until), links)
            return dict.fromkeys(links, 0) | await counts.of_each(uow.runtime.clickhouse, within)
    except (EngineUnavailable, QueryOverBudget, TimeoutError):
        return {}


async def _statistics(uow: UnitOfWork, links: Sequence[UUID] | None, question: Question) -> Statistics:
    zone = _zone(question.zone)
    since, until = _bounds(question, zone, uow.now)
    days = _days(since, until, zone)
    by_hour = until - since <= timedelta(days=MOST_DAYS_BY_HOUR)
    within = clicks.Range(uow.tenant_id, _ms(since), _ms(until), links)
    torn = await _torn(uow, within, days, zone, by_hour=by_hour)
    clickhouse, bots = uow.runtime.clickhouse, question.bots
    counted, shares = await asyncio.gather(
        counts.counted(clickhouse, within, torn, zone.key, programs=bots, by_hour=by_hour),
        counts.shares(clickhouse, within, torn, programs=bots),
    )
    by_date = {datetime.fromtimestamp(at, zone).date(): count for at, count in counted.days.items()}
    hours = sorted(counted.hours.items())
    return Statistics(
        total_clicks=_clicks(counted.total, bots=bots),
        unique_visitors=counted.total.visitors,
        bots=counted.total.programs,
        per_day=[_day_count(day, by_date.get(day, NOTHING), bots=bots) for day in days],
        per_hour=[
            HourCount(at=datetime.fromtimestamp(at, zone), clicks=clicked, visitors=count.visitors)
            for at, count in hours
            if (clicked := _clicks(count, bots=bots))
        ],
        **{name: [Share(value=value, clicks=n) for value, n in found] for name, found in shares.items()},
    )


def _days(since: datetime, until: datetime, zone: ZoneInfo) -> list[date]:
    """The dates of the zone within the range."""
    first, last = since.astimezone(zone).date(), (until - timedelta(microseconds=1)).astimezone(zone).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


async def _torn(
    uow: UnitOfWork, within: clicks.Range, days: Sequence[date], zone: ZoneInfo, *, by_hour: bool
) -> counts.Torn:
    """In zones that are not whole hours from UTC, midnights cut through hours."""
    midnights = [_ms(datetime.combine(day, time(), zone)) // 1000 for day in days]
    cut = {midnight // counts.HOUR * counts.HOUR for midnight in midnights if midnight % counts.HOUR}
    if cut and by_hour:
        return None
    torn = await counts.torn_hours(uow.runtime.clickhouse, within)
    return None if torn is None else cut.union(torn)


def _day_count(day: date, count: counts.Count, *, bots: bool) -> DayCount:
    return DayCount(date=day.isoformat(), clicks=_clicks(count, bots=bots), visitors=count.visitors)


def _clicks(count: counts.Count, *, bots: bool) -> int:
    return count.people + count.programs if bots else count.people


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
            return in_reach(datetime.combine(day, time(), zone)).astimezone(zone)
        parsed = datetime.fromisoformat(text.replace(" ", "+"))
        return in_reach(parsed if parsed.tzinfo else parsed.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        raise BadParameter(
            f"`{name}` must be a date (2026-01-31) or a time (2026-01-31T12:00:00Z) from 1900 to 2261."
        ) from None


def _zone(name: str) -> ZoneInfo:
    if name not in available_timezones():
        raise BadParameter("`tz` must be a name of the IANA time zone database, such as Europe/Berlin.")
    return ZoneInfo(name)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
