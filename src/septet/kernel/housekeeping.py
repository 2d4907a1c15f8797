"""What the kernel cleans up by itself: expired idempotency keys and the job queue's history."""

from datetime import timedelta

from sqlalchemy import text

from septet.kernel.jobs import schedule
from septet.kernel.uow import UnitOfWork

HOUSEKEEPING = "kernel"
HISTORY_KEPT = timedelta(days=7)


@schedule("17 * * * *")
async def forget_expired(uow: UnitOfWork) -> None:
    """Hourly."""
    await uow.execute(text("DELETE FROM kernel.idempotency_keys WHERE expires_at <= :now"), {"now": uow.now})
    history_from = uow.clock.real(uow.now) - HISTORY_KEPT
    await uow.execute(text("DELETE FROM kernel.pgqueuer_log WHERE created < :from"), {"from": history_from})
