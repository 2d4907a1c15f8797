"""Domains that organizations claim, and reports of their links."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from septet.kernel.uow import UnitOfWork
from septet.services.links.models import Domain, Report


async def add_claim(uow: UnitOfWork, host: str, token: str) -> Domain:
    """The claim of this host, made now unless it was before, however close the race."""
    new = {"tenant_id": uow.tenant_id, "id": uow.new_id(), "host": host, "token": token, "created_at": uow.now}
    statement = insert(Domain).values(new)
    kept = statement.on_conflict_do_update(index_elements=["tenant_id", "host"], set_={"host": host})
    return (await uow.session.scalars(kept.returning(Domain))).one()


async def claim_of(uow: UnitOfWork, host: str) -> Domain | None:
    found: Domain | None = await uow.session.scalar(
        select(Domain).where(Domain.tenant_id == uow.tenant_id, Domain.host == host)
    )
    return found


async def claim(uow: UnitOfWork, domain_id: UUID) -> Domain | None:
    found: Domain | None = await uow.session.scalar(
        select(Domain).where(Domain.tenant_id == uow.tenant_id, Domain.id == domain_id)
    )
    return found


async def claims(uow: UnitOfWork) -> Sequence[Domain]:
    statement = select(Domain).where(Domain.tenant_id == uow.tenant_id).order_by(Domain.host)
    return (await uow.session.scalars(statement)).all()


async def verify(uow: UnitOfWork, domain: Domain, now: datetime) -> bool:
    """False when another organization has proven that it owns the host."""
    claimed = update(Domain).where(Domain.tenant_id == uow.tenant_id, Domain.id == domain.id)
    try:
        async with uow.session.begin_nested():
            await uow.execute(claimed.values(verified_at=now))
    except IntegrityError:
        return False
    return True


async def remove_claim(uow: UnitOfWork, domain_id: UUID) -> None:
    await uow.execute(delete(Domain).where(Domain.tenant_id == uow.tenant_id, Domain.id == domain_id))


async def add_report(uow: UnitOfWork, link_id: UUID, reason: str, details: str) -> Report:
    report = Report(
        tenant_id=uow.tenant_id, id=uow.new_id(), link_id=link_id, reason=reason, details=details, created_at=uow.now
    )
    uow.session.add(report)
    await uow.session.flush()
    return report


async def reports(uow: UnitOfWork, link_id: UUID, limit: int, before: UUID | None) -> Sequence[Report]:
    """Newest first."""
    statement = select(Report).where(Report.tenant_id == uow.tenant_id, Report.link_id == link_id)
    if before is not None:
        statement = statement.where(Report.id < before)
    return (await uow.session.scalars(statement.order_by(Report.id.desc()).limit(limit))).all()
