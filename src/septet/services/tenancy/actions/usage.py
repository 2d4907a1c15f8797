"""What an organization uses, measured every hour and whenever it is asked for, beside what its plan allows.

A quota of 80 or 100 percent used is told (`QuotaReached`). Where the plan is hard (`usage.hard`), a spent quota of the
day also refuses: see `kernel.allowance`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from septet.kernel import allowance
from septet.kernel.errors import BadParameter
from septet.kernel.identity import system_actor
from septet.kernel.jobs import job
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy import permissions
from septet.services.tenancy.events import QuotaReached
from septet.services.tenancy.metering import METRICS, meter
from septet.services.tenancy.models import Usage
from septet.services.tenancy.store import organizations
from septet.services.tenancy.store import usage as store

EVERY = timedelta(hours=1)
MOST_DAYS = 366
TOLD_AT = (100, 80)  # percent of a quota


@dataclass(frozen=True, slots=True)
class Quota:
    """What the plan allows of a metric."""

    metric: str
    used: int
    limit: int
    hard: bool


@dataclass(frozen=True, slots=True)
class Again:
    """Measure once more."""

    round: int


async def read(uow: UnitOfWork, first: date | None, last: date | None) -> tuple[Sequence[Usage], list[Quota]]:
    """The days asked for (the last 30 where none are), today's measured now; and the quotas of today.

    Raises BadParameter, Forbidden.
    """
    uow.actor.require(permissions.READ_BILLING)
    today = uow.now.date()
    last = min(last or today, today)
    first = first or last - timedelta(days=29)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise BadParameter(f"`from` must not be after `to`, and at most {MOST_DAYS} days before it.")
    async with UnitOfWork(uow.runtime, system_actor(uow.tenant_id)) as own:
        quotas = await measure(own)
        await own.commit()
    return await store.between(uow, first, last), quotas


@job()
async def measure_again(uow: UnitOfWork, again: Again) -> None:
    """Every hour, for as long as the organization exists."""
    if not await organizations.keep_from_purge(uow):
        return
    await measure(uow)
    keep_measuring(uow, again.round + 1)


def keep_measuring(uow: UnitOfWork, number: int = 0) -> None:
    """One chain of jobs for each organization."""
    uow.enqueue(measure_again, Again(number), at=uow.now + EVERY, dedupe_key=f"usage:{uow.tenant_id}:{number}")


async def measure(uow: UnitOfWork) -> list[Quota]:
    """Note today's usage, tell of quotas that are reached, and refuse more where the plan says so."""
    today = uow.now.date()
    used = {"seats": await organizations.count_members(uow), **await meter().measure(uow, today)}
    rows = await store.save(uow, today, used)
    hard = bool(await uow.runtime.entitlements.value(uow, "usage.hard"))
    quotas = [await _quota(uow, row, hard) for row in rows if METRICS.get(row.metric)]
    for row, quota in zip([row for row in rows if METRICS.get(row.metric)], quotas, strict=True):
        _tell(uow, row, quota)
    spent = [quota.metric for quota in quotas if quota.hard and quota.used >= quota.limit and quota.metric != "links"]
    await allowance.note_spent(uow, spent)
    return quotas


async def _quota(uow: UnitOfWork, row: Usage, hard: bool) -> Quota:
    key = METRICS[row.metric]
    assert key is not None
    limit = int(await uow.runtime.entitlements.value(uow, key))
    return Quota(row.metric, row.used, limit, hard or row.metric == "links")


def _tell(uow: UnitOfWork, row: Usage, quota: Quota) -> None:
    reached = next((percent for percent in TOLD_AT if row.used * 100 >= quota.limit * percent), 0)
    if reached > row.told_percent:
        row.told_percent = reached
        uow.emit(QuotaReached(uow.tenant_id, row.day, quota.metric, quota.used, quota.limit, reached, quota.hard))
