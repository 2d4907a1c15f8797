"""Projects: a short key, numbered tasks, statuses of their own."""

import re
from dataclasses import dataclass
from uuid import UUID

from septet.kernel.entitlements import require_quota
from septet.kernel.errors import Forbidden
from septet.kernel.uow import UnitOfWork
from septet.kernel.versions import etag_of, require_match
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import audit
from septet.services.tenancy.actions.activity import tell
from septet.services.tenancy.errors import ProjectKeyTaken, ProjectNotFound, StatusInUse
from septet.services.tenancy.events import ProjectRoomWanted
from septet.services.tenancy.models import Project
from septet.services.tenancy.statuses import DEFAULT_STATUSES
from septet.services.tenancy.store import projects as store
from septet.services.tenancy.store import tasks

LONGEST_KEY = 10


async def create_project(uow: UnitOfWork, name: str, key: str | None, description: str) -> Project:
    """Raises ProjectKeyTaken when the key asked for is, QuotaExceeded when the plan allows no more."""
    uow.actor.require(permissions.CHANGE_PROJECTS)
    await require_quota(uow, "projects", await store.count_projects(uow) + 1)
    project = Project(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        key=key or key_from(name),
        name=name,
        description=description,
        statuses=DEFAULT_STATUSES,
        last_number=0,
        revision=1,
        created_by=uow.actor.user_id,
        created_at=uow.now,
    )
    await _add_with_key(uow, project, asked_for=key is not None)
    tell(uow, "project.created", project_id=project.id)
    audit.record(uow, "project.created", project.id, name=name, key=project.key)
    return project


async def _add_with_key(uow: UnitOfWork, project: Project, *, asked_for: bool) -> None:
    stem, number = project.key, 1
    while not await store.add_project(uow, project):
        if asked_for or number > LONGEST_KEY:
            raise ProjectKeyTaken(f"Another project has the key `{project.key}`; choose another.")
        number += 1
        project.key = f"{stem[: LONGEST_KEY - 2]}{number}"


def key_from(name: str) -> str:
    """`Operations` → `OPE`, `Web site` → `WS`; `P` when nothing is left."""
    words = re.findall(r"[A-Z0-9]+", name.upper())
    key = "".join(word[0] for word in words) if len(words) > 1 else "".join(words)[:3]
    return key.lstrip("0123456789")[:LONGEST_KEY] or "P"


async def get_project(uow: UnitOfWork, project_id: UUID) -> Project:
    """Raises ProjectNotFound."""
    uow.actor.require(permissions.READ_PROJECTS)
    return found(await store.project(uow, project_id))


@dataclass(frozen=True, slots=True)
class Change:
    """What to change; None leaves as it is."""

    name: str | None = None
    description: str | None = None
    statuses: list[dict[str, str]] | None = None
    archived: bool | None = None


async def change_project(uow: UnitOfWork, project_id: UUID, change: Change, if_match: str | None) -> Project:
    """Raises ProjectNotFound, StatusInUse, PreconditionFailed."""
    uow.actor.require(permissions.CHANGE_PROJECTS)
    project = found(await store.project(uow, project_id, lock=True))
    require_match(if_match, version_of(project))
    if change.statuses is not None:
        await _require_unused(uow, project, {status["key"] for status in change.statuses})
    before = {"name": project.name, "description": project.description, "archived": project.archived_at is not None}
    project.name = change.name or project.name
    project.description = project.description if change.description is None else change.description
    project.statuses = change.statuses or project.statuses
    if change.archived is not None and change.archived != before["archived"]:
        project.archived_at = uow.now if change.archived else None
    project.revision += 1
    after = {"name": project.name, "description": project.description, "archived": project.archived_at is not None}
    changes = {field: [before[field], after[field]] for field in before if before[field] != after[field]}
    tell(uow, "project.changed", project_id=project.id, changes=changes)
    audit.record(uow, "project.changed", project.id, **changes)
    return project


async def _require_unused(uow: UnitOfWork, project: Project, kept: set[str]) -> None:
    gone = [status["key"] for status in project.statuses if status["key"] not in kept]
    if gone and (used := await tasks.used_statuses(uow, project.id, gone)):
        raise StatusInUse(f"Tasks are in {', '.join(sorted(used))}; move them first.")


async def ask_for_room(uow: UnitOfWork, project_id: UUID) -> Project:
    """Have a chat room made for the project, unless it has one. Raises ProjectNotFound, Forbidden for API keys."""
    uow.actor.require(permissions.CHANGE_PROJECTS)
    project = await get_project(uow, project_id)
    if uow.actor.user_id is None:
        raise Forbidden("A room belongs to a person; ask as one, not with an API key.")
    uow.emit(ProjectRoomWanted(uow.tenant_id, project.id, project.name, uow.actor.user_id))
    return project


async def delete_project(uow: UnitOfWork, project_id: UUID) -> None:
    """With all its tasks. Raises ProjectNotFound."""
    uow.actor.require(permissions.CHANGE_PROJECTS)
    project = found(await store.project(uow, project_id, lock=True))
    tell(uow, "project.deleted", project_id=project.id, changes={"name": [project.name, None]})
    audit.record(uow, "project.deleted", project.id, name=project.name, key=project.key)
    await store.remove_project(uow, project_id)


def version_of(project: Project) -> str:
    """Its entity tag."""
    return etag_of(project.id, project.revision)


def found(project: Project | None) -> Project:
    """Raises ProjectNotFound."""
    if project is None:
        raise ProjectNotFound("The organization has no such project; GET /projects lists them.")
    return project
