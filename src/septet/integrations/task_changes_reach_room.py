"""What is assigned, said and finished in a project appears in its room, where it has one."""

from uuid import UUID

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions import automation as chat
from septet.services.tenancy.actions.profiles import profiles
from septet.services.tenancy.actions.tasks import project_of_task
from septet.services.tenancy.events import CommentCreated, TaskAssigned, TaskCompleted


@on(TaskAssigned)
async def tell_assignment(uow: UnitOfWork, event: TaskAssigned) -> None:
    """Whoever has something to do in the project belongs into its room."""
    people = await profiles(uow, [event.assignee_id])
    name = people[event.assignee_id].name if event.assignee_id in people else "somebody"
    if room := await _tell(uow, event.task_id, f"**{event.reference} {event.title}** is now {name}'s task"):
        await chat.add_members(uow, room, [event.assignee_id])


@on(CommentCreated)
async def tell_comment(uow: UnitOfWork, event: CommentCreated) -> None:
    """Its beginning."""
    await _tell(uow, event.task_id, f"{event.author_name} on **{event.reference} {event.title}**: {event.excerpt}")


@on(TaskCompleted)
async def tell_completion(uow: UnitOfWork, event: TaskCompleted) -> None:
    """Not when it is opened again."""
    await _tell(uow, event.task_id, f"**{event.reference} {event.title}** is done")


async def _tell(uow: UnitOfWork, task_id: UUID, text: str) -> UUID | None:
    project = await project_of_task(uow, task_id)
    room = await chat.room_of(uow, f"project:{project}") if project else None
    if room:
        await chat.post_notice(uow, room, text, key=f"task:{uow.event_id}", event="task_changed", taskId=str(task_id))
    return room
