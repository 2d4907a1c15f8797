"""Typing: told, never stored."""

from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.chat import permissions
from septet.services.chat.actions.access import readable_room
from septet.services.chat.errors import NotAMember
from septet.services.chat.publishing import publish_in_room


async def tell_typing(uow: UnitOfWork, room_id: UUID) -> None:
    """Raises RoomNotFound, Banned, NotAMember."""
    uow.actor.require(permissions.WRITE)
    _, member = await readable_room(uow, room_id)
    if member is None or member.status != "active":
        raise NotAMember
    publish_in_room(uow.runtime, uow.tenant_id, room_id, typing=str(member.user_id))
