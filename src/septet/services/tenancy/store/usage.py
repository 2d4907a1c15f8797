"""Usage by day and metric."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Usage


async def save(uow: UnitOfWork, day: date, used: Mapping[str, int]) -> Sequence[Usage]:
    """Note what was used on the day by now; the day's rows, locked."""
    rows = [{"metric": metric, "used": count, "told_percent": 0} for metric, count in sorted(used.items())]
    statement = insert(Usage).values([{"tenant_id": uow.tenant_id, "day": day, **row} for row in rows])
    changed = statement.on_conflict_do_update(
        index_elements=["tenant_id", "day", "metric"], set_={"used": statement.excluded.used}
    ).returning(Usage)
    return (await uow.session.scalars(changed, execution_options={"populate_existing": True})).all()


async def between(uow: UnitOfWork, first: date, last: date) -> Sequence[Usage]:
    """Of all days from the first to the last, these included; the newest day first."""
    statement = select(Usage).where(Usage.tenant_id == uow.tenant_id, Usage.day.between(first, last))
    return (await uow.session.scalars(statement.order_by(Usage.day.desc(), Usage.metric))).all()
