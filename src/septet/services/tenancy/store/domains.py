"""Mail domains of organizations."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Domain


async def add_domain(uow: UnitOfWork, domain: Domain) -> bool:
    """Whether it was added; False when the organization has it already."""
    values = {column.key: getattr(domain, column.key) for column in Domain.__table__.columns}
    statement = insert(Domain).values(values).on_conflict_do_nothing().returning(Domain.domain)
    return (await uow.session.execute(statement)).first() is not None


async def domains(uow: UnitOfWork) -> Sequence[Domain]:
    statement = select(Domain).where(Domain.tenant_id == uow.tenant_id).order_by(Domain.domain)
    return (await uow.session.scalars(statement)).all()


async def domain(uow: UnitOfWork, name: str) -> Domain | None:
    statement = select(Domain).where(Domain.tenant_id == uow.tenant_id, Domain.domain == name)
    found: Domain | None = await uow.session.scalar(statement)
    return found


async def save_unless_taken(uow: UnitOfWork) -> bool:
    """Write the changed domain; False when another organization proved it before."""
    try:
        await uow.session.flush()
    except IntegrityError:
        return False
    return True


async def remove_domain(uow: UnitOfWork, name: str) -> bool:
    statement = delete(Domain).where(Domain.tenant_id == uow.tenant_id, Domain.domain == name)
    return (await uow.session.execute(statement.returning(Domain.domain))).first() is not None


async def owner_of_domain(uow: UnitOfWork, name: str) -> UUID | None:
    """Whose verified domain it is; row-level security shows it to people with a verified address there."""
    found: UUID | None = await uow.session.scalar(
        select(Domain.tenant_id).where(Domain.domain == name, Domain.verified_at.is_not(None))
    )
    return found
