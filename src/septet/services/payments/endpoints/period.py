"""A range of time in a query: days or moments, `from` today on unless it is said."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated

from fastapi import Depends, Query

from septet.kernel.http import TenantUow
from septet.kernel.wire import Day, Moment

When = Moment | Day


def _period(
    uow: TenantUow,
    since: Annotated[When | None, Query(alias="from", description="A day or a moment; today when left away.")] = None,
    until: Annotated[
        When | None, Query(alias="to", description="A day, inclusive, or a moment; now when left away.")
    ] = None,
) -> tuple[datetime, datetime]:
    return _start(since or uow.now.date()), _end(until) if until else uow.now + timedelta(seconds=1)


Period = Annotated[tuple[datetime, datetime], Depends(_period)]


def _start(moment: When) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), UTC)


def _end(moment: When) -> datetime:
    return _start(moment) if isinstance(moment, datetime) else _start(moment) + timedelta(days=1)
