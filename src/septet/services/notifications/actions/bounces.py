"""Bounces and complaints: hard ones suppress the address, and the delivery's trace tells of all."""

from collections.abc import Sequence
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.notifications import permissions
from septet.services.notifications.errors import SuppressionNotFound
from septet.services.notifications.events import (
    NotificationAddressSuppressed,
    NotificationDelivered,
    NotificationFailed,
)
from septet.services.notifications.schemas.preferences import MailEvent
from septet.services.notifications.store import notifications, outbox
from septet.services.notifications.store import recipients as store
from septet.services.notifications.store.outbox import Settlement
from septet.services.notifications.webhooks.publishing import occurrence, publish

SUPPRESSING = {"bounce": "hard_bounce", "complaint": "complaint"}


async def take_reports(uow: UnitOfWork, reports: Sequence[MailEvent]) -> tuple[int, int]:
    """How many addresses are newly suppressed, and how many deliveries' traces were continued."""
    uow.actor.require(permissions.SEND)
    suppressed = recorded = 0
    for report in reports:
        if report.type in SUPPRESSING and report.permanent:
            suppressed += await suppress(uow, report.email, SUPPRESSING[report.type], report.detail)
        if report.delivery_id is not None:
            recorded += await _record(uow, report, report.delivery_id)
    return suppressed, recorded


async def suppress(uow: UnitOfWork, email: str, reason: str, detail: str) -> bool:
    """Send nothing more to the address; whether that is new."""
    uow.actor.require(permissions.SEND)
    if not await store.add_suppression(uow, email, reason, detail):
        return False
    event = NotificationAddressSuppressed(uow.tenant_id, email, reason)
    await publish(uow, [occurrence(uow, event)])
    return True


async def allow_again(uow: UnitOfWork, email: str) -> None:
    """Raises SuppressionNotFound."""
    uow.actor.require(permissions.SEND)
    if not await store.remove_suppression(uow, email):
        raise SuppressionNotFound("GET /suppressions lists the addresses that are.")


async def _record(uow: UnitOfWork, report: MailEvent, delivery_id: UUID) -> bool:
    delivery = await notifications.delivery(uow, delivery_id, lock=True)
    if delivery is None or delivery.channel != "email" or delivery.status not in ("sent", "delivered"):
        return False
    detail = {"provider": report.detail} if report.detail else None
    if report.type == "delivered":
        settlement = Settlement(delivery_id, "delivered", "delivered", "reported_by_provider", detail)
    elif report.type == "bounce" and report.permanent:
        settlement = Settlement(delivery_id, "failed", "failed", "hard_bounce", detail)
    else:
        reason = "complaint" if report.type == "complaint" else "soft_bounce"
        settlement = Settlement(delivery_id, delivery.status, "sent", reason, detail)
    for row in await outbox.settle(uow, [settlement]):
        where = (uow.tenant_id, row.notification_id, row.id, row.channel, row.recipient)
        if settlement.outcome == "delivered":
            await publish(uow, [occurrence(uow, NotificationDelivered(*where))])
        elif settlement.outcome == "failed":
            await publish(uow, [occurrence(uow, NotificationFailed(*where, settlement.reason))])
    return True
