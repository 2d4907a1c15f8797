"""Tasks, filtered and sorted by indexes that begin with the tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, asc, delete, desc, exists, func, insert, select, tuple_

from septet.kernel.http.paging import moment
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.models import Project, Task, TaskLabel

TaskRow = Row[Task, Project]
NO_DATE = date.max

_DUE = func.coalesce(Task.due_date, NO_DATE)
SORTS: dict[str, tuple[Any, Any]] = {
    "position": (Task.position, str),
    "number": (Task.number, int),
    "createdAt": (Task.created_at, moment),
    "updatedAt": (Task.updated_at, moment),
    "dueDate": (_DUE, date.fromisoformat),
    "priority": (Task.priority, int),
    "title": (Task.title, str),
}
"""What a list may be sorted by: the expression, and how its value is read from a cursor."""


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks to list; None means all. `unassigned` asks for those of nobody. `due_before` is exclusive."""

    statuses: Sequence[str] = ()
    assignee_id: UUID | None = None
    unassigned: bool = False
    labels: Sequence[str] = ()
    priority: int | None = None
    parent_id: UUID | None = None
    due_before: date | None = None
    text: str | None = None
    archived: bool = False


async def add_task(uow: UnitOfWork, task: Task) -> None:
    uow.session.add(task)
    await uow.session.flush()


async def write_labels(uow: UnitOfWork, task: Task) -> None:
    """Bring the index of labels up to date."""
    await uow.execute(delete(TaskLabel).where(TaskLabel.tenant_id == uow.tenant_id, TaskLabel.task_id == task.id))
    if task.labels:
        await uow.execute(
            insert(TaskLabel),
            [
                {"tenant_id": uow.tenant_id, "project_id": task.project_id, "label": label, "task_id": task.id}
                for label in task.labels
            ],
        )


def _with_project(uow: UnitOfWork) -> Select[Task, Project]:
    return (
        select(Task, Project)
        .join(Project, (Project.tenant_id == Task.tenant_id) & (Project.id == Task.project_id))
        .where(Task.tenant_id == uow.tenant_id)
    )


async def task(uow: UnitOfWork, task_id: UUID, *, lock: bool = False) -> TaskRow | None:
    """The task with its project; `lock` holds the task until the transaction ends."""
    statement = _with_project(uow).where(Task.id == task_id)
    if lock:
        statement = statement.with_for_update(of=Task).execution_options(populate_existing=True)
    return (await uow.session.execute(statement)).first()


async def tasks_with_ids(uow: UnitOfWork, task_ids: Sequence[UUID]) -> Sequence[TaskRow]:
    """Locked in the order of ids, so that two bulk updates cannot wait for each other."""
    statement = _with_project(uow).where(Task.id.in_(task_ids)).order_by(Task.id).with_for_update(of=Task)
    return (await uow.session.execute(statement)).all()


async def tasks(
    uow: UnitOfWork, project_id: UUID, wanted: TaskFilter, sort: str, limit: int, after: tuple[Any, ...] | None
) -> Sequence[Task]:
    """`sort`: a key of SORTS, with `-` in front for descending; ties by id."""
    expression, _ = SORTS[sort.removeprefix("-")]
    statement = _filtered(uow, select(Task), project_id, wanted)
    direction = desc if sort.startswith("-") else asc
    if after is not None:
        values = tuple_(expression, Task.id)
        statement = statement.where(values < after if sort.startswith("-") else values > after)
    statement = statement.order_by(direction(expression), direction(Task.id)).limit(limit)
    return (await uow.session.scalars(statement)).all()


def _filtered(uow: UnitOfWork, statement: Select[Task], project_id: UUID, wanted: TaskFilter) -> Select[Task]:
    statement = statement.where(Task.tenant_id == uow.tenant_id, Task.project_id == project_id)
    statement = statement.where(Task.archived_at.is_not(None) if wanted.archived else Task.archived_at.is_(None))
    if wanted.statuses:
        statement = statement.where(Task.status.in_(wanted.statuses))
    if wanted.assignee_id is not None:
        statement = statement.where(Task.assignee_id == wanted.assignee_id)
    if wanted.unassigned:
        statement = statement.where(Task.assignee_id.is_(None))
    if wanted.priority is not None:
        statement = statement.where(Task.priority == wanted.priority)
    if wanted.parent_id is not None:
        statement = statement.where(Task.parent_id == wanted.parent_id)
    if wanted.due_before is not None:
        statement = statement.where(Task.due_date < wanted.due_before)
    if wanted.text:
        statement = statement.where(Task.search.bool_op("@@")(func.websearch_to_tsquery("simple", wanted.text)))
    for label in wanted.labels:
        statement = statement.where(_labelled(uow, project_id, label))
    return statement


def _labelled(uow: UnitOfWork, project_id: UUID, label: str) -> Any:
    return exists().where(
        TaskLabel.tenant_id == uow.tenant_id,
        TaskLabel.project_id == project_id,
        TaskLabel.label == label,
        TaskLabel.task_id == Task.id,
    )


def sort_value(task: Task, sort: str) -> Any:
    """A task's value of the sort expression, for a cursor."""
    name = sort.removeprefix("-")
    if name == "dueDate":
        return (task.due_date or NO_DATE).isoformat()
    value: Any = getattr(task, SORTS[name][0].key)
    return value


async def last_position(
    uow: UnitOfWork, project_id: UUID, *, but: UUID | None = None, below: str | None = None
) -> str | None:
    """The greatest position, of those below `below`, the task `but` left out."""
    statement = select(Task.position).where(Task.tenant_id == uow.tenant_id, Task.project_id == project_id)
    if but is not None:
        statement = statement.where(Task.id != but)
    if below is not None:
        statement = statement.where(Task.position < below)
    found: str | None = await uow.session.scalar(statement.order_by(Task.position.desc()).limit(1))
    return found


async def first_position(uow: UnitOfWork, project_id: UUID, *, but: UUID, above: str) -> str | None:
    """The least position above `above`, the task `but` left out."""
    statement = select(Task.position).where(Task.tenant_id == uow.tenant_id, Task.project_id == project_id)
    statement = statement.where(Task.id != but, Task.position > above)
    found: str | None = await uow.session.scalar(statement.order_by(Task.position).limit(1))
    return found


async def used_statuses(uow: UnitOfWork, project_id: UUID, statuses: Sequence[str]) -> Sequence[str]:
    statement = (
        select(Task.status)
        .distinct()
        .where(Task.tenant_id == uow.tenant_id, Task.project_id == project_id, Task.status.in_(statuses))
    )
    return (await uow.session.scalars(statement)).all()


async def remove_task(uow: UnitOfWork, task_id: UUID) -> None:
    await uow.execute(delete(Task).where(Task.tenant_id == uow.tenant_id, Task.id == task_id))
