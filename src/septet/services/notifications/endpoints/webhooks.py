"""`/webhook-endpoints`, `/webhook-deliveries` and `/event-types`."""

import inspect
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query

from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.events import EVENT_TYPES, EventType
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.kernel.uow import UnitOfWork
from septet.services.notifications import permissions
from septet.services.notifications.actions import webhooks as actions
from septet.services.notifications.errors import (
    UnknownEventType,
    WebhookAddressRefused,
    WebhookDeliveryNotFound,
    WebhookEndpointNotFound,
    WebhookSecretInvalid,
)
from septet.services.notifications.models import WebhookDelivery, WebhookEndpoint
from septet.services.notifications.schemas.webhooks import (
    EndpointChange,
    EndpointCreate,
    EndpointIssued,
    EndpointOut,
    EventTypeOut,
    Replayed,
    ReplayRange,
    SecretRotate,
    WebhookDeliveryOut,
)
from septet.services.notifications.store import webhooks as store
from septet.services.notifications.webhooks.publishing import on_the_wire
from septet.services.notifications.webhooks.signing import public_key, unseal

router = Router("notifications", tag="webhooks")
EXAMPLE_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
EXAMPLE_TIME = datetime(2030, 1, 31, 8, 0, tzinfo=UTC)


@router.post(
    "/webhook-endpoints",
    status_code=201,
    summary="Add a webhook endpoint",
    responses=refusals(Unauthenticated, Forbidden, WebhookAddressRefused, UnknownEventType, WebhookSecretInvalid),
)
async def create_endpoint(body: EndpointCreate, uow: TenantUow) -> EndpointIssued:
    endpoint, secret = await actions.create_endpoint(uow, body.url, body.events, body.secret, body.description)
    return EndpointIssued(**_endpoint(uow, endpoint).model_dump(), secret=secret)


@router.get(
    "/webhook-endpoints",
    summary="List the webhook endpoints",
    responses=refusals(Unauthenticated, Forbidden, BadParameter),
)
async def list_endpoints(uow: TenantUow, page: PageQuery) -> Page[EndpointOut]:
    uow.actor.require(permissions.READ_WEBHOOKS)
    after = page.after(UUID)
    found = await store.endpoints(uow, page.fetch, after[0] if after else None)
    return Page.of(found, page, lambda each: (each.id,), lambda each: _endpoint(uow, each))


@router.get(
    "/webhook-endpoints/{endpoint_id}",
    summary="Get a webhook endpoint",
    responses=refusals(Unauthenticated, Forbidden, WebhookEndpointNotFound),
)
async def get_endpoint(endpoint_id: UUID, uow: TenantUow) -> EndpointOut:
    uow.actor.require(permissions.READ_WEBHOOKS)
    return _endpoint(uow, await actions.require_endpoint(uow, endpoint_id))


@router.patch(
    "/webhook-endpoints/{endpoint_id}",
    summary="Change a webhook endpoint",
    responses=refusals(Unauthenticated, Forbidden, WebhookEndpointNotFound, WebhookAddressRefused, UnknownEventType),
)
async def change_endpoint(endpoint_id: UUID, body: EndpointChange, uow: TenantUow) -> EndpointOut:
    changed = await actions.change_endpoint(uow, endpoint_id, body.url, body.events, body.description, body.enabled)
    return _endpoint(uow, changed)


@router.delete(
    "/webhook-endpoints/{endpoint_id}",
    status_code=204,
    summary="Remove a webhook endpoint with its log",
    responses=refusals(Unauthenticated, Forbidden, WebhookEndpointNotFound),
)
async def delete_endpoint(endpoint_id: UUID, uow: TenantUow) -> None:
    await actions.delete_endpoint(uow, endpoint_id)


@router.post(
    "/webhook-endpoints/{endpoint_id}/rotate-secret",
    summary="Rotate the secret; the old one signs too for a while",
    responses=refusals(Unauthenticated, Forbidden, WebhookEndpointNotFound, WebhookSecretInvalid),
)
async def rotate_secret(endpoint_id: UUID, uow: TenantUow, body: SecretRotate | None = None) -> EndpointIssued:
    wish = body or SecretRotate()
    overlap = timedelta(seconds=wish.overlap_seconds)
    endpoint, secret = await actions.rotate_secret(uow, endpoint_id, wish.secret, overlap)
    return EndpointIssued(**_endpoint(uow, endpoint).model_dump(), secret=secret)


@router.post(
    "/webhook-endpoints/{endpoint_id}/ping",
    status_code=202,
    summary="Send a test webhook",
    responses=refusals(Unauthenticated, Forbidden, WebhookEndpointNotFound),
)
async def ping_endpoint(endpoint_id: UUID, uow: TenantUow) -> Replayed:
    await actions.ping(uow, endpoint_id)
    return Replayed(count=1)


@router.get(
    "/webhook-endpoints/{endpoint_id}/deliveries",
    summary="The delivery log: every webhook with its attempts, request and response",
    responses=refusals(Unauthenticated, Forbidden, WebhookEndpointNotFound, BadParameter),
)
async def list_webhook_deliveries(
    endpoint_id: UUID,
    uow: TenantUow,
    page: PageQuery,
    status: Annotated[
        Literal["queued", "delivered", "failed"] | None, Query(description="Only of this status.")
    ] = None,
) -> Page[WebhookDeliveryOut]:
    uow.actor.require(permissions.READ_WEBHOOKS)
    endpoint = await actions.require_endpoint(uow, endpoint_id)
    after = page.after(UUID)
    found = await store.deliveries(uow, endpoint.id, page.fetch, after[0] if after else None, status)
    return Page.of(found, page, lambda each: (each.id,), _delivery)


@router.post(
    "/webhook-endpoints/{endpoint_id}/replay",
    status_code=202,
    summary="Send a range again",
    responses=refusals(Unauthenticated, Forbidden, WebhookEndpointNotFound),
)
async def replay(endpoint_id: UUID, body: ReplayRange, uow: TenantUow) -> Replayed:
    count = await actions.replay(uow, endpoint_id, body.since, body.until, only_failed=body.only_failed)
    return Replayed(count=count)


@router.post(
    "/webhook-deliveries/{delivery_id}/retry",
    status_code=202,
    summary="Send one again",
    responses=refusals(Unauthenticated, Forbidden, WebhookDeliveryNotFound),
)
async def retry_webhook(delivery_id: UUID, uow: TenantUow) -> WebhookDeliveryOut:
    return _delivery(await actions.retry(uow, delivery_id))


@router.get("/event-types", summary="Events that webhooks can carry, with an example of each")
async def list_event_types() -> Page[EventTypeOut]:
    known = {event_type.name: event_type for event_type in EVENT_TYPES.values()}
    return Page(data=[_event_type(known[name]) for name in actions.event_names()], next_cursor=None)


def _endpoint(uow: UnitOfWork, endpoint: WebhookEndpoint) -> EndpointOut:
    secrets = uow.runtime.secrets
    return EndpointOut(
        id=endpoint.id,
        url=endpoint.url,
        events=endpoint.events,
        description=endpoint.description,
        enabled=endpoint.enabled,
        disabled_reason=endpoint.disabled_reason,
        public_key=public_key(secrets, unseal(secrets, endpoint.secret)),
        created_at=endpoint.created_at,
    )


def _delivery(row: WebhookDelivery) -> WebhookDeliveryOut:
    return WebhookDeliveryOut(
        id=row.id,
        message_id=f"msg_{row.event_id.hex}",
        event_type=row.event_type,
        status=row.status,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at if row.status == "queued" else None,
        created_at=row.created_at,
        body=json.loads(row.body),
        log=row.log,
    )


def _event_type(event_type: EventType) -> EventTypeOut:
    schema = event_type.adapter.json_schema()
    data = {name: _example(field, schema) for name, field in schema["properties"].items()}
    envelope = {"type": event_type.name, "timestamp": EXAMPLE_TIME.isoformat(), "data": on_the_wire(data)}
    description = inspect.getdoc(event_type.model) or ""
    return EventTypeOut(type=event_type.name, version=event_type.version, description=description, example=envelope)


def _example(field: dict[str, Any], schema: dict[str, Any]) -> Any:
    """A value of the field's type."""
    if "$ref" in field:
        field = schema["$defs"][field["$ref"].rpartition("/")[2]]
    if "anyOf" in field:
        field = field["anyOf"][0]
    if "enum" in field:
        return field["enum"][0]
    if field.get("format") == "uuid":
        return EXAMPLE_ID
    if field.get("format") == "date-time":
        return EXAMPLE_TIME.isoformat()
    examples: dict[str, Any] = {"integer": 1, "number": 1.5, "boolean": True, "array": [], "object": {}}
    return examples.get(str(field.get("type")), field.get("title", "text"))
