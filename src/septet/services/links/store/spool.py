"""Batches of clicks that Valkey did not take."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.links.models import SpooledClicks


async def add(uow: UnitOfWork, batch_id: UUID, batch: bytes) -> None:
    await uow.execute(insert(SpooledClicks).values(id=batch_id, batch=batch).on_conflict_do_nothing())


async def take(uow: UnitOfWork, limit: int) -> Sequence[SpooledClicks]:
    """The oldest batches, locked: two consumers never work on the same."""
    statement = select(SpooledClicks).order_by(SpooledClicks.id).limit(limit).with_for_update(skip_locked=True)
    return (await uow.session.scalars(statement)).all()


async def remove(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    await uow.execute(delete(SpooledClicks).where(SpooledClicks.id.in_(ids)))
