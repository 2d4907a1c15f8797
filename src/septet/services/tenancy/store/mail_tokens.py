"""Tokens that were mailed; each is there once, and one per purpose and user."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, delete

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import MailToken


async def replace(
    uow: UnitOfWork, user_id: UUID, purpose: str, digest: bytes, expires_at: datetime, email: str | None = None
) -> None:
    """`email`: the address that the token proves, where it is not the account's."""
    await remove(uow, user_id, purpose)
    uow.session.add(MailToken(digest=digest, user_id=user_id, purpose=purpose, expires_at=expires_at, email=email))
    await uow.session.flush()


async def take(uow: UnitOfWork, purpose: str, digest: bytes, now: datetime) -> Row[UUID, str | None] | None:
    """Whose token it is (`user_id`), and for which `email`; it is gone now. None when there is none, or too old."""
    statement = delete(MailToken).where(MailToken.digest == digest, MailToken.purpose == purpose)
    statement = statement.where(MailToken.expires_at > now)
    return (await uow.session.execute(statement.returning(MailToken.user_id, MailToken.email))).first()


async def remove(uow: UnitOfWork, user_id: UUID, purpose: str) -> None:
    await uow.execute(delete(MailToken).where(MailToken.user_id == user_id, MailToken.purpose == purpose))


async def forget_expired(uow: UnitOfWork, now: datetime) -> None:
    await uow.execute(delete(MailToken).where(MailToken.expires_at <= now))
