"""`/notifications` and `/deliveries`."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query

from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.kernel.uow import UnitOfWork
from septet.services.notifications import permissions
from septet.services.notifications.accepting import acceptor
from septet.services.notifications.actions import forecasting, sending
from septet.services.notifications.errors import (
    DeliveryNotFound,
    MissingData,
    NoChannel,
    NotCancellable,
    NotificationNotFound,
    NotRetryable,
    TemplateNotFound,
    TemplateUnpublished,
)
from septet.services.notifications.models import Delivery, Notification
from septet.services.notifications.schemas.sending import (
    DeliveryOut,
    NotificationAccepted,
    NotificationCreate,
    NotificationOut,
    NotificationPreview,
    TraceEntry,
)
from septet.services.notifications.store import notifications as store

router = Router("notifications")
SHOWN_DELIVERIES = 200


@router.post(
    "/notifications",
    status_code=202,
    summary="Send a notification",
    responses=refusals(Unauthenticated, Forbidden, TemplateNotFound, TemplateUnpublished, MissingData, NoChannel),
)
async def send_notification(body: NotificationCreate, uow: TenantUow) -> NotificationAccepted:
    uow.actor.require(permissions.SEND)
    if body.key is not None or uow.wrote:
        # With an idempotency key, or a key of its own, what is stored must commit with the request's transaction.
        accepted = await sending.accept(uow, body)
    else:
        accepted = await acceptor(uow.runtime).accept(uow.tenant_id, body)
    return accepted_out(accepted)


def accepted_out(accepted: sending.Accepted) -> NotificationAccepted:
    new = accepted.notification
    return NotificationAccepted(
        id=new.id,
        status=new.status,
        recipient_count=new.recipient_count,
        deliveries=[_delivery(each) for each in accepted.deliveries],
    )


@router.post(
    "/notifications/preview",
    summary="Tell what would happen, without sending",
    responses=refusals(Unauthenticated, Forbidden, TemplateNotFound, TemplateUnpublished, NoChannel),
)
async def preview_notification(body: NotificationCreate, uow: TenantUow) -> NotificationPreview:
    return NotificationPreview(deliveries=await forecasting.forecast(uow, body))


@router.get(
    "/notifications", summary="List notifications", responses=refusals(Unauthenticated, Forbidden, BadParameter)
)
async def list_notifications(
    uow: TenantUow,
    page: PageQuery,
    status: Annotated[
        Literal["queued", "scheduled", "expanding", "canceled"] | None, Query(description="Only of this status.")
    ] = None,
) -> Page[NotificationOut]:
    uow.actor.require(permissions.READ)
    after = page.after(UUID)
    found = await store.notifications(uow, page.fetch, after[0] if after else None, status)
    counts = await _counts(uow, [each.id for each in found])
    return Page.of(found, page, lambda each: (each.id,), lambda each: _notification(each, counts.get(each.id, {}), []))


@router.get(
    "/notifications/{notification_id}",
    summary="Get a notification with its trace: what happened to each delivery, and why",
    responses=refusals(Unauthenticated, Forbidden, NotificationNotFound),
)
async def get_notification(notification_id: UUID, uow: TenantUow) -> NotificationOut:
    uow.actor.require(permissions.READ)
    found = await sending.require_notification(uow, notification_id)
    deliveries = await store.deliveries_of(uow, found.id, SHOWN_DELIVERIES)
    counts = await _counts(uow, [found.id])
    return _notification(found, counts.get(found.id, {}), deliveries)


@router.get(
    "/notifications/{notification_id}/deliveries",
    summary="List a notification's deliveries",
    responses=refusals(Unauthenticated, Forbidden, NotificationNotFound, BadParameter),
)
async def list_deliveries_of(notification_id: UUID, uow: TenantUow, page: PageQuery) -> Page[DeliveryOut]:
    uow.actor.require(permissions.READ)
    found = await sending.require_notification(uow, notification_id)
    after = page.after(UUID)
    deliveries = await store.deliveries_of(uow, found.id, page.fetch, after[0] if after else None)
    return Page.of(deliveries, page, lambda each: (each.id,), _delivery)


@router.post(
    "/notifications/{notification_id}/cancel",
    summary="Stop what was not sent yet",
    responses=refusals(Unauthenticated, Forbidden, NotificationNotFound, NotCancellable),
)
async def cancel_notification(notification_id: UUID, uow: TenantUow) -> NotificationOut:
    found = await sending.cancel(uow, notification_id)
    deliveries = await store.deliveries_of(uow, found.id, SHOWN_DELIVERIES)
    return _notification(found, (await _counts(uow, [found.id])).get(found.id, {}), deliveries)


@router.get(
    "/deliveries",
    summary="List deliveries; `?status=failed` shows the dead letters",
    responses=refusals(Unauthenticated, Forbidden, BadParameter),
)
async def list_deliveries(
    uow: TenantUow,
    page: PageQuery,
    status: Annotated[
        Literal["queued", "sent", "delivered", "read", "failed", "suppressed"] | None,
        Query(description="Only of this status."),
    ] = None,
    channel: Annotated[
        Literal["inApp", "email", "push", "webhook"] | None, Query(description="Only of this channel.")
    ] = None,
) -> Page[DeliveryOut]:
    uow.actor.require(permissions.READ)
    after = page.after(UUID)
    found = await store.deliveries_with_status(uow, status, channel, page.fetch, after[0] if after else None)
    return Page.of(found, page, lambda each: (each.id,), _delivery)


@router.post(
    "/deliveries/{delivery_id}/retry",
    summary="Try a failed delivery again",
    responses=refusals(Unauthenticated, Forbidden, DeliveryNotFound, NotRetryable),
)
async def retry_delivery(delivery_id: UUID, uow: TenantUow) -> DeliveryOut:
    return _delivery(await sending.retry(uow, delivery_id))


async def _counts(uow: UnitOfWork, ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    counts: dict[UUID, dict[str, int]] = {}
    for notification_id, status, count in await store.count_by_status(uow, ids):
        counts.setdefault(notification_id, {})[status] = count
    return counts


def _delivery(row: Delivery | store.NewDelivery) -> DeliveryOut:
    if isinstance(row, store.NewDelivery):
        return DeliveryOut(
            id=row.id,
            notification_id=row.notification_id,
            recipient=row.recipient,
            channel=row.channel,
            status="queued",
        )
    return DeliveryOut.model_validate(row)


def _notification(row: Notification, counts: dict[str, int], shown: Sequence[Delivery]) -> NotificationOut:
    settled = row.status == "queued" and counts and not counts.get("queued")
    return NotificationOut(
        id=row.id,
        status="done" if settled else row.status,
        recipient_count=row.recipient_count,
        deliveries=[_delivery(each) for each in shown],
        template=row.template,
        category=row.category,
        channels=row.channels,
        send_at=row.send_at,
        created_at=row.created_at,
        digest_id=row.digest_id,
        counts=counts,
        trace=sorted((entry for each in shown for entry in _trace(each)), key=lambda entry: entry.at),
    )


def _trace(delivery: Delivery) -> list[TraceEntry]:
    """Every delivery begins queued; what follows was written down as it happened."""
    beginning = {"at": delivery.created_at, "outcome": "queued", "reason": "accepted"}
    where = {"recipient": delivery.recipient, "channel": delivery.channel}
    return [TraceEntry.model_validate({**where, **entry}) for entry in [beginning, *delivery.trace]]
