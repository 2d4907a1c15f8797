"""Who counts what an organization uses: each service counts its own, and the integrations hand the counts in here."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from septet.kernel.uow import UnitOfWork

METRICS: Mapping[str, str | None] = {
    "seats": None,
    "links": "links",
    "messages": "usage.messagesPerDay",
    "notifications": "usage.notificationsPerDay",
    "logBytes": "usage.logBytesPerDay",
    "checks": "usage.checksPerDay",
}
"""By metric, the quota of the plan that it counts against; seats have their own."""


class Meter(Protocol):
    """Counts for the unit of work's tenant."""

    async def measure(self, uow: UnitOfWork, day: date) -> Mapping[str, int]:
        """What was used on this day (UTC) by now; for what is kept rather than spent, how much there is."""


class NothingIsMeasured:
    """The meter of an installation without other services."""

    async def measure(self, uow: UnitOfWork, day: date) -> Mapping[str, int]:
        return {}


_meter: Meter = NothingIsMeasured()


def provide(meter: Meter) -> None:
    """Called once, by the integrations."""
    global _meter
    _meter = meter


def meter() -> Meter:
    return _meter
