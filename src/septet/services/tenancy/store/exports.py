"""Archives of organizations."""

from uuid import UUID

from sqlalchemy import delete, select

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Export


async def add_export(uow: UnitOfWork, export: Export) -> None:
    uow.session.add(export)
    await uow.session.flush()


async def export(uow: UnitOfWork, export_id: UUID) -> Export | None:
    """Without the archive itself."""
    statement = select(Export).where(Export.tenant_id == uow.tenant_id, Export.id == export_id)
    found: Export | None = await uow.session.scalar(statement)
    return found


async def archive_of(uow: UnitOfWork, export_id: UUID) -> bytes | None:
    found: bytes | None = await uow.session.scalar(
        select(Export.archive).where(Export.tenant_id == uow.tenant_id, Export.id == export_id)
    )
    return found


async def remove_export(uow: UnitOfWork, export_id: UUID) -> None:
    await uow.execute(delete(Export).where(Export.tenant_id == uow.tenant_id, Export.id == export_id))
