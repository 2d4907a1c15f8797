"""The audit log: read only; rows are added by `actions.audit`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import AuditEvent


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to show; None means all. `action` ending in `.*` is a prefix. `from_` inclusive, `to` exclusive."""

    action: str | None = None
    actor_id: UUID | None = None
    target_id: str | None = None
    from_: datetime | None = None
    to: datetime | None = None


async def audit_events(
    uow: UnitOfWork, wanted: AuditFilter, limit: int, after: tuple[Any, ...] | None
) -> Sequence[AuditEvent]:
    """Newest first."""
    statement = select(AuditEvent).where(AuditEvent.tenant_id == uow.tenant_id)
    if wanted.action and wanted.action.endswith(".*"):
        statement = statement.where(AuditEvent.action.startswith(wanted.action[:-1], autoescape=True))
    elif wanted.action:
        statement = statement.where(AuditEvent.action == wanted.action)
    if wanted.actor_id:
        statement = statement.where(AuditEvent.actor_id == wanted.actor_id)
    if wanted.target_id:
        statement = statement.where(AuditEvent.target_id == wanted.target_id)
    if wanted.from_:
        statement = statement.where(AuditEvent.at >= wanted.from_)
    if wanted.to:
        statement = statement.where(AuditEvent.at < wanted.to)
    if after is not None:
        statement = statement.where(AuditEvent.id < after[0])
    return (await uow.session.scalars(statement.order_by(AuditEvent.id.desc()).limit(limit))).all()
