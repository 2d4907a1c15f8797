"""Bring a payment to what the provider says of it: status, ledger and events, in one transaction.

Whoever learns something of a payment (the caller's request, a webhook, recovery, reconciliation) hands the provider's
object in here. What is already known changes nothing, so repeated, late and reordered news converge to one state.
"""

from typing import Any

import stripe

from septet.kernel.uow import UnitOfWork
from septet.services.payments import ledger, store
from septet.services.payments.events import (
    ChargeFailed,
    ChargeSucceeded,
    PaymentFailed,
    PaymentRefunded,
    PaymentSucceeded,
)
from septet.services.payments.ledger import Movement
from septet.services.payments.models import Payment, Refund, Transition
from septet.services.payments.states import CANCELED, Cause, Status, require_transition

WAITING = {
    "requires_payment_method": "requires_payment_method",
    "requires_confirmation": "requires_payment_method",
    "requires_action": "requires_action",
    "processing": "processing",
    "requires_capture": "requires_capture",
}


async def move(uow: UnitOfWork, payment: Payment, status: Status, detail: str, cause: Cause) -> None:
    """Change the status and record it. Raises IllegalTransition."""
    require_transition(Status(payment.status), status, payment.detail)
    number = await store.count_transitions(uow, payment.id) + 1
    await store.add(uow, transition_to(uow, payment, Status(payment.status), status, detail, cause, number))
    payment.status = status
    touch(uow, payment, detail)


def transition_to(
    uow: UnitOfWork, payment: Payment, before: Status | None, after: Status, detail: str, cause: Cause, number: int
) -> Transition:
    return Transition(
        tenant_id=payment.tenant_id,
        payment_id=payment.id,
        number=number,
        from_status=before,
        to_status=after,
        detail=detail,
        cause=cause,
        at=uow.now,
    )


def touch(uow: UnitOfWork, payment: Payment, detail: str) -> None:
    """Note a finer change of state."""
    payment.detail = detail
    payment.revision += 1
    payment.updated_at = uow.now


async def settle(uow: UnitOfWork, payment: Payment, intent: stripe.PaymentIntent, cause: Cause) -> None:
    """Take over the intent's state; `payment` is locked, the intent has its last charge expanded."""
    payment.provider_id = intent.id
    if intent.status == "succeeded":
        await _succeed(uow, payment, intent, cause)
    elif payment.status in (Status.SUCCESS, Status.REFUNDED) or payment.detail == CANCELED:
        return  # older news than what is known
    elif intent.status == "canceled":
        await fail(uow, payment, CANCELED, None, cause)
    elif _is_new_failure(payment, intent):
        payment.last_failure = _charge_id(intent)
        error: Any = intent.last_payment_error
        await fail(uow, payment, "declined", getattr(error, "decline_code", None) or error.code, cause)
    elif payment.status == Status.PENDING:
        payment.next_action_url = _next_action_url(intent)
        touch(uow, payment, WAITING.get(intent.status, "processing"))


async def _succeed(uow: UnitOfWork, payment: Payment, intent: stripe.PaymentIntent, cause: Cause) -> None:
    if payment.status in (Status.SUCCESS, Status.REFUNDED):
        return
    charge: Any = intent.latest_charge
    booked: Any = charge.balance_transaction
    movement = Movement("charge", charge.id, intent.amount_received, intent.currency, booked.fee if booked else 0)
    await book(uow, payment, movement)
    payment.captured_amount = intent.amount_received
    payment.next_action_url = payment.decline_code = None
    await move(uow, payment, Status.SUCCESS, "succeeded", cause)
    uow.emit(
        PaymentSucceeded(payment.tenant_id, payment.id, payment.order_id, payment.captured_amount, payment.currency)
    )
    await tell_payer(uow, payment)


async def tell_payer(uow: UnitOfWork, payment: Payment) -> None:
    """Publish the outcome to the organization whose saved method was charged, if it is such a payment."""
    if payment.payer_id is None:
        return
    about = (payment.payer_id, payment.order_id, payment.id, payment.amount, payment.currency)
    await uow.enter_tenant(payment.payer_id)
    if payment.status == Status.FAILED:
        uow.emit(ChargeFailed(*about, payment.decline_code or payment.detail))
    else:
        uow.emit(ChargeSucceeded(*about))
    await uow.enter_tenant(payment.tenant_id)


async def book(uow: UnitOfWork, payment: Payment, movement: Movement) -> None:
    """Write a movement into the ledger. Raises CurrencyMismatch, OverflowError."""
    await store.add_to_ledger(uow, ledger.entries(payment, movement, uow.new_id(), uow.now))


async def fail(uow: UnitOfWork, payment: Payment, detail: str, decline_code: str | None, cause: Cause) -> None:
    """An attempt was refused, or the payment is given up."""
    payment.decline_code = decline_code
    payment.next_action_url = None
    if payment.status == Status.FAILED:
        touch(uow, payment, detail)
    else:
        await move(uow, payment, Status.FAILED, detail, cause)
    uow.emit(
        PaymentFailed(
            payment.tenant_id, payment.id, payment.order_id, payment.amount, payment.currency, detail, decline_code
        )
    )
    await tell_payer(uow, payment)


async def settle_refund(uow: UnitOfWork, payment: Payment, refund: Refund, made: stripe.Refund, cause: Cause) -> None:
    """Take over a refund that succeeded at the provider; `payment` is locked."""
    if refund.status == "succeeded":
        return
    refund.status, refund.provider_id, refund.failure = "succeeded", made.id, None
    await book(uow, payment, Movement("refund", made.id, made.amount, made.currency))
    payment.refunded_amount += made.amount
    in_full = payment.refunded_amount == payment.captured_amount
    if in_full:
        await move(uow, payment, Status.REFUNDED, "refunded", cause)
    else:
        touch(uow, payment, "partially_refunded")
    uow.emit(
        PaymentRefunded(
            payment.tenant_id,
            payment.id,
            payment.order_id,
            refund.id,
            refund.amount,
            payment.currency,
            payment.refunded_amount,
            in_full,
        )
    )


def _is_new_failure(payment: Payment, intent: stripe.PaymentIntent) -> bool:
    return intent.last_payment_error is not None and _charge_id(intent) != payment.last_failure


def _charge_id(intent: stripe.PaymentIntent) -> str | None:
    charge = intent.latest_charge
    return charge if charge is None or isinstance(charge, str) else charge.id


def _next_action_url(intent: stripe.PaymentIntent) -> str | None:
    action: Any = intent.next_action
    return action.redirect_to_url.url if action and action.type == "redirect_to_url" else None
