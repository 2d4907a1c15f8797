"""What payments does unasked: finish what was left undone, reconcile every day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from septet.kernel.jobs import job, schedule
from septet.kernel.uow import UnitOfWork
from septet.services.payments import store
from septet.services.payments.actions.operations import Unfinished, resume
from septet.services.payments.actions.reconciliation import reconcile_day
from septet.services.payments.settings import PaymentsSettings

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Day:
    """A UTC day to reconcile, by its first moment."""

    start: datetime


@schedule("* * * * * */5")
async def recover(uow: UnitOfWork) -> None:
    """Every five seconds: take up operations that nobody finished, because their process was killed."""
    since = timedelta(seconds=uow.settings(PaymentsSettings).recovery_seconds)
    for point in await store.abandoned(uow, uow.now - since, MOST_AT_ONCE):
        await uow.enter_tenant(point.merchant_id)
        uow.enqueue(
            resume, Unfinished(point.payment_id, point.operation_id), dedupe_key=f"payments:resume:{point.operation_id}"
        )


@schedule("20 0 * * *")
async def reconcile_all(uow: UnitOfWork) -> None:
    """Daily, for the day that has just ended."""
    start = uow.now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for merchant_id in await store.merchants(uow):
        await uow.enter_tenant(merchant_id)
        uow.enqueue(reconcile_merchant, Day(start), dedupe_key=f"payments:reconcile:{merchant_id}:{start.date()}")


@job()
async def reconcile_merchant(uow: UnitOfWork, day: Day) -> None:
    """One tenant's day."""
    await reconcile_day(uow, day.start)
