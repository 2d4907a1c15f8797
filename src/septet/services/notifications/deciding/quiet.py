"""Quiet hours: when a recipient's night ends, by their own clock, summer time included."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def zone(name: str | None) -> ZoneInfo:
    """The time zone of that IANA name; UTC for none or an unknown one."""
    try:
        return ZoneInfo(name or "UTC")
    except (ValueError, OSError):
        return ZoneInfo("UTC")


def quiet_until(now: datetime, start: time, end: time, tz: ZoneInfo) -> datetime | None:
    """When quiet hours that hold at `now` end, in UTC; None when they do not hold. `start` may be after `end`.

    An end that the change to summer time skips is reached when the clock has jumped over it.
    """
    local = now.astimezone(tz)
    clock = local.time()
    if start == end:
        return None
    quiet = start <= clock < end if start < end else clock >= start or clock < end
    if not quiet:
        return None
    day = local.date() if clock < end else local.date() + timedelta(days=1)
    ends = datetime.combine(day, end, tz).astimezone(UTC)
    # In the hour that the change to winter time repeats, the first occurrence may already be over.
    return ends if ends > now else datetime.combine(day, end.replace(fold=1), tz).astimezone(UTC)
