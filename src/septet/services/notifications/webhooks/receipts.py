"""A notification on the channel `webhook` is delivered when all its webhooks are, and failed when one is given up."""

from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.events import NotificationDelivered, NotificationFailed
from septet.services.notifications.store import outbox, webhooks
from septet.services.notifications.webhooks.publishing import occurrence, publish


async def answer_for_delivery(uow: UnitOfWork, delivery_id: UUID, error: str) -> None:
    statuses = await webhooks.statuses_for(uow, delivery_id)
    if "failed" in statuses:
        settlement = outbox.Settlement(delivery_id, "failed", "failed", "webhook_failed", {"error": error})
    elif all(status == "delivered" for status in statuses):
        settlement = outbox.Settlement(delivery_id, "delivered", "delivered", "accepted_by_endpoint")
    else:
        return
    for row in await outbox.settle(uow, [settlement]):
        where = (uow.tenant_id, row.notification_id, row.id, row.channel, row.recipient)
        failed = settlement.status == "failed"
        event = NotificationFailed(*where, settlement.reason) if failed else NotificationDelivered(*where)
        await publish(uow, [occurrence(uow, event)])
