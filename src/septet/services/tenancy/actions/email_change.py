"""Another e-mail address: it becomes the account's once a token mailed to it comes back. The old address is told."""

import secrets
from datetime import timedelta

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import email_verification, password_changes
from septet.services.tenancy.actions.account_log import note
from septet.services.tenancy.actions.accounts import own_user
from septet.services.tenancy.actions.sessions import forget_sessions_cache
from septet.services.tenancy.errors import EmailTaken, TokenNotValid, WrongPassword
from septet.services.tenancy.events import EmailChanged, EmailChangeRequested
from septet.services.tenancy.passwords import verify_password
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import mail_tokens
from septet.services.tenancy.store import people as store
from septet.services.tenancy.throttle import count_attempt

PURPOSE = "change_email"


async def request(uow: UnitOfWork, email: str, password: str | None) -> None:
    """Have a token mailed to the new address; nothing changes before it comes back.

    Whether the address has an account is not told here, only to who reads its mail. Raises WrongPassword,
    TooManyAttempts.
    """
    user = await own_user(uow)
    settings = uow.settings(TenancySettings)
    attempt = await count_attempt(uow, "password", str(user.id))
    if user.password_hash and not await verify_password(user.password_hash, password or "", settings):
        raise WrongPassword("`password` is not your password.")
    await attempt.succeeded()
    token = secrets.token_urlsafe(32)
    lifetime = timedelta(hours=settings.email_verification_hours)
    digest = uow.runtime.authenticator.digest(token)
    await mail_tokens.replace(uow, user.id, PURPOSE, digest, uow.now + lifetime, email)
    uow.emit(EmailChangeRequested(None, user.id, email, user.name, user.locale, token))


async def confirm(uow: UnitOfWork, token: str) -> None:
    """The new address is in force, and proven. Raises TokenNotValid, EmailTaken."""
    taken = await mail_tokens.take(uow, PURPOSE, uow.runtime.authenticator.digest(token), uow.now)
    user = await store.user(uow, taken.user_id) if taken else None
    if taken is None or user is None:
        raise TokenNotValid("Ask for a new mail: POST /auth/email/change.")
    old_email = user.email
    if not await store.change_email(uow, user.id, taken.email):
        raise EmailTaken(f"{taken.email} has an account of its own by now.")
    # What was mailed to the old address proves nothing about the new one.
    await mail_tokens.remove(uow, user.id, password_changes.PURPOSE)
    await mail_tokens.remove(uow, user.id, email_verification.PURPOSE)
    await uow.session.refresh(user)
    user.email_verified_at = None
    await email_verification.confirm(uow, user)
    await forget_sessions_cache(uow, user.id)
    note(uow, user.id, "email.changed", before=old_email, after=user.email)
    uow.emit(EmailChanged(None, user.id, user.email, old_email, user.name, user.locale))
