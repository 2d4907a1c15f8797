"""The activity feed: who did what to which project or task. Kept when what it tells of is gone."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Activity

Changes = dict[str, list[Any]]


def tell(
    uow: UnitOfWork, verb: str, *, project_id: UUID | None, task_id: UUID | None = None, changes: Changes | None = None
) -> None:
    """Add an entry in the same transaction. `changes`: field → [before, after]."""
    uow.session.add(
        Activity(
            tenant_id=uow.tenant_id,
            id=uow.new_id(),
            at=uow.now,
            actor_id=uow.actor.id,
            actor_name=uow.actor.name or uow.actor.kind,
            verb=verb,
            project_id=project_id,
            task_id=task_id,
            changes={field: [_plain(value) for value in pair] for field, pair in (changes or {}).items()},
        )
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value) if isinstance(value, UUID) else value
