"""Digests: what is being collected for a recipient, and who belongs to it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.models import Delivery, Digest

_JOIN = text(
    """INSERT INTO notifications.digests AS d
         (tenant_id, id, recipient, channel, key, category, items, opened_at, closes_at)
       VALUES (:tenant, :id, :recipient, :channel, :key, :category, 1, :now, :closes_at)
       ON CONFLICT (tenant_id, recipient, channel, key) WHERE closed_at IS NULL DO UPDATE SET items = d.items + 1
       RETURNING id, closes_at"""
)
_SETTLE_MEMBERS = text(
    """UPDATE notifications.deliveries SET status = :status, reason = :reason, trace = trace || CAST(:entries AS jsonb),
         updated_at = :now
       WHERE tenant_id = :tenant AND digest_id = :digest AND status = 'queued' AND id <> :listing"""
)


async def join(
    uow: UnitOfWork, recipient: str, channel: str, key: str, category: str, closes_at: datetime
) -> tuple[UUID, datetime, bool]:
    """Add one to the open digest, or open one; returns its id, when it closes, and whether it is new.

    Its row stays locked until the transaction ends, so it cannot be closed meanwhile.
    """
    new = uow.new_id()
    parameters = {"tenant": uow.tenant_id, "id": new, "recipient": recipient, "channel": channel, "key": key}
    parameters |= {"category": category, "now": uow.now, "closes_at": closes_at}
    found = (await uow.session.execute(_JOIN, parameters)).one()
    return found.id, found.closes_at, found.id == new


async def close(uow: UnitOfWork, digest_id: UUID) -> Digest | None:
    """Close it: from now on nobody joins. None when it is closed already."""
    statement = select(Digest).where(
        Digest.tenant_id == uow.tenant_id, Digest.id == digest_id, Digest.closed_at.is_(None)
    )
    digest: Digest | None = await uow.session.scalar(statement.with_for_update())
    if digest is not None:
        digest.closed_at = uow.now
        await uow.session.flush()
    return digest


async def member_ids(uow: UnitOfWork, digest_id: UUID) -> Sequence[UUID]:
    statement = (
        select(Delivery.id)
        .where(Delivery.tenant_id == uow.tenant_id, Delivery.digest_id == digest_id, Delivery.status == "queued")
        .order_by(Delivery.id)
    )
    return (await uow.session.scalars(statement)).all()


async def settle_members(
    uow: UnitOfWork, digest_id: UUID, listing: UUID, status: str, reason: str, entries: str
) -> None:
    """What became of the listing became of all that it lists."""
    parameters = {"tenant": uow.tenant_id, "digest": digest_id, "listing": listing, "status": status}
    await uow.session.execute(_SETTLE_MEMBERS, parameters | {"reason": reason, "entries": entries, "now": uow.now})
