"""What is said about a task, and what is linked to it."""

from uuid import UUID

from septet.kernel.identity import Role
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy import permissions
from septet.services.tenancy.actions.activity import tell
from septet.services.tenancy.actions.tasks import get_task
from septet.services.tenancy.errors import AttachmentNotFound, CommentNotFound, NotTheAuthor
from septet.services.tenancy.events import CommentCreated
from septet.services.tenancy.models import Attachment, Comment
from septet.services.tenancy.store import discussion as store

EXCERPT_LENGTH = 200


async def add_comment(uow: UnitOfWork, task_id: UUID, body: str) -> Comment:
    """Raises TaskNotFound."""
    uow.actor.require(permissions.CHANGE_TASKS)
    located = await get_task(uow, task_id)
    comment = Comment(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        task_id=task_id,
        author_id=uow.actor.id,
        author_name=uow.actor.name,
        body=body,
        created_at=uow.now,
    )
    await store.add(uow, comment)
    tell(uow, "comment.created", project_id=located.project.id, task_id=task_id)
    uow.emit(
        CommentCreated(
            tenant_id=uow.tenant_id,
            task_id=task_id,
            comment_id=comment.id,
            reference=located.reference,
            title=located.task.title,
            excerpt=body[:EXCERPT_LENGTH],
            author_id=uow.actor.user_id,
            author_name=uow.actor.name,
            created_by=located.task.created_by,
            assignee_id=located.task.assignee_id,
        )
    )
    return comment


async def change_comment(uow: UnitOfWork, comment_id: UUID, body: str) -> Comment:
    """For its author. Raises CommentNotFound, NotTheAuthor."""
    uow.actor.require(permissions.CHANGE_TASKS)
    comment = await _found(uow, comment_id)
    if comment.author_id != uow.actor.id:
        raise NotTheAuthor("Only its author may change a comment.")
    comment.body, comment.edited_at = body, uow.now
    return comment


async def delete_comment(uow: UnitOfWork, comment_id: UUID) -> None:
    """For its author and administrators. Raises CommentNotFound, NotTheAuthor."""
    uow.actor.require(permissions.CHANGE_TASKS)
    comment = await _found(uow, comment_id)
    if comment.author_id != uow.actor.id and not (uow.actor.role or Role.MEMBER).includes(Role.ADMIN):
        raise NotTheAuthor("Only its author or an administrator may delete a comment.")
    await store.remove_comment(uow, comment_id)


async def _found(uow: UnitOfWork, comment_id: UUID) -> Comment:
    comment = await store.comment(uow, comment_id)
    if comment is None:
        raise CommentNotFound("The organization has no such comment.")
    return comment


async def attach(uow: UnitOfWork, task_id: UUID, url: str, title: str) -> Attachment:
    """Link something kept elsewhere. Raises TaskNotFound."""
    uow.actor.require(permissions.CHANGE_TASKS)
    located = await get_task(uow, task_id)
    attachment = Attachment(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        task_id=task_id,
        url=url,
        title=title,
        created_by=uow.actor.user_id,
        created_at=uow.now,
    )
    await store.add(uow, attachment)
    tell(uow, "attachment.added", project_id=located.project.id, task_id=task_id, changes={"url": [None, url]})
    return attachment


async def detach(uow: UnitOfWork, task_id: UUID, attachment_id: UUID) -> None:
    """Raises TaskNotFound, AttachmentNotFound."""
    uow.actor.require(permissions.CHANGE_TASKS)
    located = await get_task(uow, task_id)
    if not await store.remove_attachment(uow, task_id, attachment_id):
        raise AttachmentNotFound("The task has no such attachment.")
    tell(uow, "attachment.removed", project_id=located.project.id, task_id=task_id)
