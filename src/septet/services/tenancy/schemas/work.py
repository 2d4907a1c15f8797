"""Projects, tasks and what is said about them, on the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator

from septet.kernel.wire import Day, LongText, ShortText, Wire
from septet.services.tenancy.statuses import Category

PRIORITIES = ("none", "urgent", "high", "medium", "low")
Priority = Literal["none", "urgent", "high", "medium", "low"]
ProjectKey = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,9}$"),
    Field(description="1 to 10 capital letters and digits, with which task references begin.", examples=["OPS"]),
]
StatusKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2048)]


class Status(Wire):
    """A column of the project's board."""

    key: StatusKey = Field(description="What tasks carry.", examples=["in_progress"])
    name: ShortText = Field(description="What people read.")
    category: Category = Field(description="backlog, unstarted, started, completed or canceled.")


class ProjectCreate(Wire):
    """A new project."""

    name: ShortText = Field(description="Its name.", examples=["Operations"])
    key: ProjectKey | None = Field(None, description="With which task references begin; made from the name if absent.")
    description: LongText = Field("", description="Markdown.")


class ProjectChange(Wire):
    """What to change; fields left away stay."""

    name: ShortText | None = Field(None, description="Its new name.")
    description: LongText | None = Field(None, description="Markdown.")
    statuses: list[Status] | None = Field(None, min_length=1, max_length=30, description="All columns, in order.")
    archived: bool | None = Field(None, description="True archives it: tasks can be read, not created or moved.")

    @field_validator("statuses")
    @classmethod
    def _keys_differ(cls, statuses: list[Status] | None) -> list[Status] | None:
        if statuses and len({status.key for status in statuses}) < len(statuses):
            raise ValueError("every status needs a `key` of its own")
        return statuses


class ProjectOut(Wire):
    """A project."""

    id: UUID = Field(description="The project's id.")
    key: str = Field(description="With which task references begin.")
    name: str = Field(description="Its name.")
    description: str = Field(description="Markdown.")
    statuses: list[Status] = Field(description="The columns of its board, in order.")
    archived_at: datetime | None = Field(description="When it was archived; null: it is in use.")
    created_at: datetime = Field(description="When it was created.")


class TaskFields(Wire):
    """What a task may carry."""

    description: LongText | None = Field(None, description="Markdown.")
    status: StatusKey | None = Field(None, description="A status of the project.")
    priority: Priority | None = Field(None, description="none, urgent, high, medium or low.")
    assignee_id: UUID | None = Field(None, description="A member's id.")
    due_date: Day | None = Field(None, description="A day (RFC 3339 full-date).")
    labels: list[Label] | None = Field(None, max_length=50, description="Labels, each once.")
    parent_id: UUID | None = Field(None, description="The task of which this one is a part.")

    def columns(self) -> dict[str, Any]:
        """The fields that were sent, by column; null clears, where a field can be empty."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        if "priority" in sent:
            sent["priority"] = PRIORITIES.index(sent["priority"] or "none")
        if "description" in sent:
            sent["description"] = sent["description"] or ""
        return {name: value for name, value in sent.items() if value is not None or name not in ("status", "title")}


class TaskCreate(TaskFields):
    """A new task."""

    title: ShortText = Field(description="What is to be done.")


class TaskChange(TaskFields):
    """What to change; fields left away stay, null clears."""

    title: ShortText | None = Field(None, description="What is to be done.")
    archived: bool | None = Field(None, description="True archives the task, false restores it.")


class TaskBulkChange(Wire):
    """One change to several tasks: all or none."""

    ids: list[UUID] = Field(min_length=1, max_length=200, description="The tasks.")
    change: TaskChange = Field(description="What to change.")


class TaskMove(Wire):
    """Where to put a task; neither anchor: at the end."""

    before_id: UUID | None = Field(None, description="The task before which it goes.")
    after_id: UUID | None = Field(None, description="The task after which it goes.")
    status: StatusKey | None = Field(None, description="The column into which it goes.")


class TaskOut(Wire):
    """A task."""

    id: UUID = Field(description="The task's id.")
    project_id: UUID = Field(description="Its project.")
    key: str = Field(description="What people call it.", examples=["OPS-42"])
    number: int = Field(description="Its number in the project.")
    title: str = Field(description="What is to be done.")
    description: str = Field(description="Markdown.")
    status: str = Field(description="A status of the project.")
    priority: Priority = Field(description="none, urgent, high, medium or low.")
    assignee_id: UUID | None = Field(description="Whose it is; null: nobody's.")
    due_date: date | None = Field(description="When it should be done.")
    labels: list[str] = Field(description="Its labels.")
    parent_id: UUID | None = Field(description="The task of which it is a part.")
    created_by: UUID | None = Field(description="Who made it; null for an API key.")
    created_at: datetime = Field(description="When it was made.")
    updated_at: datetime = Field(description="When it was last changed.")
    completed_at: datetime | None = Field(description="When it was completed or canceled.")
    archived_at: datetime | None = Field(description="When it was archived; null: it is in use.")
    etag: str = Field(description="Its version; send it as `If-Match` to change only this one.")


class CommentWrite(Wire):
    """What to say."""

    body: Annotated[str, StringConstraints(min_length=1, max_length=20_000)] = Field(description="Markdown.")


class CommentOut(Wire):
    """A comment."""

    id: UUID = Field(description="The comment's id.")
    task_id: UUID = Field(description="On which task.")
    author_id: UUID | None = Field(description="Who said it.")
    author_name: str = Field(description="Their name at that time.")
    body: str = Field(description="Markdown.")
    created_at: datetime = Field(description="When.")
    edited_at: datetime | None = Field(description="When it was last changed; null for never.")


class AttachmentCreate(Wire):
    """A link to something kept elsewhere."""

    url: Url = Field(description="Where it is (http or https).")
    title: ShortText = Field(description="What it is.")


class AttachmentOut(Wire):
    """A link on a task."""

    id: UUID = Field(description="The attachment's id.")
    url: str = Field(description="Where it is.")
    title: str = Field(description="What it is.")
    created_by: UUID | None = Field(description="Who added it.")
    created_at: datetime = Field(description="When.")


class ActivityOut(Wire):
    """Something that was done."""

    id: UUID = Field(description="The entry's id; entries sort by it.")
    at: datetime = Field(description="When.")
    actor_id: UUID | None = Field(description="By whom.")
    actor_name: str = Field(description="Their name at that time.")
    verb: str = Field(description="What, for example `task.changed`.")
    project_id: UUID | None = Field(description="In which project.")
    task_id: UUID | None = Field(description="To which task.")
    changes: dict[str, list[Any]] = Field(description="Field → [before, after].")
