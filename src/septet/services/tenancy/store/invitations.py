"""Invitations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Invitation


async def add_invitation(uow: UnitOfWork, invitation: Invitation) -> bool:
    """Whether it was added; False when one for this address is pending, however close the race."""
    values = {column.key: getattr(invitation, column.key) for column in Invitation.__table__.columns}
    statement = (
        insert(Invitation)
        .values(values)
        .on_conflict_do_nothing(
            index_elements=[Invitation.tenant_id, Invitation.email], index_where=text("status = 'pending'")
        )
        .returning(Invitation.id)
    )
    return (await uow.session.execute(statement)).first() is not None


async def expire_overdue(uow: UnitOfWork, now: datetime) -> None:
    """Pending ones whose time is over become `expired`."""
    statement = update(Invitation).where(
        Invitation.tenant_id == uow.tenant_id, Invitation.status == "pending", Invitation.expires_at <= now
    )
    await uow.execute(statement.values(status="expired", resolved_at=now).execution_options(synchronize_session=False))


async def count_pending(uow: UnitOfWork) -> int:
    statement = select(func.count()).where(Invitation.tenant_id == uow.tenant_id, Invitation.status == "pending")
    return await uow.session.scalar(statement) or 0


async def invitations(
    uow: UnitOfWork, status: str | None, limit: int, after: tuple[Any, ...] | None
) -> Sequence[Invitation]:
    """Newest first."""
    statement = select(Invitation).where(Invitation.tenant_id == uow.tenant_id)
    if status:
        statement = statement.where(Invitation.status == status)
    if after is not None:
        statement = statement.where(tuple_(Invitation.created_at, Invitation.id) < after)
    return (
        await uow.session.scalars(statement.order_by(Invitation.created_at.desc(), Invitation.id.desc()).limit(limit))
    ).all()


async def invitation(uow: UnitOfWork, invitation_id: UUID) -> Invitation | None:
    """Locked until the transaction ends."""
    statement = select(Invitation).where(Invitation.tenant_id == uow.tenant_id, Invitation.id == invitation_id)
    found: Invitation | None = await uow.session.scalar(statement.with_for_update())
    return found


async def invitation_with_token(uow: UnitOfWork, digest: bytes) -> Invitation | None:
    statement = select(Invitation).where(Invitation.tenant_id == uow.tenant_id, Invitation.token_digest == digest)
    found: Invitation | None = await uow.session.scalar(statement.execution_options(populate_existing=True))
    return found


async def claim(uow: UnitOfWork, invitation_id: UUID, digest: bytes, now: datetime) -> bool:
    """Turn it from pending to accepted; of several at once one succeeds."""
    statement = update(Invitation).where(
        Invitation.tenant_id == uow.tenant_id,
        Invitation.id == invitation_id,
        Invitation.token_digest == digest,
        Invitation.status == "pending",
        Invitation.expires_at > now,
    )
    claimed = await uow.session.execute(
        statement.values(status="accepted", resolved_at=now)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    return claimed.first() is not None


async def revoke(uow: UnitOfWork, invitation_id: UUID, now: datetime) -> bool:
    """Whether it was pending."""
    statement = update(Invitation).where(
        Invitation.tenant_id == uow.tenant_id, Invitation.id == invitation_id, Invitation.status == "pending"
    )
    revoked = await uow.session.execute(
        statement.values(status="revoked", resolved_at=now)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    return revoked.first() is not None
