"""Webhook endpoints, their secrets, and sending again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from septet.kernel.events import EVENT_TYPES
from septet.kernel.uow import UnitOfWork
from septet.services.notifications import permissions
from septet.services.notifications.errors import (
    UnknownEventType,
    WebhookAddressRefused,
    WebhookDeliveryNotFound,
    WebhookEndpointNotFound,
)
from septet.services.notifications.events import OWN_EVENTS, WebhookPing
from septet.services.notifications.models import WebhookDelivery, WebhookEndpoint
from septet.services.notifications.settings import NotificationsSettings
from septet.services.notifications.store import outbox
from septet.services.notifications.store import webhooks as store
from septet.services.notifications.waking import wake_dispatchers
from septet.services.notifications.webhooks.addresses import AddressRefused, check_url
from septet.services.notifications.webhooks.publishing import HOOK, occurrence, publish, wants
from septet.services.notifications.webhooks.signing import checked_secret, new_secret, seal


async def create_endpoint(
    uow: UnitOfWork, url: str, events: Sequence[str], secret: str | None, description: str
) -> tuple[WebhookEndpoint, str]:
    """The endpoint and its secret. Raises WebhookAddressRefused, UnknownEventType, WebhookSecretInvalid."""
    uow.actor.require(permissions.CHANGE_WEBHOOKS)
    _check(uow, url, events)
    secret = checked_secret(secret) if secret is not None else new_secret()
    endpoint = WebhookEndpoint(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        url=url,
        events=list(events),
        description=description,
        secret=seal(uow.runtime.secrets, secret),
        enabled=True,
        disabled_reason=None,
        created_at=uow.now,
    )
    await store.add_endpoint(uow, endpoint)
    return endpoint, secret


async def change_endpoint(
    uow: UnitOfWork,
    endpoint_id: UUID,
    url: str | None,
    events: Sequence[str] | None,
    description: str | None,
    enabled: bool | None,
) -> WebhookEndpoint:
    """Raises WebhookEndpointNotFound, WebhookAddressRefused, UnknownEventType."""
    uow.actor.require(permissions.CHANGE_WEBHOOKS)
    endpoint = await require_endpoint(uow, endpoint_id, lock=True)
    _check(uow, url or endpoint.url, events or endpoint.events)
    endpoint.url = url or endpoint.url
    endpoint.events = list(events or endpoint.events)
    endpoint.description = endpoint.description if description is None else description
    if enabled is not None and enabled != endpoint.enabled:
        endpoint.enabled, endpoint.failing_since = enabled, None
        endpoint.disabled_reason = None if enabled else "turned off by hand"
    await uow.session.flush()
    return endpoint


async def delete_endpoint(uow: UnitOfWork, endpoint_id: UUID) -> None:
    """With its log, and what waits for it. Raises WebhookEndpointNotFound."""
    uow.actor.require(permissions.CHANGE_WEBHOOKS)
    await require_endpoint(uow, endpoint_id, lock=True)
    await store.remove_endpoint(uow, endpoint_id)


async def rotate_secret(
    uow: UnitOfWork, endpoint_id: UUID, secret: str | None, overlap: timedelta
) -> tuple[WebhookEndpoint, str]:
    """The old secret signs too until `overlap` is over. Raises WebhookEndpointNotFound, WebhookSecretInvalid."""
    uow.actor.require(permissions.CHANGE_WEBHOOKS)
    endpoint = await require_endpoint(uow, endpoint_id, lock=True)
    secret = checked_secret(secret) if secret is not None else new_secret()
    endpoint.previous_secret, endpoint.previous_secret_until = endpoint.secret, uow.now + overlap
    endpoint.secret = seal(uow.runtime.secrets, secret)
    await uow.session.flush()
    return endpoint, secret


async def ping(uow: UnitOfWork, endpoint_id: UUID) -> None:
    """Send a `webhook.ping`, whatever the endpoint's filter. Raises WebhookEndpointNotFound."""
    uow.actor.require(permissions.CHANGE_WEBHOOKS)
    endpoint = await require_endpoint(uow, endpoint_id)
    await publish(uow, [occurrence(uow, WebhookPing(uow.tenant_id, endpoint.id))], only=endpoint.id)


async def retry(uow: UnitOfWork, delivery_id: UUID) -> WebhookDelivery:
    """Send one again, with all its attempts; the `webhook-id` stays. Raises WebhookDeliveryNotFound."""
    uow.actor.require(permissions.CHANGE_WEBHOOKS)
    found = await store.delivery(uow, delivery_id)
    if found is None:
        raise WebhookDeliveryNotFound("GET /webhook-endpoints/{id}/deliveries lists them.")
    await _send_again(uow, found.endpoint_id, [found.id])
    await uow.session.refresh(found)
    return found


async def replay(
    uow: UnitOfWork, endpoint_id: UUID, since: datetime, until: datetime | None, *, only_failed: bool
) -> int:
    """Send a range again, at most 10,000; returns how many. Raises WebhookEndpointNotFound."""
    uow.actor.require(permissions.CHANGE_WEBHOOKS)
    endpoint = await require_endpoint(uow, endpoint_id)
    statuses = ["failed"] if only_failed else ["failed", "delivered"]
    ids = await store.deliveries_between(uow, endpoint.id, since, until or uow.now, statuses)
    await _send_again(uow, endpoint.id, ids)
    return len(ids)


async def require_endpoint(uow: UnitOfWork, endpoint_id: UUID, *, lock: bool = False) -> WebhookEndpoint:
    found = await store.endpoint(uow, endpoint_id, lock=lock)
    if found is None:
        raise WebhookEndpointNotFound("GET /webhook-endpoints lists them.")
    return found


def event_names() -> list[str]:
    """Every event that webhooks can carry."""
    return sorted({t.name for cls, t in EVENT_TYPES.items() if t.public or cls in OWN_EVENTS})


async def _send_again(uow: UnitOfWork, endpoint_id: UUID, ids: Sequence[UUID]) -> None:
    """What is in the outbox already becomes due at once unless it is being sent."""
    await store.requeue(uow, ids)
    await outbox.cancel(uow, ids)
    await outbox.add(uow, HOOK, [(each, str(endpoint_id), uow.now) for each in ids])
    wake_dispatchers(uow, HOOK)


def _check(uow: UnitOfWork, url: str, events: Sequence[str]) -> None:
    allow_private = uow.settings(NotificationsSettings).webhook_allow_private
    try:
        check_url(url, allow_private=allow_private)
    except AddressRefused as error:
        raise WebhookAddressRefused(f"`url` {error}.") from None
    names = event_names()
    for wanted in events:
        if wanted != "*" and not any(wants([wanted], name) for name in names):
            raise UnknownEventType(f"`{wanted}` matches no event; GET /event-types lists them.")
