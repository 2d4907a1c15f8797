"""What is removed because its time is over."""

from datetime import timedelta

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import mail_tokens, people, sessions


async def forget_what_is_over(uow: UnitOfWork, account_events_kept: timedelta) -> None:
    """Ended sessions, expired tokens, old account events."""
    idle = timedelta(hours=uow.settings(TenancySettings).session_idle_hours)
    await sessions.forget_ended(uow, uow.now, uow.now - idle)
    await mail_tokens.forget_expired(uow, uow.now)
    await people.forget_account_events(uow, uow.now - account_events_kept)
