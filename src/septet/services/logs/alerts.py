"""Alerts: each looks once a minute whether more lines than its threshold match within its window."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from septet.kernel.jobs import job
from septet.kernel.uow import UnitOfWork
from septet.services.logs import store
from septet.services.logs.events import LogAlertFired
from septet.services.logs.models import Alert
from septet.services.logs.schemas import SearchQuery
from septet.services.logs.search.export import matching
from septet.services.logs.search.filters import Filter

EVERY = timedelta(minutes=1)
SETTLING = timedelta(seconds=5)
"""Lines need a moment from acceptance to ClickHouse; the window that is looked at ends that much earlier."""


@dataclass(frozen=True, slots=True)
class Look:
    alert_id: UUID


def watch(uow: UnitOfWork, alert: Alert) -> None:
    """Look at it a first time, and from then on once a minute."""
    uow.enqueue(look, Look(alert.id), at=uow.now + EVERY)


@job()
async def look(uow: UnitOfWork, wanted: Look) -> None:
    """Count, tell when it begins to fire, and look again in a minute; a deleted alert is looked at no more."""
    alert = await store.one_named(uow, Alert, wanted.alert_id)
    if alert is None:
        return
    end = uow.now - SETTLING
    window = timedelta(seconds=alert.window_seconds)
    query = SearchQuery.model_validate(alert.query)
    alert.last_count = await matching(uow.runtime, uow.tenant_id, filter_of(query, end - window, end))
    _judge(uow, alert)
    uow.enqueue(look, wanted, at=uow.now + EVERY)


def _judge(uow: UnitOfWork, alert: Alert) -> None:
    if alert.last_count <= alert.threshold:
        alert.state = "calm"
    elif alert.state == "calm":
        alert.state, alert.fired_at = "firing", uow.now
        uow.emit(
            LogAlertFired(
                uow.tenant_id, alert.id, alert.name, alert.last_count, alert.threshold, alert.window_seconds, uow.now
            )
        )


def filter_of(query: SearchQuery, start: datetime, end: datetime) -> Filter:
    """A saved query over a span of time."""
    return Filter(query.service, query.level, query.min_level, start, end, query.q, query.attributes)
