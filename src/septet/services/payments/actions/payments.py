"""Payments: created, looked up, confirmed, captured, canceled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import stripe
from babel.numbers import list_currencies
from sqlalchemy import RowMapping

from septet.kernel.errors import BadParameter, FieldError
from septet.kernel.uow import UnitOfWork
from septet.services.payments import permissions, store
from septet.services.payments.actions.operations import begin, carry_out
from septet.services.payments.actions.settlement import fail, move, touch, transition_to
from septet.services.payments.actions.turns import my_turn
from septet.services.payments.errors import (
    CaptureExceedsPayment,
    CardDeclined,
    OperationInProgress,
    PaymentNotCancelable,
    PaymentNotCapturable,
    PaymentNotConfirmable,
    PaymentNotFound,
    ProviderUnavailable,
    UnknownCurrency,
)
from septet.services.payments.models import LedgerEntry, Payment, Refund, Transition
from septet.services.payments.processor import OutcomeUnknown, processor_of
from septet.services.payments.schemas import CardMethod, Confirm, PaymentCreate
from septet.services.payments.states import CANCELED, Cause, Status

CURRENCIES = frozenset(code for code in list_currencies() if not code.startswith("X")) | {"XAF", "XCD", "XOF", "XPF"}


@dataclass(frozen=True, slots=True)
class History:
    """A payment with everything that happened to it."""

    payment: Payment
    transitions: Sequence[Transition]
    ledger: Sequence[LedgerEntry]
    refunds: Sequence[Refund]


async def create_payment(uow: UnitOfWork, wanted: PaymentCreate, **more: Any) -> Payment:
    """A new payment. The provider learns of it at its first confirmation, so its outage stops no order.

    `more`: fields that no caller of the API sets. Raises UnknownCurrency.
    """
    uow.actor.require(permissions.TAKE_PAYMENTS)
    if wanted.currency not in CURRENCIES:
        errors = [FieldError("currency", "must be a current ISO 4217 code such as USD")]
        raise UnknownCurrency(f"`{wanted.currency}` is no current currency of ISO 4217.", errors=errors)
    payment = Payment(
        tenant_id=uow.tenant_id,
        order_id=wanted.order_id,
        amount=wanted.amount,
        currency=wanted.currency,
        capture_method=wanted.capture_method,
        status=Status.PENDING,
        detail="requires_payment_method",
        description=wanted.description,
        details=wanted.metadata,
        captured_amount=0,
        refunded_amount=0,
        revision=1,
        created_at=uow.now,
        updated_at=uow.now,
        **{"id": uow.new_id(), **more},
    )
    await store.add(uow, payment)
    await store.add(uow, transition_to(uow, payment, None, Status.PENDING, payment.detail, Cause.CALLER, 1))
    await store.note_merchant(uow)
    return payment


async def get_payment(uow: UnitOfWork, payment_id: UUID) -> Payment:
    """Raises PaymentNotFound."""
    uow.actor.require(permissions.READ_PAYMENTS)
    return found(await store.payment(uow, payment_id))


async def get_history(uow: UnitOfWork, payment_id: UUID) -> History:
    """Raises PaymentNotFound."""
    payment = await get_payment(uow, payment_id)
    return History(
        payment,
        await store.transitions(uow, payment_id),
        await store.ledger(uow, payment_id),
        await store.refunds(uow, payment_id),
    )


def found(payment: Payment | None) -> Payment:
    if payment is None:
        raise PaymentNotFound("The organization has no such payment; GET /payments lists them.")
    return payment


async def list_payments(
    uow: UnitOfWork, status: Status | None, order_id: str | None, limit: int, before: UUID | None
) -> Sequence[Payment]:
    """Newest first."""
    uow.actor.require(permissions.READ_PAYMENTS)
    return await store.payments(uow, status, order_id, limit, before)


async def totals(uow: UnitOfWork, since: datetime, until: datetime) -> Sequence[RowMapping]:
    """Raises BadParameter."""
    uow.actor.require(permissions.READ_PAYMENTS)
    if since >= until:
        raise BadParameter("`from` must be before `to`.")
    return await store.totals(uow, since, until)


async def confirm_payment(uow: UnitOfWork, payment_id: UUID, wanted: Confirm) -> Payment:
    """Attempt the payment; where its outcome stays unknown for now, it is `processing` and the worker finds out.

    Raises PaymentNotFound, PaymentNotConfirmable, OperationInProgress, CardDeclined, ProviderRefused,
    ProviderUnavailable.
    """
    uow.actor.require(permissions.TAKE_PAYMENTS)
    async with await my_turn(uow, payment_id):
        await _require_confirmable(uow, found(await store.payment(uow, payment_id)))
        parameters: dict[str, Any] = {"return_url": wanted.return_url}
        if isinstance(wanted.payment_method, CardMethod):
            parameters["payment_method"] = await _method_of_card(uow, payment_id, wanted.payment_method)
        else:
            parameters["payment_method"] = wanted.payment_method
        payment = found(await store.payment(uow, payment_id, lock=True))
        await _require_confirmable(uow, payment)
        await start_attempt(uow, payment)
        operation = await begin(uow, payment, "confirm", parameters)
    return await carry_out(uow, payment_id, operation.id, Cause.CALLER)


async def start_attempt(uow: UnitOfWork, payment: Payment) -> None:
    """It is attempted, perhaps once more."""
    if payment.status == Status.FAILED:
        await move(uow, payment, Status.PENDING, "processing", Cause.CALLER)
    else:
        touch(uow, payment, "processing")


async def _require_confirmable(uow: UnitOfWork, payment: Payment) -> None:
    if await store.open_operation(uow, payment.id) is not None:
        raise OperationInProgress
    if payment.status not in (Status.PENDING, Status.FAILED) or payment.detail in (CANCELED, "requires_capture"):
        raise PaymentNotConfirmable(f"It is {payment.status} ({payment.detail}).")


async def _method_of_card(uow: UnitOfWork, payment_id: UUID, method: CardMethod) -> str:
    """Exchange the card for an id of the provider. A card that cannot be one fails the payment like a declined one."""
    await uow.commit()  # nothing is held while the provider is asked
    try:
        return await processor_of(uow.runtime).payment_method_of(method.card.given())
    except OutcomeUnknown as error:
        raise ProviderUnavailable(
            "Nothing was charged; send the request again.", headers={"Retry-After": "1"}
        ) from error
    except stripe.CardError as error:
        code = "expired_card" if error.code and error.code.startswith("invalid_expiry") else error.code
        payment = found(await store.payment(uow, payment_id, lock=True))
        await _require_confirmable(uow, payment)
        await fail(uow, payment, "declined", code, Cause.CALLER)
        raise CardDeclined(error.user_message, declineCode=code, paymentId=str(payment_id)) from error


async def capture_payment(uow: UnitOfWork, payment_id: UUID, amount: int | None) -> Payment:
    """Take what was authorized, or less. Raises PaymentNotFound, PaymentNotCapturable, CaptureExceedsPayment, …"""
    uow.actor.require(permissions.TAKE_PAYMENTS)
    payment = found(await store.payment(uow, payment_id, lock=True))
    if await store.open_operation(uow, payment_id) is not None:
        raise OperationInProgress
    if payment.status != Status.PENDING or payment.detail != "requires_capture":
        raise PaymentNotCapturable(
            f"It is {payment.status} ({payment.detail}); only an authorized payment can be captured."
        )
    if amount is not None and amount > payment.amount:
        raise CaptureExceedsPayment(
            f"{payment.amount} was authorized; capture that or less.", authorized=payment.amount
        )
    operation = await begin(uow, payment, "capture", {"amount": amount})
    return await carry_out(uow, payment_id, operation.id, Cause.CALLER)


async def cancel_payment(uow: UnitOfWork, payment_id: UUID) -> Payment:
    """Give it up for good; what was authorized is released. Raises PaymentNotFound, PaymentNotCancelable, …"""
    uow.actor.require(permissions.TAKE_PAYMENTS)
    payment = found(await store.payment(uow, payment_id, lock=True))
    if await store.open_operation(uow, payment_id) is not None:
        raise OperationInProgress
    if payment.status in (Status.SUCCESS, Status.REFUNDED):
        raise PaymentNotCancelable(f"It is {payment.status}; refund it instead.")
    if payment.detail == CANCELED:
        return payment
    if payment.provider_id is None:
        await fail(uow, payment, CANCELED, None, Cause.CALLER)
        return payment
    operation = await begin(uow, payment, "cancel", {})
    return await carry_out(uow, payment_id, operation.id, Cause.CALLER)
