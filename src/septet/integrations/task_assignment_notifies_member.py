"""Whoever is given a task is told, unless they took it themselves."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions.notifying import notify
from septet.services.tenancy.actions.profiles import profiles
from septet.services.tenancy.events import TaskAssigned


@on(TaskAssigned)
async def tell_assignee(uow: UnitOfWork, event: TaskAssigned) -> None:
    """In the inbox and by mail, as they prefer."""
    if event.assigned_by is None or event.assigned_by == event.assignee_id:
        return
    assigner = (await profiles(uow, [event.assigned_by])).get(event.assigned_by)
    await notify(
        uow,
        template="tenancy.task_assigned",
        user_id=event.assignee_id,
        data={
            "assignerName": assigner.name if assigner else "",
            "taskTitle": event.title,
            "projectName": event.reference.rpartition("-")[0],
            "link": f"{uow.public_url}/console/tasks/{event.task_id}",
        },
        key=f"assigned:{event.task_id}:{uow.event_id}",
    )
