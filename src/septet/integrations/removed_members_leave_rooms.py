"""Who leaves an organization leaves its rooms, and hears no more of what is said there."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions import memberships
from septet.services.tenancy.events import MemberRemoved


@on(MemberRemoved)
async def leave_rooms(uow: UnitOfWork, event: MemberRemoved) -> None:
    """End all memberships; each room's gateways are told."""
    await memberships.leave_all_rooms(uow, event.user_id)
