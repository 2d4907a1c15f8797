"""Verification of an address and reset of a password are mails of the notifications service."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions.notifying import notify
from septet.services.tenancy.events import EmailVerificationRequested, PasswordResetRequested


@on(EmailVerificationRequested)
async def send_verification(uow: UnitOfWork, event: EmailVerificationRequested) -> None:
    """The link proves that the mail was read."""
    await _send(uow, "tenancy.verification", "verify", event)


@on(PasswordResetRequested)
async def send_password_reset(uow: UnitOfWork, event: PasswordResetRequested) -> None:
    """The link sets a new password, once."""
    await _send(uow, "tenancy.password_reset", "reset", event)


async def _send(
    uow: UnitOfWork, template: str, page: str, event: EmailVerificationRequested | PasswordResetRequested
) -> None:
    await notify(
        uow,
        template=template,
        email=event.email,
        channels=["email"],
        locale=event.locale,
        data={
            "userName": event.name,
            "token": event.token,
            "link": f"{uow.public_url}/console/{page}?token={event.token}",
        },
        key=f"{template}:{event.user_id}:{event.token[-12:]}",
    )
