"""What organizations configure: every query on the PostgreSQL schema `logs`."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.logs.models import Alert, MaskRule, Retention, SavedSearch

Named = TypeVar("Named", SavedSearch, Alert, MaskRule)


async def retention(uow: UnitOfWork) -> Retention | None:
    found: Retention | None = await uow.session.scalar(select(Retention).where(Retention.tenant_id == uow.tenant_id))
    return found


async def set_retention(uow: UnitOfWork, values: dict[str, object]) -> None:
    statement = insert(Retention).values(tenant_id=uow.tenant_id, **values)
    await uow.execute(statement.on_conflict_do_update(index_elements=["tenant_id"], set_=values))


async def add_named(uow: UnitOfWork, row: Named) -> bool:
    """False when the organization has one of this kind by that name."""
    kind = type(row)
    values = {column.key: getattr(row, column.key) for column in kind.__table__.columns}
    statement = insert(kind).values(values).on_conflict_do_nothing(index_elements=["tenant_id", "name"])
    return (await uow.execute(statement.returning(kind.id))).first() is not None


async def named(uow: UnitOfWork, kind: type[Named], limit: int, after: tuple[datetime, UUID] | None) -> Sequence[Named]:
    """Newest first."""
    statement = select(kind).where(kind.tenant_id == uow.tenant_id)
    if after is not None:
        statement = statement.where(tuple_(kind.created_at, kind.id) < after)
    return (await uow.session.scalars(statement.order_by(kind.created_at.desc(), kind.id.desc()).limit(limit))).all()


async def one_named(uow: UnitOfWork, kind: type[Named], row_id: UUID) -> Named | None:
    statement = select(kind).where(kind.tenant_id == uow.tenant_id, kind.id == row_id)
    found: Named | None = await uow.session.scalar(statement.with_for_update())
    return found


async def remove_named(uow: UnitOfWork, kind: type[Named], row_id: UUID) -> bool:
    statement = delete(kind).where(kind.tenant_id == uow.tenant_id, kind.id == row_id).returning(kind.id)
    return (await uow.execute(statement)).first() is not None


async def all_masks(uow: UnitOfWork) -> Sequence[MaskRule]:
    """In the order in which they were made, which is the order in which they are applied."""
    statement = select(MaskRule).where(MaskRule.tenant_id == uow.tenant_id)
    return (await uow.session.scalars(statement.order_by(MaskRule.created_at, MaskRule.id))).all()


async def remove_all(uow: UnitOfWork) -> None:
    """Everything that the organization has configured."""
    for kind in (Retention, SavedSearch, Alert, MaskRule):
        await uow.execute(delete(kind).where(kind.tenant_id == uow.tenant_id))
