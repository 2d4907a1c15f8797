"""Projects, their tasks, and what is said and done about them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Computed,
    Date,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from septet.kernel.postgres import TenantOwned
from septet.services.tenancy.models.organizations import Membership, of_organization
from septet.services.tenancy.models.schema import Base, Moment


class Project(TenantOwned, Base):
    """`statuses`: `[{key, name, category}]` in the order of the board. `last_number`: the newest task's."""

    __tablename__ = "projects"
    __table_args__ = (of_organization(), Index(None, "tenant_id", "key", unique=True))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str]
    name: Mapped[str]
    description: Mapped[str]
    statuses: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    last_number: Mapped[int]
    archived_at: Mapped[datetime | None] = mapped_column(Moment)
    revision: Mapped[int]
    created_by: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Task(TenantOwned, Base):
    """`priority`: 0 none, 1 urgent, 2 high, 3 medium, 4 low. `position` sorts as bytes; see `positions`."""

    __tablename__ = "tasks"
    __table_args__ = (
        of_organization(),
        ForeignKeyConstraint(["tenant_id", "project_id"], [Project.tenant_id, Project.id], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["tenancy.tasks.tenant_id", "tenancy.tasks.id"],
            ondelete="SET NULL (parent_id)",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "assignee_id"],
            [Membership.tenant_id, Membership.user_id],
            ondelete="SET NULL (assignee_id)",
        ),
        Index("ix_tasks_number", "tenant_id", "project_id", "number", unique=True),
        Index("ix_tasks_position", "tenant_id", "project_id", "position", unique=True),
        Index("ix_tasks_status", "tenant_id", "project_id", "status", "position"),
        Index("ix_tasks_updated", "tenant_id", "project_id", "updated_at", "id"),
        Index("ix_tasks_assignee", "tenant_id", "assignee_id", postgresql_where=text("assignee_id IS NOT NULL")),
        Index("ix_tasks_parent", "tenant_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    project_id: Mapped[UUID] = mapped_column(Uuid)
    number: Mapped[int]
    parent_id: Mapped[UUID | None] = mapped_column(Uuid)
    title: Mapped[str]
    description: Mapped[str]
    status: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    assignee_id: Mapped[UUID | None] = mapped_column(Uuid)
    due_date: Mapped[date | None] = mapped_column(Date)
    labels: Mapped[list[str]] = mapped_column(ARRAY(Text))
    position: Mapped[str] = mapped_column(Text(collation="C"))
    archived_at: Mapped[datetime | None] = mapped_column(Moment)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)
    revision: Mapped[int]
    created_by: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    search: Mapped[str] = mapped_column(
        TSVECTOR, Computed("to_tsvector('simple', title || ' ' || description)", persisted=True), deferred=True
    )


class TaskLabel(TenantOwned, Base):
    """A task's label once more, where an index finds it: array operators may not use one behind row-level security."""

    __tablename__ = "task_labels"
    __table_args__ = (
        of_organization(),
        ForeignKeyConstraint(["tenant_id", "task_id"], [Task.tenant_id, Task.id], ondelete="CASCADE"),
        Index(None, "tenant_id", "task_id"),
    )

    project_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    label: Mapped[str] = mapped_column(Text, primary_key=True)
    task_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)


class Comment(TenantOwned, Base):
    __tablename__ = "comments"
    __table_args__ = (
        of_organization(),
        ForeignKeyConstraint(["tenant_id", "task_id"], [Task.tenant_id, Task.id], ondelete="CASCADE"),
        Index(None, "tenant_id", "task_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    task_id: Mapped[UUID] = mapped_column(Uuid)
    author_id: Mapped[UUID | None] = mapped_column(Uuid)
    author_name: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)


class Attachment(TenantOwned, Base):
    """A link to something kept elsewhere."""

    __tablename__ = "attachments"
    __table_args__ = (
        of_organization(),
        ForeignKeyConstraint(["tenant_id", "task_id"], [Task.tenant_id, Task.id], ondelete="CASCADE"),
        Index(None, "tenant_id", "task_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    task_id: Mapped[UUID] = mapped_column(Uuid)
    url: Mapped[str]
    title: Mapped[str]
    created_by: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Activity(TenantOwned, Base):
    """What somebody did to a project or task; `changes`: field → [before, after]. Outlives what it tells of."""

    __tablename__ = "activities"
    __table_args__ = (
        of_organization(),
        Index("ix_activities_task", "tenant_id", "task_id", "id", postgresql_where=text("task_id IS NOT NULL")),
        Index("ix_activities_project", "tenant_id", "project_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    actor_name: Mapped[str]
    verb: Mapped[str]
    project_id: Mapped[UUID | None] = mapped_column(Uuid)
    task_id: Mapped[UUID | None] = mapped_column(Uuid)
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
