"""Users and their sessions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Membership, Organization, Session, User


async def user_with_email(uow: UnitOfWork, email: str) -> User | None:
    found: User | None = await uow.session.scalar(select(User).where(User.email == email))
    return found


async def user(uow: UnitOfWork, user_id: UUID) -> User | None:
    return await uow.session.get(User, user_id)


async def add_user(uow: UnitOfWork, new: User) -> bool:
    """Whether it was added; False when the address has an account, however close the race."""
    values = {column.key: getattr(new, column.key) for column in User.__table__.columns}
    statement = insert(User).values(values).on_conflict_do_nothing(index_elements=[User.email]).returning(User.id)
    return (await uow.session.execute(statement)).first() is not None


async def change_password_hash(uow: UnitOfWork, user_id: UUID, password_hash: str) -> None:
    await uow.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))


async def add_session(uow: UnitOfWork, session: Session) -> None:
    uow.session.add(session)
    await uow.session.flush()


async def sessions_of(uow: UnitOfWork, user_id: UUID, now: datetime) -> Sequence[Session]:
    statement = select(Session).where(Session.user_id == user_id, Session.expires_at > now)
    return (await uow.session.scalars(statement.order_by(Session.last_used_at.desc(), Session.id.desc()))).all()


async def remove_session(uow: UnitOfWork, user_id: UUID, session_id: UUID) -> bytes | None:
    """The removed session's digest; None when the user has no such session."""
    statement = delete(Session).where(Session.id == session_id, Session.user_id == user_id)
    digest: bytes | None = await uow.session.scalar(statement.returning(Session.token_digest))
    return digest


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


async def memberships_of(uow: UnitOfWork, user_id: UUID) -> Sequence[Row[Membership, Organization]]:
    statement = (
        select(Membership, Organization)
        .join(Organization, Organization.id == Membership.tenant_id)
        .where(Membership.user_id == user_id)
        .order_by(Membership.joined_at, Membership.tenant_id)
    )
    return (await uow.session.execute(statement)).all()


async def only_organization(uow: UnitOfWork, user_id: UUID) -> UUID | None:
    """The user's organization when they have exactly one."""
    statement = select(Membership.tenant_id).where(Membership.user_id == user_id).limit(2)
    found = (await uow.session.scalars(statement)).all()
    return found[0] if len(found) == 1 else None


async def count_memberships(uow: UnitOfWork, user_id: UUID) -> int:
    return await uow.session.scalar(select(func.count()).where(Membership.user_id == user_id)) or 0


async def session_digests(uow: UnitOfWork, user_id: UUID) -> Sequence[bytes]:
    return (await uow.session.scalars(select(Session.token_digest).where(Session.user_id == user_id))).all()
