"""Tenancy's reactions to its own events, and its schedules."""

from datetime import timedelta

from septet.kernel.events import on
from septet.kernel.jobs import schedule
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import housekeeping
from septet.services.tenancy.actions.password_changes import issue_reset
from septet.services.tenancy.events import PasswordResetAsked

ACCOUNT_EVENTS_KEPT = timedelta(days=365)


@on(PasswordResetAsked)
async def make_reset_token(uow: UnitOfWork, event: PasswordResetAsked) -> None:
    """Apart from the request, so that its time does not tell whether the address has an account."""
    await issue_reset(uow, event.email)


@schedule("23 3 * * *")
async def forget_what_is_over(uow: UnitOfWork) -> None:
    """Nightly: ended sessions, unused tokens, old account events."""
    await housekeeping.forget_what_is_over(uow, ACCOUNT_EVENTS_KEPT)
