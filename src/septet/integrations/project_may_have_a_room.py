"""A project may have a room, one, open to all members of the organization."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions.automation import ensure_room
from septet.services.tenancy.events import ProjectRoomWanted


@on(ProjectRoomWanted)
async def make_room(uow: UnitOfWork, event: ProjectRoomWanted) -> None:
    """However often it is asked for."""
    subject = f"project:{event.project_id}"
    await ensure_room(uow, subject, name=event.name, owner_id=event.wanted_by, visibility="public")
