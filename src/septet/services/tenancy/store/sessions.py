"""Sessions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, delete, select, update

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Session, User


async def add_session(uow: UnitOfWork, session: Session) -> None:
    uow.session.add(session)
    await uow.session.flush()


async def sessions_of(uow: UnitOfWork, user_id: UUID, now: datetime, not_used_before: datetime) -> Sequence[Session]:
    """Those that are still valid, the last used first."""
    statement = select(Session).where(
        Session.user_id == user_id, Session.expires_at > now, Session.last_used_at > not_used_before
    )
    return (await uow.session.scalars(statement.order_by(Session.last_used_at.desc(), Session.id.desc()))).all()


async def remove_session(uow: UnitOfWork, user_id: UUID, session_id: UUID) -> bytes | None:
    """The removed session's digest; None when the user has no such session."""
    statement = delete(Session).where(Session.id == session_id, Session.user_id == user_id)
    digest: bytes | None = await uow.session.scalar(statement.returning(Session.token_digest))
    return digest


async def remove_sessions(uow: UnitOfWork, user_id: UUID, keep: UUID | None) -> Sequence[bytes]:
    """The removed sessions' digests."""
    statement = delete(Session).where(Session.user_id == user_id)
    if keep is not None:
        statement = statement.where(Session.id != keep)
    return (await uow.session.scalars(statement.returning(Session.token_digest))).all()


async def use_session(
    uow: UnitOfWork, digest: bytes, now: datetime, not_used_before: datetime
) -> Row[Session, User] | None:
    """The session that is still valid, with its user; its last use is set to now."""
    statement = (
        update(Session)
        .where(Session.token_digest == digest, Session.expires_at > now, Session.last_used_at > not_used_before)
        .where(User.id == Session.user_id)
        .values(last_used_at=now)
        .returning(Session, User)
        .execution_options(synchronize_session=False)
    )
    return (await uow.session.execute(statement)).first()


async def session_digests(uow: UnitOfWork, user_id: UUID) -> Sequence[bytes]:
    return (await uow.session.scalars(select(Session.token_digest).where(Session.user_id == user_id))).all()


async def forget_ended(uow: UnitOfWork, now: datetime, not_used_before: datetime) -> None:
    await uow.execute(delete(Session).where((Session.expires_at <= now) | (Session.last_used_at <= not_used_before)))
