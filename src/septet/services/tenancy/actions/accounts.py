"""Sign up, log in, log out, and the list of one's sessions."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from septet.kernel.authentication import revoke_cached, session_cache_key
from septet.kernel.errors import Unauthenticated
from septet.kernel.identity import SESSION_PREFIX, Actor
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.errors import EmailTaken, InvalidCredentials, SessionNotFound
from septet.services.tenancy.models import Session, User
from septet.services.tenancy.passwords import hash_password, needs_rehash, verify_password
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import accounts as store

LONGEST_DEVICE = 300


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A user with a new session; `token` exists nowhere else."""

    user: User
    session: Session
    token: str


async def sign_up(uow: UnitOfWork, email: str, password: str, name: str, locale: str, device: str) -> LoggedIn:
    """Create an account and log in. Raises EmailTaken, WeakPassword."""
    if await store.user_with_email(uow, email) is not None:
        raise EmailTaken(f"{email} has an account; log in, or reset the password.")
    password_hash = await hash_password(password, uow.settings(TenancySettings))
    user = User(id=uow.new_id(), email=email, name=name, password_hash=password_hash, locale=locale, created_at=uow.now)
    if not await store.add_user(uow, user):
        raise EmailTaken(f"{email} has an account; log in, or reset the password.")
    return await _start_session(uow, user, device)


async def log_in(uow: UnitOfWork, email: str, password: str, device: str) -> LoggedIn:
    """Raises InvalidCredentials, in the same words and time whether the address or the password is wrong."""
    settings = uow.settings(TenancySettings)
    user = await store.user_with_email(uow, email)
    if not await verify_password(user.password_hash if user else None, password, settings) or user is None:
        raise InvalidCredentials("No account has this e-mail address and password.")
    if needs_rehash(user.password_hash, settings):
        await store.change_password_hash(uow, user.id, await hash_password(password, settings))
    return await _start_session(uow, user, device)


async def _start_session(uow: UnitOfWork, user: User, device: str) -> LoggedIn:
    token = SESSION_PREFIX + secrets.token_urlsafe(32)
    session = Session(
        id=uow.new_id(),
        user_id=user.id,
        token_digest=uow.runtime.authenticator.digest(token),
        device=device[:LONGEST_DEVICE],
        created_at=uow.now,
        last_used_at=uow.now,
        expires_at=uow.now + timedelta(hours=uow.settings(TenancySettings).session_absolute_hours),
    )
    await store.add_session(uow, session)
    await uow.become(Actor(kind="user", id=user.id, email=user.email, name=user.name, session_id=session.id))
    return LoggedIn(user, session, token)


async def log_out(uow: UnitOfWork) -> None:
    """End the session in use. Raises Unauthenticated for an API key, which has none."""
    if uow.actor.session_id is None:
        raise Unauthenticated("Only a session can be logged out.")
    await end_session(uow, uow.actor.session_id)


async def end_session(uow: UnitOfWork, session_id: UUID) -> None:
    """End one of the caller's sessions, at once and everywhere. Raises SessionNotFound."""
    digest = await store.remove_session(uow, require_user(uow), session_id)
    if digest is None:
        raise SessionNotFound("You have no such session; GET /auth/sessions lists yours.")
    revoke_cached(uow, session_cache_key(digest))


def require_user(uow: UnitOfWork) -> UUID:
    """The caller's user id. Raises Unauthenticated for API keys."""
    if uow.actor.user_id is None:
        raise Unauthenticated("This needs a session of a person; an API key will not do.")
    return uow.actor.user_id


async def forget_sessions_cache(uow: UnitOfWork, user_id: UUID) -> None:
    """Make every process look the user's sessions up again; for changes of what a session says."""
    revoke_cached(uow, *[session_cache_key(digest) for digest in await store.session_digests(uow, user_id)])
