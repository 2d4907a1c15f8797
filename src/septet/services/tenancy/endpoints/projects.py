"""`/projects` and `/activity`."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Response

from septet.kernel.entitlements import QuotaExceeded
from septet.kernel.errors import BadParameter, Forbidden, PreconditionFailed, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import projects as actions
from septet.services.tenancy.errors import ProjectKeyTaken, ProjectNotFound, StatusInUse
from septet.services.tenancy.models import Project
from septet.services.tenancy.schemas.work import ActivityOut, ProjectChange, ProjectCreate, ProjectOut
from septet.services.tenancy.store import discussion
from septet.services.tenancy.store import projects as store

router = Router("tenancy", tag="projects")
IfMatch = Annotated[str | None, Header(alias="If-Match", description="Change only this version (`ETag`).")]


@router.post(
    "/projects",
    status_code=201,
    summary="Create a project",
    responses=refusals(Unauthenticated, Forbidden, ProjectKeyTaken, QuotaExceeded),
)
async def create_project(body: ProjectCreate, uow: TenantUow, response: Response) -> ProjectOut:
    return _out(await actions.create_project(uow, body.name, body.key, body.description), response)


@router.get(
    "/projects", summary="List the projects by name", responses=refusals(Unauthenticated, Forbidden, BadParameter)
)
async def list_projects(
    uow: TenantUow,
    page: PageQuery,
    archived: Annotated[bool, Query(description="Those that are archived, instead of the others.")] = False,
) -> Page[ProjectOut]:
    uow.actor.require(permissions.READ_PROJECTS)
    rows = await store.projects(uow, archived=archived, limit=page.fetch, after=page.after(str, UUID))
    return Page.of(rows, page, lambda row: (row.name, row.id), ProjectOut.model_validate)


@router.get(
    "/projects/{project_id}",
    summary="Get a project",
    responses=refusals(Unauthenticated, Forbidden, ProjectNotFound),
)
async def get_project(project_id: UUID, uow: TenantUow, response: Response) -> ProjectOut:
    return _out(await actions.get_project(uow, project_id), response)


@router.patch(
    "/projects/{project_id}",
    summary="Change, archive or restore a project",
    responses=refusals(Unauthenticated, Forbidden, ProjectNotFound, StatusInUse, PreconditionFailed),
)
async def change_project(
    project_id: UUID, body: ProjectChange, uow: TenantUow, response: Response, if_match: IfMatch = None
) -> ProjectOut:
    statuses = [status.model_dump() for status in body.statuses] if body.statuses else None
    change = actions.Change(body.name, body.description, statuses, body.archived)
    return _out(await actions.change_project(uow, project_id, change, if_match), response)


@router.post(
    "/projects/{project_id}/room",
    status_code=202,
    summary="Have a chat room made in which the project's changes appear",
    responses=refusals(Unauthenticated, Forbidden, ProjectNotFound),
)
async def ask_for_room(project_id: UUID, uow: TenantUow, response: Response) -> ProjectOut:
    return _out(await actions.ask_for_room(uow, project_id), response)


@router.delete(
    "/projects/{project_id}",
    status_code=204,
    summary="Delete a project with its tasks",
    responses=refusals(Unauthenticated, Forbidden, ProjectNotFound),
)
async def delete_project(project_id: UUID, uow: TenantUow) -> None:
    await actions.delete_project(uow, project_id)


@router.get(
    "/activity",
    summary="What was done, newest first",
    responses=refusals(Unauthenticated, Forbidden, BadParameter),
)
async def list_activity(
    uow: TenantUow,
    page: PageQuery,
    project_id: Annotated[UUID | None, Query(alias="projectId", description="Only in this project.")] = None,
    task_id: Annotated[UUID | None, Query(alias="taskId", description="Only to this task.")] = None,
) -> Page[ActivityOut]:
    uow.actor.require(permissions.READ_PROJECTS)
    rows = await discussion.activities(uow, project_id, task_id, page.fetch, page.after(UUID))
    return Page.of(rows, page, lambda row: (row.id,), ActivityOut.model_validate)


def _out(project: Project, response: Response) -> ProjectOut:
    response.headers["ETag"] = actions.version_of(project)
    return ProjectOut.model_validate(project)
