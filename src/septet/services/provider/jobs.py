"""What the provider cleans up by itself."""

from septet.kernel.jobs import schedule
from septet.kernel.uow import UnitOfWork
from septet.services.provider import store


@schedule("41 * * * *")
async def forget_expired_keys(uow: UnitOfWork) -> None:
    """Idempotency keys are kept for a day."""
    await store.forget_expired_keys(uow, int(uow.clock.unix()))
