"""Comments, attachments and the activity feed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Activity, Attachment, Comment


async def add(uow: UnitOfWork, row: Comment | Attachment) -> None:
    uow.session.add(row)
    await uow.session.flush()


async def comments(uow: UnitOfWork, task_id: UUID, limit: int, after: tuple[Any, ...] | None) -> Sequence[Comment]:
    """Oldest first."""
    statement = select(Comment).where(Comment.tenant_id == uow.tenant_id, Comment.task_id == task_id)
    if after is not None:
        statement = statement.where(Comment.id > after[0])
    return (await uow.session.scalars(statement.order_by(Comment.id).limit(limit))).all()


async def comment(uow: UnitOfWork, comment_id: UUID) -> Comment | None:
    statement = select(Comment).where(Comment.tenant_id == uow.tenant_id, Comment.id == comment_id)
    found: Comment | None = await uow.session.scalar(statement)
    return found


async def remove_comment(uow: UnitOfWork, comment_id: UUID) -> None:
    await uow.execute(delete(Comment).where(Comment.tenant_id == uow.tenant_id, Comment.id == comment_id))


async def attachments(uow: UnitOfWork, task_id: UUID) -> Sequence[Attachment]:
    statement = select(Attachment).where(Attachment.tenant_id == uow.tenant_id, Attachment.task_id == task_id)
    return (await uow.session.scalars(statement.order_by(Attachment.id))).all()


async def remove_attachment(uow: UnitOfWork, task_id: UUID, attachment_id: UUID) -> bool:
    statement = delete(Attachment).where(
        Attachment.tenant_id == uow.tenant_id, Attachment.task_id == task_id, Attachment.id == attachment_id
    )
    return (await uow.session.execute(statement.returning(Attachment.id))).first() is not None


async def activities(
    uow: UnitOfWork, project_id: UUID | None, task_id: UUID | None, limit: int, after: tuple[Any, ...] | None
) -> Sequence[Activity]:
    """Newest first; of one project, of one task, or of all."""
    statement = select(Activity).where(Activity.tenant_id == uow.tenant_id)
    if project_id is not None:
        statement = statement.where(Activity.project_id == project_id)
    if task_id is not None:
        statement = statement.where(Activity.task_id == task_id)
    if after is not None:
        statement = statement.where(Activity.id < after[0])
    return (await uow.session.scalars(statement.order_by(Activity.id.desc()).limit(limit))).all()
