"""A new password: changed by its owner, or reset by a link that works once and for 30 minutes."""

import secrets
from datetime import timedelta

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import email_verification
from septet.services.tenancy.actions.account_log import note
from septet.services.tenancy.actions.accounts import own_user
from septet.services.tenancy.actions.sessions import end_all_sessions
from septet.services.tenancy.errors import TokenNotValid, WrongPassword
from septet.services.tenancy.events import PasswordChanged, PasswordResetAsked, PasswordResetRequested
from septet.services.tenancy.models import User
from septet.services.tenancy.passwords import hash_password, verify_password
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import mail_tokens
from septet.services.tenancy.store import people as store
from septet.services.tenancy.throttle import count_attempt

PURPOSE = "reset_password"


async def change_password(uow: UnitOfWork, current: str, new: str) -> None:
    """Set another password and end all other sessions. Raises WrongPassword, WeakPassword, TooManyAttempts."""
    user = await own_user(uow)
    attempt = await count_attempt(uow, "password", str(user.id))
    if not await verify_password(user.password_hash, current, uow.settings(TenancySettings)):
        raise WrongPassword("`currentPassword` is not your password. POST /auth/password/forgot helps without it.")
    await attempt.succeeded()
    await _set(uow, user, new)
    await end_all_sessions(uow, user.id, keep=uow.actor.session_id)


async def forgot_password(uow: UnitOfWork, email: str) -> None:
    """Have a link mailed if the address has an account. What happens next happens later: the time taken tells nothing.

    Raises TooManyAttempts.
    """
    await count_attempt(uow, "forgot", email)
    uow.emit(PasswordResetAsked(None, email))


async def issue_reset(uow: UnitOfWork, email: str) -> None:
    """Make the token and have it mailed; nothing for an unknown address."""
    user = await store.user_with_email(uow, email)
    if user is None:
        return
    token = secrets.token_urlsafe(32)
    lifetime = timedelta(minutes=uow.settings(TenancySettings).password_reset_minutes)
    await mail_tokens.replace(uow, user.id, PURPOSE, uow.runtime.authenticator.digest(token), uow.now + lifetime)
    uow.emit(PasswordResetRequested(None, user.id, user.email, user.name, user.locale, token))


async def reset_password(uow: UnitOfWork, token: str, password: str) -> None:
    """Set the password, end every session. The link also proves the address. Raises TokenNotValid, WeakPassword."""
    taken = await mail_tokens.take(uow, PURPOSE, uow.runtime.authenticator.digest(token), uow.now)
    user = await store.user(uow, taken.user_id) if taken else None
    if user is None:
        raise TokenNotValid("Ask for a new link: POST /auth/password/forgot.")
    await _set(uow, user, password)
    await end_all_sessions(uow, user.id)
    await email_verification.confirm(uow, user)


async def _set(uow: UnitOfWork, user: User, password: str) -> None:
    user.password_hash = await hash_password(password, uow.settings(TenancySettings), user.email, user.name)
    await mail_tokens.remove(uow, user.id, PURPOSE)
    note(uow, user.id, "password.changed")
    uow.emit(PasswordChanged(None, user.id, user.email, user.name, user.locale))
