"""`/tasks` and `/projects/{id}/tasks`."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Header, Query, Response

from septet.kernel.errors import BadParameter, Forbidden, PreconditionFailed, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.kernel.wire import Day
from septet.services.tenancy.actions import tasks as actions
from septet.services.tenancy.actions.projects import get_project
from septet.services.tenancy.errors import (
    NoSuchParent,
    ProjectArchived,
    ProjectNotFound,
    TaskNotFound,
    UnknownAssignee,
    UnknownStatus,
)
from septet.services.tenancy.schemas.work import (
    PRIORITIES,
    Priority,
    TaskBulkChange,
    TaskChange,
    TaskCreate,
    TaskMove,
    TaskOut,
)
from septet.services.tenancy.store import tasks as store

router = Router("tenancy", tag="tasks")
IfMatch = Annotated[str | None, Header(alias="If-Match", description="Change only this version (`ETag`).")]
BadFields = (UnknownStatus, UnknownAssignee, NoSuchParent)


@router.post(
    "/projects/{project_id}/tasks",
    status_code=201,
    summary="Create a task",
    responses=refusals(Unauthenticated, Forbidden, ProjectNotFound, ProjectArchived, *BadFields),
)
async def create_task(project_id: UUID, body: TaskCreate, uow: TenantUow, response: Response) -> TaskOut:
    return _out(await actions.create_task(uow, project_id, body.columns()), response)


def _filter(
    status: Annotated[list[str] | None, Query(description="In one of these statuses; may repeat.")] = None,
    assignee_id: Annotated[
        UUID | Literal["none"] | None, Query(alias="assigneeId", description="Of this member; `none`: of nobody.")
    ] = None,
    label: Annotated[list[str] | None, Query(description="With all of these labels; may repeat.")] = None,
    priority: Annotated[Priority | None, Query(description="Of this priority.")] = None,
    parent_id: Annotated[UUID | None, Query(alias="parentId", description="Parts of this task.")] = None,
    due_before: Annotated[Day | None, Query(alias="dueBefore", description="Due before this day.")] = None,
    q: Annotated[str | None, Query(max_length=500, description="Words in title or description; `-word`, `or`.")] = None,
    archived: Annotated[bool, Query(description="Those that are archived, instead of the others.")] = False,
) -> store.TaskFilter:
    return store.TaskFilter(
        statuses=status or (),
        assignee_id=assignee_id if isinstance(assignee_id, UUID) else None,
        unassigned=assignee_id == "none",
        labels=label or (),
        priority=PRIORITIES.index(priority) if priority else None,
        parent_id=parent_id,
        due_before=due_before,
        text=q,
        archived=archived,
    )


@router.get(
    "/projects/{project_id}/tasks",
    summary="List a project's tasks",
    responses=refusals(Unauthenticated, Forbidden, BadParameter, ProjectNotFound),
)
async def list_tasks(
    project_id: UUID,
    uow: TenantUow,
    page: PageQuery,
    wanted: Annotated[store.TaskFilter, Depends(_filter)],
    sort: Annotated[
        str,
        Query(
            pattern=f"^-?({'|'.join(store.SORTS)})$",
            description=f"By what: {', '.join(store.SORTS)}; with `-` in front, descending.",
        ),
    ] = "position",
) -> Page[TaskOut]:
    project = await get_project(uow, project_id)
    after = page.after(str, store.SORTS[sort.removeprefix("-")][1], UUID)
    if after is not None and after[0] != sort:
        raise BadParameter("`cursor` is of another `sort`; leave it away to start from the beginning.")
    rows = await store.tasks(uow, project.id, wanted, sort, page.fetch, after[1:] if after else None)
    return Page.of(
        rows,
        page,
        lambda task: (sort, store.sort_value(task, sort), task.id),
        lambda task: _task_out(actions.Located(task, project)),
    )


@router.get("/tasks/{task_id}", summary="Get a task", responses=refusals(Unauthenticated, Forbidden, TaskNotFound))
async def get_task(task_id: UUID, uow: TenantUow, response: Response) -> TaskOut:
    return _out(await actions.get_task(uow, task_id), response)


@router.patch(
    "/tasks/{task_id}",
    summary="Change, archive or restore a task",
    responses=refusals(Unauthenticated, Forbidden, TaskNotFound, PreconditionFailed, *BadFields),
)
async def change_task(
    task_id: UUID, body: TaskChange, uow: TenantUow, response: Response, if_match: IfMatch = None
) -> TaskOut:
    return _out(await actions.change_task(uow, task_id, body.columns(), if_match), response)


@router.post(
    "/tasks/bulk",
    summary="Make one change to several tasks: all or none",
    responses=refusals(Unauthenticated, Forbidden, TaskNotFound, *BadFields),
)
async def change_tasks(body: TaskBulkChange, uow: TenantUow) -> Page[TaskOut]:
    changed = await actions.change_tasks(uow, body.ids, body.change.columns())
    return Page(data=[_task_out(located) for located in changed], next_cursor=None)


@router.post(
    "/tasks/{task_id}/move",
    summary="Put a task before or after another one, or into another column",
    responses=refusals(Unauthenticated, Forbidden, TaskNotFound, ProjectArchived, UnknownStatus, BadParameter),
)
async def move_task(task_id: UUID, body: TaskMove, uow: TenantUow, response: Response) -> TaskOut:
    if body.before_id is not None and body.after_id is not None:
        raise BadParameter("Send `beforeId` or `afterId`, not both.")
    place = actions.Place(body.before_id, body.after_id, body.status)
    return _out(await actions.move_task(uow, task_id, place), response)


@router.delete(
    "/tasks/{task_id}",
    status_code=204,
    summary="Delete a task; its sub-tasks stay",
    responses=refusals(Unauthenticated, Forbidden, TaskNotFound),
)
async def delete_task(task_id: UUID, uow: TenantUow) -> None:
    await actions.delete_task(uow, task_id)


def _out(located: actions.Located, response: Response) -> TaskOut:
    response.headers["ETag"] = actions.version_of(located.task)
    return _task_out(located)


def _task_out(located: actions.Located) -> TaskOut:
    task = located.task
    return TaskOut(
        id=task.id,
        project_id=task.project_id,
        key=located.reference,
        number=task.number,
        title=task.title,
        description=task.description,
        status=task.status,
        priority=PRIORITIES[task.priority],
        assignee_id=task.assignee_id,
        due_date=task.due_date,
        labels=task.labels,
        parent_id=task.parent_id,
        created_by=task.created_by,
        created_at=task.created_at,
        updated_at=task.updated_at,
        completed_at=task.completed_at,
        archived_at=task.archived_at,
        etag=actions.version_of(task),
    )
