"""Tasks: created, changed, moved and deleted. The project's row is locked where numbers or positions are given out."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.kernel.versions import etag_of, require_match
from septet.services.tenancy import permissions
from septet.services.tenancy.actions.activity import tell
from septet.services.tenancy.actions.projects import found as found_project
from septet.services.tenancy.errors import (
    NoSuchParent,
    ProjectArchived,
    TaskNotFound,
    UnknownAssignee,
    UnknownStatus,
)
from septet.services.tenancy.events import TaskAssigned, TaskCompleted, TaskCreated, TaskStatusChanged
from septet.services.tenancy.models import Project, Task
from septet.services.tenancy.positions import position_between
from septet.services.tenancy.statuses import CLOSED, DONE, category_of, first_status
from septet.services.tenancy.store import organizations
from septet.services.tenancy.store import projects as project_store
from septet.services.tenancy.store import tasks as store

DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Located:
    """A task with its project, whose key its reference begins with."""

    task: Task
    project: Project

    @property
    def reference(self) -> str:
        return f"{self.project.key}-{self.task.number}"


async def create_task(uow: UnitOfWork, project_id: UUID, fields: dict[str, Any]) -> Located:
    """`fields`: by column. Raises ProjectNotFound, ProjectArchived, UnknownStatus, UnknownAssignee, NoSuchParent."""
    uow.actor.require(permissions.CHANGE_TASKS)
    project = await _open_project(uow, project_id)
    project.last_number += 1
    task = Task(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        project_id=project.id,
        number=project.last_number,
        title=fields["title"],
        description=fields.get("description") or "",
        status=first_status(project.statuses),
        priority=0,
        labels=[],
        position=position_between(await store.last_position(uow, project.id), None),
        revision=1,
        created_by=uow.actor.user_id,
        created_at=uow.now,
        updated_at=uow.now,
    )
    located = Located(task, project)
    await _set(uow, located, {name: value for name, value in fields.items() if value is not None})
    await store.add_task(uow, task)
    await store.write_labels(uow, task)
    tell(uow, "task.created", project_id=project.id, task_id=task.id, changes={"title": [None, task.title]})
    uow.emit(TaskCreated(uow.tenant_id, project.id, task.id, located.reference, task.title, uow.actor.user_id))
    _announce_assignee(uow, located)
    return located


async def _open_project(uow: UnitOfWork, project_id: UUID) -> Project:
    project = found_project(await project_store.project(uow, project_id, lock=True))
    if project.archived_at is not None:
        raise ProjectArchived("Restore it first: PATCH /projects/{id} with `archived: false`.")
    return project


async def get_task(uow: UnitOfWork, task_id: UUID) -> Located:
    """Raises TaskNotFound."""
    uow.actor.require(permissions.READ_PROJECTS)
    return _located(await store.task(uow, task_id))


async def project_of_task(uow: UnitOfWork, task_id: UUID) -> UUID | None:
    """The task's project, None once the task is gone."""
    located = await store.task(uow, task_id)
    return located[1].id if located is not None else None


async def change_task(uow: UnitOfWork, task_id: UUID, fields: dict[str, Any], if_match: str | None) -> Located:
    """`fields` by column name, null to clear; `archived` to archive or restore.

    Raises TaskNotFound, PreconditionFailed, UnknownStatus, UnknownAssignee, NoSuchParent.
    """
    uow.actor.require(permissions.CHANGE_TASKS)
    located = _located(await store.task(uow, task_id, lock=True))
    require_match(if_match, version_of(located.task))
    await _change(uow, located, fields)
    return located


async def change_tasks(uow: UnitOfWork, task_ids: list[UUID], fields: dict[str, Any]) -> list[Located]:
    """The same change to several tasks, all or none; in the order given. Raises as `change_task` does."""
    uow.actor.require(permissions.CHANGE_TASKS)
    rows = {row[0].id: row for row in await store.tasks_with_ids(uow, task_ids)}
    changed = [_located(rows.get(task_id)) for task_id in task_ids]
    for located in changed:
        await _change(uow, located, fields)
    return changed


async def _change(uow: UnitOfWork, located: Located, fields: dict[str, Any]) -> None:
    task = located.task
    before = _snapshot(task)
    await _set(uow, located, fields)
    after = _snapshot(task)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changes:
        return
    task.revision += 1
    task.updated_at = uow.now
    await uow.session.flush()
    if "labels" in changes:
        await store.write_labels(uow, task)
    tell(uow, "task.changed", project_id=task.project_id, task_id=task.id, changes=changes)
    if "assignee_id" in changes:
        _announce_assignee(uow, located)
    if "status" in changes:
        _announce_status(uow, located, before["status"])


def _snapshot(task: Task) -> dict[str, Any]:
    names = ("title", "description", "status", "priority", "assignee_id", "due_date", "parent_id", "archived_at")
    return {name: getattr(task, name) for name in names} | {"labels": list(task.labels)}


async def _set(uow: UnitOfWork, located: Located, fields: dict[str, Any]) -> None:
    task = located.task
    for name, value in fields.items():
        match name:
            case "status":
                set_status(uow, located, value)
            case "assignee_id":
                await _require_member(uow, value)
                task.assignee_id = value
            case "parent_id":
                await _require_parent(uow, task, value)
                task.parent_id = value
            case "labels":
                task.labels = sorted(set(value or []))
            case "archived":
                task.archived_at = (task.archived_at or uow.now) if value else None
            case _:
                setattr(task, name, value)


def set_status(uow: UnitOfWork, located: Located, status: str) -> None:
    """Raises UnknownStatus."""
    category = category_of(located.project.statuses, status)
    if category is None:
        known = ", ".join(s["key"] for s in located.project.statuses)
        raise UnknownStatus(f"There is no status `{status}`; this project has {known}.")
    located.task.status = status
    located.task.completed_at = (located.task.completed_at or uow.now) if category in CLOSED else None


async def _require_member(uow: UnitOfWork, user_id: UUID | None) -> None:
    if user_id is not None and await organizations.membership(uow, user_id) is None:
        raise UnknownAssignee("`assigneeId` must be a member's `userId`; GET /members lists them.")


async def _require_parent(uow: UnitOfWork, task: Task, parent_id: UUID | None) -> None:
    """It is of the same project, and no task is its own ancestor."""
    ancestor_id = parent_id
    for _ in range(DEEPEST):
        if ancestor_id is None:
            return
        row = await store.task(uow, ancestor_id)
        if row is None or row[0].project_id != task.project_id or row[0].id == task.id:
            raise NoSuchParent("`parentId` must be another task of the same project, not below this one.")
        ancestor_id = row[0].parent_id
    raise NoSuchParent(f"Tasks are at most {DEEPEST} deep.")


def _announce_assignee(uow: UnitOfWork, located: Located) -> None:
    task = located.task
    if task.assignee_id is not None:
        assigner = uow.actor.user_id
        uow.emit(TaskAssigned(uow.tenant_id, task.id, located.reference, task.title, task.assignee_id, assigner))


def _announce_status(uow: UnitOfWork, located: Located, old_status: str) -> None:
    task, statuses = located.task, located.project.statuses
    uow.emit(TaskStatusChanged(uow.tenant_id, task.id, located.reference, old_status, task.status))
    if category_of(statuses, task.status) == DONE and category_of(statuses, old_status) != DONE:
        uow.emit(
            TaskCompleted(
                tenant_id=uow.tenant_id,
                project_id=task.project_id,
                task_id=task.id,
                reference=located.reference,
                title=task.title,
                completed_by=uow.actor.user_id,
                created_by=task.created_by,
                assignee_id=task.assignee_id,
            )
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where to put a task: before or after another one, else at the end."""

    before_id: UUID | None = None
    after_id: UUID | None = None
    status: str | None = None


async def move_task(uow: UnitOfWork, task_id: UUID, place: Place) -> Located:
    """Drag a task to another place, and perhaps into another column. Raises TaskNotFound, UnknownStatus."""
    uow.actor.require(permissions.CHANGE_TASKS)
    located = _located(await store.task(uow, task_id))
    await _open_project(uow, located.project.id)
    task = _located(await store.task(uow, task_id, lock=True)).task
    low, high = await _neighbours(uow, task, place)
    old_status = task.status
    if place.status is not None:
        set_status(uow, located, place.status)
    task.position = position_between(low, high)
    task.revision += 1
    task.updated_at = uow.now
    tell(uow, "task.moved", project_id=task.project_id, task_id=task.id, changes={"status": [old_status, task.status]})
    if old_status != task.status:
        _announce_status(uow, located, old_status)
    return located


async def _neighbours(uow: UnitOfWork, task: Task, place: Place) -> tuple[str | None, str | None]:
    """The positions between which the task goes, itself left out."""
    anchor_id = place.before_id or place.after_id
    if anchor_id is None:
        return await store.last_position(uow, task.project_id, but=task.id), None
    anchor = _located(await store.task(uow, anchor_id)).task
    if anchor.project_id != task.project_id or anchor.id == task.id:
        raise TaskNotFound("`beforeId` and `afterId` must be other tasks of the same project.")
    if place.before_id is not None:
        return await store.last_position(uow, task.project_id, but=task.id, below=anchor.position), anchor.position
    return anchor.position, await store.first_position(uow, task.project_id, but=task.id, above=anchor.position)


async def delete_task(uow: UnitOfWork, task_id: UUID) -> None:
    """Its sub-tasks stay, without a parent. Raises TaskNotFound."""
    uow.actor.require(permissions.CHANGE_TASKS)
    task = _located(await store.task(uow, task_id, lock=True)).task
    tell(uow, "task.deleted", project_id=task.project_id, task_id=task.id, changes={"title": [task.title, None]})
    await uow.session.flush()
    await store.remove_task(uow, task_id)


def version_of(task: Task) -> str:
    """Its entity tag."""
    return etag_of(task.id, task.revision)


def _located(row: store.TaskRow | None) -> Located:
    if row is None:
        raise TaskNotFound("The organization has no such task.")
    return Located(row[0], row[1])
