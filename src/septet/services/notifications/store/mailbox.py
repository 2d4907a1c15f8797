"""The development mailbox."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.models import Mail

_ADD = text(
    """INSERT INTO notifications.mailbox (tenant_id, id, to_address, subject, raw, sent_at)
       SELECT CAST(:tenant AS uuid), id, to_address, subject, raw, CAST(:now AS timestamptz)
       FROM unnest(CAST(:ids AS uuid[]), CAST(:addresses AS text[]), CAST(:subjects AS text[]), CAST(:raws AS bytea[]))
         AS t (id, to_address, subject, raw) ON CONFLICT DO NOTHING"""
)

_OF_ALL = select(Mail).from_statement(
    text(
        """SELECT * FROM notifications.mail_of_all_tenants(
             CAST(:id AS uuid), CAST(:to AS text), CAST(:before AS uuid), CAST(:limit AS integer))"""
    )
)


async def add(uow: UnitOfWork, mails: Sequence[tuple[UUID, str, str, bytes]]) -> None:
    """Store (id, to, subject, raw message) mails."""
    if mails:
        ids, addresses, subjects, raws = map(list, zip(*mails, strict=True))
        parameters = {"tenant": uow.tenant_id, "now": uow.now, "ids": ids, "addresses": addresses}
        await uow.session.execute(_ADD, parameters | {"subjects": subjects, "raws": raws})


async def mails(uow: UnitOfWork, to: str | None, limit: int, before: UUID | None) -> Sequence[Mail]:
    """The tenant's, newest first."""
    statement = select(Mail).where(Mail.tenant_id == uow.tenant_id)
    if to is not None:
        statement = statement.where(Mail.to_address == to)
    if before is not None:
        statement = statement.where(Mail.id < before)
    return (await uow.session.scalars(statement.order_by(Mail.id.desc()).limit(limit))).all()


async def mail(uow: UnitOfWork, mail_id: UUID) -> Mail | None:
    """One of the tenant's."""
    statement = select(Mail).where(Mail.tenant_id == uow.tenant_id, Mail.id == mail_id)
    found: Mail | None = await uow.session.scalar(statement)
    return found


async def mails_of_all(
    uow: UnitOfWork, to: str | None, limit: int, before: UUID | None = None, mail_id: UUID | None = None
) -> Sequence[Mail]:
    """Of every tenant, newest first: for an open mailbox, or for whoever `to` belongs to."""
    parameters = {"id": mail_id, "to": to, "before": before, "limit": limit}
    return (await uow.session.scalars(_OF_ALL, parameters)).all()


async def forget_before(uow: UnitOfWork, moment: datetime) -> None:
    await uow.session.execute(delete(Mail).where(Mail.tenant_id == uow.tenant_id, Mail.sent_at < moment))
