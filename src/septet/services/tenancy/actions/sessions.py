"""Sessions: begun at each log-in, ended one by one or all at once, at once and everywhere."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from septet.kernel.authentication import revoke_cached, session_cache_key
from septet.kernel.errors import Unauthenticated
from septet.kernel.identity import SESSION_PREFIX, Actor
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions.account_log import note
from septet.services.tenancy.errors import SessionNotFound
from septet.services.tenancy.events import NewDeviceLoggedIn
from septet.services.tenancy.models import Session, User
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import people
from septet.services.tenancy.store import sessions as store

DEVICES_REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A user with a new session; `token` exists nowhere else."""

    user: User
    session: Session
    token: str


async def start_session(uow: UnitOfWork, user: User, method: str) -> LoggedIn:
    """Log somebody in who has proven who they are; the caller acts as them from here on."""
    token = SESSION_PREFIX + secrets.token_urlsafe(32)
    session = Session(
        id=uow.new_id(),
        user_id=user.id,
        token_digest=uow.runtime.authenticator.digest(token),
        device=uow.device,
        address=uow.address,
        created_at=uow.now,
        last_used_at=uow.now,
        expires_at=uow.now + timedelta(hours=uow.settings(TenancySettings).session_absolute_hours),
    )
    await store.add_session(uow, session)
    await _tell_of_new_device(uow, user)
    note(uow, user.id, "session.started", method=method)
    await uow.become(
        Actor(kind="user", id=user.id, email=user.email, name=user.name, locale=user.locale, session_id=session.id)
    )
    return LoggedIn(user, session, token)


async def _tell_of_new_device(uow: UnitOfWork, user: User) -> None:
    """Compared without version numbers: an update of the browser is no new device. The first log-in is no news."""
    known = {_without_versions(device) for device in await people.devices_of(uow, user.id, DEVICES_REMEMBERED)}
    if known and _without_versions(uow.device) not in known:
        at = (uow.device, uow.address, uow.now)
        uow.emit(NewDeviceLoggedIn(None, user.id, user.email, user.name, user.locale, *at))


def _without_versions(device: str) -> str:
    return re.sub(r"[\d.]+", "", device)


async def log_out(uow: UnitOfWork) -> None:
    """End the session in use. Raises Unauthenticated for an API key, which has none."""
    if uow.actor.session_id is None:
        raise Unauthenticated("Only a session can be logged out.")
    await end_session(uow, uow.actor.session_id)


async def end_session(uow: UnitOfWork, session_id: UUID) -> None:
    """End one of the caller's sessions. Raises SessionNotFound."""
    user_id = require_user(uow)
    digest = await store.remove_session(uow, user_id, session_id)
    if digest is None:
        raise SessionNotFound("You have no such session; GET /auth/sessions lists yours.")
    revoke_cached(uow, session_cache_key(digest))
    note(uow, user_id, "session.ended", sessionId=str(session_id))


async def end_all_sessions(uow: UnitOfWork, user_id: UUID, *, keep: UUID | None = None) -> None:
    """End all of the user's sessions but `keep`."""
    digests = await store.remove_sessions(uow, user_id, keep)
    revoke_cached(uow, *[session_cache_key(digest) for digest in digests])
    note(uow, user_id, "session.all_ended", count=len(digests))


async def own_sessions(uow: UnitOfWork) -> Sequence[Session]:
    """The caller's valid sessions."""
    idle = timedelta(hours=uow.settings(TenancySettings).session_idle_hours)
    return await store.sessions_of(uow, require_user(uow), uow.now, uow.now - idle)


def require_user(uow: UnitOfWork) -> UUID:
    """The caller's user id. Raises Unauthenticated for API keys."""
    if uow.actor.user_id is None:
        raise Unauthenticated("This needs a session of a person; an API key will not do.")
    return uow.actor.user_id


async def forget_sessions_cache(uow: UnitOfWork, user_id: UUID) -> None:
    """Make every process look the user's sessions up again; for changes of what a session says."""
    revoke_cached(uow, *[session_cache_key(digest) for digest in await store.session_digests(uow, user_id)])
