"""The development mailbox."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, text

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.models import Mail

_ADD = text(
    """INSERT INTO notifications.mailbox (tenant_id, id, to_address, subject, raw, sent_at)
       SELECT CAST(:tenant AS uuid), id, to_address, subject, raw, CAST(:now AS timestamptz)
       FROM unnest(CAST(:ids AS uuid[]), CAST(:addresses AS text[]), CAST(:subjects AS text[]), CAST(:raws AS bytea[]))
         AS t (id, to_address, subject, raw) ON CONFLICT DO NOTHING"""
)


async def add(uow: UnitOfWork, mails: Sequence[tuple[UUID, str, str, bytes]]) -> None:
    """Store (id, to, subject, raw message) mails."""
    if mails:
        ids, addresses, subjects, raws = map(list, zip(*mails, strict=True))
        parameters = {"tenant": uow.tenant_id, "now": uow.now, "ids": ids, "addresses": addresses}
        await uow.session.execute(_ADD, parameters | {"subjects": subjects, "raws": raws})


async def mails(
    uow: UnitOfWork, tenant_id: UUID | None, own_address: str | None, to: str | None, limit: int, before: UUID | None
) -> Sequence[Mail]:
    """Newest first: a tenant's, and those to `own_address`; everything without a tenant."""
    statement = select(Mail).where(*_visible(tenant_id, own_address))
    if to is not None:
        statement = statement.where(Mail.to_address == to.strip().lower())
    if before is not None:
        statement = statement.where(Mail.id < before)
    return (await uow.session.scalars(statement.order_by(Mail.id.desc()).limit(limit))).all()


async def mail(uow: UnitOfWork, mail_id: UUID, tenant_id: UUID | None, own_address: str | None) -> Mail | None:
    statement = select(Mail).where(Mail.id == mail_id, *_visible(tenant_id, own_address))
    found: Mail | None = await uow.session.scalar(statement)
    return found


def _visible(tenant_id: UUID | None, own_address: str | None) -> list[ColumnElement[bool]]:
    if tenant_id is None and own_address is None:
        return []
    return [or_(Mail.tenant_id == tenant_id, func.lower(Mail.to_address) == (own_address or "").lower())]


async def forget_before(uow: UnitOfWork, moment: datetime) -> None:
    await uow.session.execute(delete(Mail).where(Mail.tenant_id == uow.tenant_id, Mail.sent_at < moment))
