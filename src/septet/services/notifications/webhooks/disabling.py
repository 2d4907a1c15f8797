"""Turning an endpoint off that does not want or cannot take webhooks, and telling those who can mend it."""

from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.events import WebhookDisabled
from septet.services.notifications.models import Notification
from septet.services.notifications.people import directory
from septet.services.notifications.store import notifications, webhooks
from septet.services.notifications.waking import wake_dispatchers
from septet.services.notifications.webhooks.publishing import occurrence, publish

TEMPLATE, CATEGORY = "webhooks.endpoint_disabled", "alerts"
CHANNELS = ["inApp", "email"]


async def disable_endpoint(uow: UnitOfWork, endpoint_id: UUID, reason: str) -> None:
    """What waits for it stays in its log as failed and can be replayed once it is enabled again."""
    endpoint = await webhooks.endpoint(uow, endpoint_id, lock=True)
    if endpoint is None or not endpoint.enabled:
        return
    endpoint.enabled, endpoint.disabled_reason = False, reason
    await uow.session.flush()
    event = WebhookDisabled(uow.tenant_id, endpoint_id, endpoint.url, reason)
    await publish(uow, [occurrence(uow, event)])
    await _tell_administrators(uow, endpoint.url, reason)


async def _tell_administrators(uow: UnitOfWork, url: str, reason: str) -> None:
    administrators = await directory().administrators(uow)
    if not administrators:
        return
    notice = Notification(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        template=TEMPLATE,
        data={"url": url, "reason": reason},
        category=CATEGORY,
        channels=CHANNELS,
        status="queued",
        send_at=uow.now,
        recipient_count=len(administrators),
        created_at=uow.now,
    )
    await notifications.add_notifications(uow, [notice])
    deliveries = [
        notifications.NewDelivery(uow.new_id(), notice.id, channel, str(user_id), user_id, None, CATEGORY, uow.now)
        for user_id in administrators
        for channel in CHANNELS
    ]
    await notifications.add_deliveries(uow, deliveries)
    wake_dispatchers(uow, *CHANNELS)
