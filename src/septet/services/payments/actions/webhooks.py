"""What the provider's events mean to us. An event is a hint to look: the provider is asked for the state as it is now.

So order, repetition and age of events do not matter. One whose news is known already asks nothing. Types that nothing
follows from are kept by the intake and never come here.
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import stripe
from sqlalchemy import select

from septet.kernel.jobs import job
from septet.kernel.uow import UnitOfWork
from septet.services.payments import store
from septet.services.payments.actions.synchronization import synchronize
from septet.services.payments.models import Payment, WebhookEvent
from septet.services.payments.processor import metadata_of, processor_of
from septet.services.payments.states import Cause, Status

Json = dict[str, Any]
FOLLOWED = (
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.requires_action",
    "payment_intent.amount_capturable_updated",
    "charge.refunded",
)
KEPT = ("charge.dispute.created", "charge.dispute.closed")  # wanted for the record; nothing follows from them


@dataclass(frozen=True, slots=True)
class Arrived:
    """A stored event to process."""

    event_id: str


@job(max_attempts=60)
async def process_event(uow: UnitOfWork, arrived: Arrived) -> None:
    """Take over what an event tells."""
    event: WebhookEvent | None = await uow.session.scalar(
        select(WebhookEvent).where(WebhookEvent.id == arrived.event_id).with_for_update()
    )
    if event is None or event.processed_at is not None:
        return
    try:
        event.outcome = await _process(uow, event)
    except stripe.InvalidRequestError:
        event.outcome = "gone"  # the provider has forgotten what it told of
    event.processed_at = uow.now


async def _process(uow: UnitOfWork, event: WebhookEvent) -> str:
    subject = _subject(event)
    owner = await _owner(uow, subject)
    if owner is None:
        return "not ours"
    await uow.enter_tenant(owner[0])
    payment = await store.payment(uow, owner[1])
    if payment is None:
        return "not ours"
    if _is_known(payment, event.type, subject):
        return "known already"
    await synchronize(uow, payment.id, Cause.WEBHOOK)
    return "taken over"


def _subject(event: WebhookEvent) -> Json:
    """What it is about; nothing, where a signed body is no event after all."""
    data = json.loads(event.payload).get("data")
    found = data.get("object") if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


async def _owner(uow: UnitOfWork, subject: Json) -> tuple[UUID, UUID] | None:
    """Tenant and payment, from what we wrote into the intent's metadata; the event is signed, so it can be believed."""
    metadata = subject.get("metadata") or {}
    if "paymentId" not in metadata and isinstance(subject.get("payment_intent"), str):
        metadata = metadata_of(await processor_of(uow.runtime).retrieve(subject["payment_intent"]))
    return owner_in(metadata)


def owner_in(metadata: Any) -> tuple[UUID, UUID] | None:
    """(tenant, payment) as our metadata names them."""
    try:
        return UUID(metadata["tenantId"]), UUID(metadata["paymentId"])
    except (KeyError, ValueError, TypeError):
        return None


def _is_known(payment: Payment, event_type: str, subject: Json) -> bool:
    match event_type:
        case "payment_intent.succeeded":
            return payment.status in (Status.SUCCESS, Status.REFUNDED)
        case "payment_intent.payment_failed":
            return payment.last_failure is not None and subject.get("latest_charge") == payment.last_failure
        case "payment_intent.canceled":
            return payment.detail == "canceled"
        case "charge.refunded":
            released = payment.amount - payment.captured_amount
            return bool(subject.get("amount_refunded") == payment.refunded_amount + released)
        case _:
            return payment.detail == subject.get("status")
