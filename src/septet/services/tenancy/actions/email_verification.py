"""Proof that somebody reads the mail of their address: a token sent there comes back once."""

import secrets
from datetime import timedelta

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import domain_membership
from septet.services.tenancy.actions.account_log import note
from septet.services.tenancy.errors import TokenNotValid
from septet.services.tenancy.events import EmailVerificationRequested
from septet.services.tenancy.models import User
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import mail_tokens
from septet.services.tenancy.store import people as store
from septet.services.tenancy.throttle import count_attempt

PURPOSE = "verify_email"


async def request(uow: UnitOfWork, user: User) -> None:
    """Have a fresh token mailed; older ones stop working. Does nothing once the address is verified."""
    if user.email_verified_at is not None:
        return
    token = secrets.token_urlsafe(32)
    lifetime = timedelta(hours=uow.settings(TenancySettings).email_verification_hours)
    await mail_tokens.replace(uow, user.id, PURPOSE, uow.runtime.authenticator.digest(token), uow.now + lifetime)
    uow.emit(EmailVerificationRequested(None, user.id, user.email, user.name, user.locale, token))


async def request_again(uow: UnitOfWork, user: User) -> None:
    """Raises TooManyAttempts."""
    await count_attempt(uow, "verification", str(user.id))
    await request(uow, user)


async def verify(uow: UnitOfWork, token: str) -> User:
    """Raises TokenNotValid."""
    taken = await mail_tokens.take(uow, PURPOSE, uow.runtime.authenticator.digest(token), uow.now)
    user = await store.user(uow, taken.user_id) if taken else None
    if user is None:
        raise TokenNotValid("Ask for a new mail: POST /auth/email/resend-verification.")
    await confirm(uow, user)
    return user


async def confirm(uow: UnitOfWork, user: User) -> None:
    """The address is proven; whoever joins by their domain joins now."""
    if user.email_verified_at is None:
        user.email_verified_at = uow.now
        note(uow, user.id, "email.verified")
        await uow.session.flush()
        await domain_membership.join_by_domain(uow, user)
