"""Sign up, log in, and one's own profile."""

from dataclasses import replace

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import email_verification, second_factor
from septet.services.tenancy.actions.sessions import LoggedIn, forget_sessions_cache, require_user, start_session
from septet.services.tenancy.errors import EmailTaken, InvalidCredentials
from septet.services.tenancy.events import UserSignedUp
from septet.services.tenancy.models import User
from septet.services.tenancy.passwords import hash_password, needs_rehash, verify_password
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import people as store
from septet.services.tenancy.throttle import count_attempt


async def sign_up(uow: UnitOfWork, email: str, password: str, name: str, locale: str) -> LoggedIn:
    """Create an account, ask for its address to be verified, and log in. Raises EmailTaken, WeakPassword."""
    if await store.user_with_email(uow, email) is not None:
        raise EmailTaken(f"{email} has an account; log in, or reset the password.")
    password_hash = await hash_password(password, uow.settings(TenancySettings), email, name)
    user = await create_user(uow, email, name, locale, password_hash)
    await email_verification.request(uow, user)
    return await start_session(uow, user, "password")


async def create_user(uow: UnitOfWork, email: str, name: str, locale: str, password_hash: str | None) -> User:
    """Raises EmailTaken."""
    user = User(
        id=uow.new_id(),
        email=email,
        name=name,
        password_hash=password_hash,
        locale=locale,
        created_at=uow.now,
        totp_last_step=0,
    )
    if not await store.add_user(uow, user):
        raise EmailTaken(f"{email} has an account; log in, or reset the password.")
    uow.emit(UserSignedUp(None, user.id, email, name, locale))
    stored = await store.user(uow, user.id)
    assert stored is not None
    return stored


async def log_in(uow: UnitOfWork, email: str, password: str, totp_code: str | None) -> LoggedIn:
    """Raises InvalidCredentials, in the same words and time whether the address or the password is wrong.

    Also TooManyAttempts, and TotpRequired or InvalidTotpCode once the password is right.
    """
    settings = uow.settings(TenancySettings)
    attempt = await count_attempt(uow, "login", email)
    user = await store.user_with_email(uow, email)
    if not await verify_password(user.password_hash if user else None, password, settings) or user is None:
        raise InvalidCredentials("No account has this e-mail address and password.")
    await second_factor.require(uow, user, totp_code)
    await attempt.succeeded()
    if user.password_hash and needs_rehash(user.password_hash, settings):
        await store.change_password_hash(uow, user.id, await hash_password(password, settings))
    return await start_session(uow, user, "password")


async def change_profile(uow: UnitOfWork, name: str | None, locale: str | None) -> User:
    """Change the caller's name or language."""
    user = await own_user(uow)
    user.name, user.locale = name or user.name, locale or user.locale
    await forget_sessions_cache(uow, user.id)
    uow.actor = replace(uow.actor, name=user.name, locale=user.locale)
    return user


async def own_user(uow: UnitOfWork) -> User:
    """The caller's row. Raises Unauthenticated."""
    user = await store.user(uow, require_user(uow))
    assert user is not None, "a session's user exists: deleting the user deletes the session"
    return user
