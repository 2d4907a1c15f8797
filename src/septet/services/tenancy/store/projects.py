"""Projects."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Project


async def add_project(uow: UnitOfWork, project: Project) -> bool:
    """Whether it was added; False when its key is taken, however close the race."""
    values = {column.key: getattr(project, column.key) for column in Project.__table__.columns}
    statement = insert(Project).values(values).on_conflict_do_nothing(index_elements=[Project.tenant_id, Project.key])
    return (await uow.session.execute(statement.returning(Project.id))).first() is not None


async def project(uow: UnitOfWork, project_id: UUID, *, lock: bool = False) -> Project | None:
    statement = select(Project).where(Project.tenant_id == uow.tenant_id, Project.id == project_id)
    found: Project | None = await uow.session.scalar(
        statement.with_for_update().execution_options(populate_existing=True) if lock else statement
    )
    return found


async def projects(uow: UnitOfWork, *, archived: bool, limit: int, after: tuple[Any, ...] | None) -> Sequence[Project]:
    """By name."""
    statement = select(Project).where(Project.tenant_id == uow.tenant_id)
    statement = statement.where(Project.archived_at.is_not(None) if archived else Project.archived_at.is_(None))
    if after is not None:
        statement = statement.where(tuple_(Project.name, Project.id) > after)
    return (await uow.session.scalars(statement.order_by(Project.name, Project.id).limit(limit))).all()


async def count_projects(uow: UnitOfWork) -> int:
    statement = select(func.count()).select_from(Project).where(Project.tenant_id == uow.tenant_id)
    return await uow.session.scalar(statement) or 0


async def remove_project(uow: UnitOfWork, project_id: UUID) -> None:
    await uow.session.flush()
    await uow.execute(delete(Project).where(Project.tenant_id == uow.tenant_id, Project.id == project_id))
