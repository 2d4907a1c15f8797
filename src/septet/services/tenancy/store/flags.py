"""Feature flags and single users' values."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Flag, FlagOverride


async def flag(uow: UnitOfWork, key: str) -> Flag | None:
    found: Flag | None = await uow.session.scalar(select(Flag).where(Flag.tenant_id == uow.tenant_id, Flag.key == key))
    return found


async def flags(uow: UnitOfWork) -> Sequence[Flag]:
    return (await uow.session.scalars(select(Flag).where(Flag.tenant_id == uow.tenant_id).order_by(Flag.key))).all()


async def save(uow: UnitOfWork, row: Flag) -> None:
    """Add it, or change the one with this key."""
    values = {column.key: getattr(row, column.key) for column in Flag.__table__.columns}
    changed = {name: value for name, value in values.items() if name not in ("tenant_id", "key")}
    statement = insert(Flag).values(values)
    await uow.execute(
        statement.on_conflict_do_update(index_elements=[Flag.tenant_id, Flag.key], set_=changed).execution_options(
            populate_existing=True
        )
    )


async def remove(uow: UnitOfWork, key: str) -> bool:
    statement = delete(Flag).where(Flag.tenant_id == uow.tenant_id, Flag.key == key).returning(Flag.key)
    return (await uow.session.execute(statement)).first() is not None


async def overrides_of(uow: UnitOfWork, targeting_key: str) -> dict[str, Any]:
    """The values that were set for this user, by flag."""
    statement = select(FlagOverride.key, FlagOverride.value)
    statement = statement.where(FlagOverride.tenant_id == uow.tenant_id, FlagOverride.targeting_key == targeting_key)
    return {row.key: row.value for row in await uow.session.execute(statement)}


async def overrides(uow: UnitOfWork, key: str) -> Sequence[FlagOverride]:
    statement = select(FlagOverride).where(FlagOverride.tenant_id == uow.tenant_id, FlagOverride.key == key)
    return (await uow.session.scalars(statement.order_by(FlagOverride.targeting_key))).all()


async def set_override(uow: UnitOfWork, key: str, targeting_key: str, value: Any) -> None:
    statement = insert(FlagOverride).values(tenant_id=uow.tenant_id, key=key, targeting_key=targeting_key, value=value)
    await uow.execute(
        statement.on_conflict_do_update(
            index_elements=[FlagOverride.tenant_id, FlagOverride.key, FlagOverride.targeting_key],
            set_={"value": value},
        )
    )


async def remove_override(uow: UnitOfWork, key: str, targeting_key: str) -> bool:
    statement = delete(FlagOverride).where(
        FlagOverride.tenant_id == uow.tenant_id, FlagOverride.key == key, FlagOverride.targeting_key == targeting_key
    )
    return (await uow.session.execute(statement.returning(FlagOverride.key))).first() is not None
