"""Verification of an address, reset of a password and change of the address are mails of the notifications service."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions.notifying import notify
from septet.services.tenancy.events import EmailChangeRequested, EmailVerificationRequested, PasswordResetRequested

TokenEvent = EmailVerificationRequested | PasswordResetRequested | EmailChangeRequested


@on(EmailVerificationRequested)
async def send_verification(uow: UnitOfWork, event: EmailVerificationRequested) -> None:
    """The link proves that the mail was read."""
    await _send(uow, "tenancy.verification", "verify", event)


@on(PasswordResetRequested)
async def send_password_reset(uow: UnitOfWork, event: PasswordResetRequested) -> None:
    """The link sets a new password, once."""
    await _send(uow, "tenancy.password_reset", "reset", event)


@on(EmailChangeRequested)
async def send_email_change(uow: UnitOfWork, event: EmailChangeRequested) -> None:
    """The link, sent to the new address, makes it the account's."""
    await _send(uow, "tenancy.email_change", "change-email", event)


async def _send(uow: UnitOfWork, template: str, page: str, event: TokenEvent) -> None:
    link = f"{uow.public_url}/console/{page}?token={event.token}"
    data = {"userName": event.name, "token": event.token, "link": link}
    key = f"{template}:{event.user_id}:{event.token[-12:]}"
    await notify(uow, template=template, email=event.email, channels=["email"], locale=event.locale, data=data, key=key)
