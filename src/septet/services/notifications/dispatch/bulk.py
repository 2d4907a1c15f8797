"""Bulk notifications: their recipients become deliveries in the background, some thousand in a transaction."""

from collections.abc import Sequence
from uuid import UUID

from septet.services.notifications.actions.sending import expand
from septet.services.notifications.dispatch.worker import Desk
from septet.services.notifications.store import outbox

EXPANDED_AT_ONCE = 2000


async def expand_recipients(desk: Desk, tenant_id: UUID, notification_ids: Sequence[UUID]) -> None:
    for notification_id in notification_ids:
        more = True
        while more:
            async with desk.transaction(tenant_id) as uow:
                more = await expand(uow, notification_id, EXPANDED_AT_ONCE)
                if not more:
                    await outbox.finish(uow, desk.number, [notification_id])
