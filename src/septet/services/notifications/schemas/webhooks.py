"""Webhook endpoints on the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from septet.kernel.wire import Moment, Wire

EventFilter = Annotated[
    str,
    StringConstraints(pattern=r"^(\*|[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*)?)$", max_length=100),
    Field(description="An event's name, a prefix such as `notification.*`, or `*`."),
]
Url = Annotated[
    str, Field(max_length=2000, description="Where webhooks are sent.", examples=["https://example.com/hook"])
]


class EndpointCreate(Wire):
    """A new endpoint."""

    url: Url
    events: list[EventFilter] = Field(["*"], min_length=1, max_length=100, description="Which events it gets.")
    secret: str | None = Field(None, max_length=200, description="`whsec_…` of one's own; made when left away.")
    description: str = Field("", max_length=500, description="What it is for.")


class EndpointChange(Wire):
    """What to change; fields left away stay."""

    url: Url | None = Field(None, description="Where to send webhooks from now on.")
    events: list[EventFilter] | None = Field(None, min_length=1, max_length=100, description="Which events it gets.")
    description: str | None = Field(None, max_length=500, description="What it is for.")
    enabled: bool | None = Field(None, description="Turn it off, or on again after it was disabled.")


class EndpointOut(Wire):
    """A webhook endpoint."""

    id: UUID = Field(description="Its id.")
    url: str = Field(description="Where webhooks are sent.")
    events: list[str] = Field(description="Which events it gets.")
    description: str = Field(description="What it is for.")
    enabled: bool = Field(description="Whether it gets webhooks.")
    disabled_reason: str | None = Field(description="Why it was disabled.")
    public_key: str = Field(description="Verifies `v1a` signatures (Ed25519).")
    created_at: datetime = Field(description="When it was made.")


class EndpointIssued(EndpointOut):
    """An endpoint with its secret, which is shown only now."""

    secret: str = Field(description="Verifies `v1` signatures: `whsec_` and base64.")


class SecretRotate(Wire):
    """How to rotate."""

    secret: str | None = Field(None, max_length=200, description="The next secret; made when left away.")
    overlap_seconds: int = Field(
        86_400, ge=0, le=7 * 86400, description="How long the old secret signs too, in seconds."
    )


class WebhookDeliveryOut(Wire):
    """One event on its way to one endpoint."""

    id: UUID = Field(description="The delivery's id.")
    message_id: str = Field(description="The `webhook-id` header, the same in all attempts.")
    event_type: str = Field(description="The event.")
    status: str = Field(description="queued, delivered or failed.")
    attempts: int = Field(description="How often it was tried since it was queued.")
    next_attempt_at: datetime | None = Field(description="When it is tried again.")
    created_at: datetime = Field(description="When the event happened.")
    body: dict[str, Any] = Field(description="What is sent.")
    log: list[dict[str, Any]] = Field(
        description="Every attempt: at, status, error, durationMs, requestHeaders, responseHeaders, responseBody."
    )


class ReplayRange(Wire):
    """Which deliveries to send again."""

    since: Moment = Field(description="Events from this time.")
    until: Moment | None = Field(None, description="Events before this time; left away: now.")
    only_failed: bool = Field(True, description="Only what was given up, or everything.")


class Replayed(Wire):
    """What is being sent again."""

    count: int = Field(description="How many deliveries; at most 10,000 at once.")


class EventTypeOut(Wire):
    """An event that webhooks can carry."""

    type: str = Field(description="Its name.")
    version: int = Field(description="Its version.")
    description: str = Field(description="What it says.")
    example: dict[str, Any] = Field(description="An example of the body.")
