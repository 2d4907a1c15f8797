"""Hands events to the tenant's webhook endpoints: one delivery for each endpoint that wants the event, once.

The envelope is that of Standard Webhooks: `{type, timestamp, data}`.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel

from septet.kernel.events import EVENT_TYPES
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.store import outbox, webhooks
from septet.services.notifications.waking import wake_dispatchers

HOOK = "hook"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event that happened. `id` is the webhook's id too: stable over retries and repetitions."""

    id: UUID
    type: str
    data: dict[str, Any]
    delivery_id: UUID | None = None


def occurrence(uow: UnitOfWork, event: object, delivery_id: UUID | None = None) -> Occurrence:
    return Occurrence(uow.new_id(), EVENT_TYPES[type(event)].name, asdict(event), delivery_id)  # type: ignore[call-overload]


async def publish(uow: UnitOfWork, occurrences: Sequence[Occurrence], only: UUID | None = None) -> set[UUID]:
    """Queue them for every enabled endpoint whose filter matches (or `only` one); returns the ids of those queued."""
    if not occurrences:
        return set()
    endpoints = await webhooks.enabled_endpoints(uow)
    pairs = [
        (endpoint.id, each)
        for endpoint in endpoints
        for each in occurrences
        if (endpoint.id == only if only else wants(endpoint.events, each.type))
    ]
    if not pairs:
        return set()
    rows = [_row(uow, endpoint_id, each) for endpoint_id, each in pairs]
    added = await webhooks.add_deliveries(uow, rows)
    await outbox.add(uow, HOOK, [(delivery_id, str(endpoint_id), uow.now) for delivery_id, endpoint_id in added])
    wake_dispatchers(uow, HOOK)
    return {each.id for _, each in pairs}


def wants(filters: Sequence[str], event_type: str) -> bool:
    """Filters are `*`, a prefix such as `notification.*`, or an event's name."""
    return any(
        event_type == wanted or wanted == "*" or (wanted.endswith(".*") and event_type.startswith(wanted[:-1]))
        for wanted in filters
    )


def _row(uow: UnitOfWork, endpoint_id: UUID, each: Occurrence) -> dict[str, Any]:
    envelope = {"type": each.type, "timestamp": uow.now.isoformat(), "data": on_the_wire(each.data)}
    return {
        "tenant_id": uow.tenant_id,
        "id": uow.new_id(),
        "endpoint_id": endpoint_id,
        "event_id": each.id,
        "event_type": each.type,
        "body": json.dumps(envelope, default=str, ensure_ascii=False),
        "status": "queued",
        "attempts": 0,
        "log": [],
        "delivery_id": each.delivery_id,
        "next_attempt_at": uow.now,
        "created_at": uow.now,
    }


def on_the_wire(data: dict[str, Any]) -> dict[str, Any]:
    """Names as everywhere on the wire."""
    return {to_camel(name): value for name, value in data.items()}
