"""API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, tuple_, update

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import ApiKey, Organization


async def add_api_key(uow: UnitOfWork, key: ApiKey) -> None:
    uow.session.add(key)
    await uow.session.flush()


async def api_keys(uow: UnitOfWork, limit: int, after: tuple[Any, ...] | None) -> Sequence[ApiKey]:
    """Newest first."""
    statement = select(ApiKey).where(ApiKey.tenant_id == uow.tenant_id)
    if after is not None:
        statement = statement.where(tuple_(ApiKey.created_at, ApiKey.id) < after)
    return (
        await uow.session.scalars(statement.order_by(ApiKey.created_at.desc(), ApiKey.id.desc()).limit(limit))
    ).all()


async def api_key(uow: UnitOfWork, key_id: UUID) -> ApiKey | None:
    """Locked until the transaction ends."""
    statement = select(ApiKey).where(ApiKey.tenant_id == uow.tenant_id, ApiKey.id == key_id)
    found: ApiKey | None = await uow.session.scalar(statement.with_for_update())
    return found


async def remove_api_key(uow: UnitOfWork, key_id: UUID) -> None:
    await uow.execute(delete(ApiKey).where(ApiKey.tenant_id == uow.tenant_id, ApiKey.id == key_id))


async def digests(uow: UnitOfWork) -> Sequence[bytes]:
    return (await uow.session.scalars(select(ApiKey.digest).where(ApiKey.tenant_id == uow.tenant_id))).all()


async def use_api_key(uow: UnitOfWork, digest: bytes, now: datetime) -> ApiKey | None:
    """The valid key with this digest, of an organization that is not deleted; its last use is set to now."""
    statement = (
        update(ApiKey)
        .where(ApiKey.tenant_id == uow.tenant_id, ApiKey.digest == digest)
        .where(or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now))
        .where(Organization.id == ApiKey.tenant_id, Organization.deletion_due_at.is_(None))
        .values(last_used_at=now)
        .returning(ApiKey)
        .execution_options(synchronize_session=False)
    )
    found: ApiKey | None = await uow.session.scalar(statement)
    return found
