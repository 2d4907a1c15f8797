"""Comments on tasks, and links attached to them."""

from uuid import UUID

from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.services.tenancy.actions import discussion as actions
from septet.services.tenancy.actions.tasks import get_task
from septet.services.tenancy.errors import AttachmentNotFound, CommentNotFound, NotTheAuthor, TaskNotFound
from septet.services.tenancy.schemas.work import AttachmentCreate, AttachmentOut, CommentOut, CommentWrite
from septet.services.tenancy.store import discussion as store

router = Router("tenancy", tag="tasks")


@router.post(
    "/tasks/{task_id}/comments",
    status_code=201,
    summary="Comment on a task",
    responses=refusals(Unauthenticated, Forbidden, TaskNotFound),
)
async def add_comment(task_id: UUID, body: CommentWrite, uow: TenantUow) -> CommentOut:
    return CommentOut.model_validate(await actions.add_comment(uow, task_id, body.body))


@router.get(
    "/tasks/{task_id}/comments",
    summary="List a task's comments, oldest first",
    responses=refusals(Unauthenticated, Forbidden, BadParameter, TaskNotFound),
)
async def list_comments(task_id: UUID, uow: TenantUow, page: PageQuery) -> Page[CommentOut]:
    await get_task(uow, task_id)
    rows = await store.comments(uow, task_id, page.fetch, page.after(UUID))
    return Page.of(rows, page, lambda row: (row.id,), CommentOut.model_validate)


@router.patch(
    "/comments/{comment_id}",
    summary="Change one's comment",
    responses=refusals(Unauthenticated, Forbidden, CommentNotFound, NotTheAuthor),
)
async def change_comment(comment_id: UUID, body: CommentWrite, uow: TenantUow) -> CommentOut:
    return CommentOut.model_validate(await actions.change_comment(uow, comment_id, body.body))


@router.delete(
    "/comments/{comment_id}",
    status_code=204,
    summary="Delete a comment: one's own, or as an administrator any",
    responses=refusals(Unauthenticated, Forbidden, CommentNotFound, NotTheAuthor),
)
async def delete_comment(comment_id: UUID, uow: TenantUow) -> None:
    await actions.delete_comment(uow, comment_id)


@router.post(
    "/tasks/{task_id}/attachments",
    status_code=201,
    summary="Attach a link to a task",
    responses=refusals(Unauthenticated, Forbidden, TaskNotFound),
)
async def attach(task_id: UUID, body: AttachmentCreate, uow: TenantUow) -> AttachmentOut:
    return AttachmentOut.model_validate(await actions.attach(uow, task_id, body.url, body.title))


@router.get(
    "/tasks/{task_id}/attachments",
    summary="List a task's links",
    responses=refusals(Unauthenticated, Forbidden, TaskNotFound),
)
async def list_attachments(task_id: UUID, uow: TenantUow) -> Page[AttachmentOut]:
    await get_task(uow, task_id)
    rows = await store.attachments(uow, task_id)
    return Page(data=[AttachmentOut.model_validate(row) for row in rows], next_cursor=None)


@router.delete(
    "/tasks/{task_id}/attachments/{attachment_id}",
    status_code=204,
    summary="Take a link off a task",
    responses=refusals(Unauthenticated, Forbidden, TaskNotFound, AttachmentNotFound),
)
async def detach(task_id: UUID, attachment_id: UUID, uow: TenantUow) -> None:
    await actions.detach(uow, task_id, attachment_id)
