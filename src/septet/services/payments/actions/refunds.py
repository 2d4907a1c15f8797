"""Refunds: never more in total than was captured, however many are asked for at once (the payment is locked)."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from septet.kernel.errors import IdempotencyKeyReused, RequestInFlight
from septet.kernel.uow import UnitOfWork
from septet.services.payments import permissions, store
from septet.services.payments.actions.operations import begin, carry_out
from septet.services.payments.actions.payments import found
from septet.services.payments.actions.turns import my_turn
from septet.services.payments.errors import PaymentNotRefundable, RefundExceedsPayment
from septet.services.payments.models import Payment, Refund
from septet.services.payments.states import Cause, Status

KEPT = timedelta(hours=24)


async def create_refund(
    uow: UnitOfWork, payment_id: UUID, amount: int | None, reason: str | None, key: str | None
) -> Refund:
    """Give money back; a refund whose outcome stays unknown for now is `pending`, and counts as given.

    `key`: the caller's idempotency key. The kernel remembers an answer; the refund remembers its key from before the
    provider is asked, so that repeating a request whose process was killed does not give twice.
    Raises PaymentNotFound, PaymentNotRefundable, RefundExceedsPayment, RequestInFlight, IdempotencyKeyReused.
    """
    uow.actor.require(permissions.REFUND_PAYMENTS)
    async with await my_turn(uow, payment_id):
        payment = found(await store.payment(uow, payment_id, lock=True))
        if key is not None and (known := await store.refund_of_key(uow, payment_id, key, uow.now - KEPT)) is not None:
            return _repeated(known, amount, reason)
        refund = await _new_refund(uow, payment, amount, reason, key)
        operation = await begin(uow, payment, "refund", {"refund_id": str(refund.id)})
    await carry_out(uow, payment_id, operation.id, Cause.CALLER)
    return refund


def _repeated(known: Refund, amount: int | None, reason: str | None) -> Refund:
    if known.status == "pending":
        raise RequestInFlight
    if amount not in (None, known.amount) or reason != known.reason:
        raise IdempotencyKeyReused("This `Idempotency-Key` was used for a different refund; choose a new one.")
    return known


async def _new_refund(
    uow: UnitOfWork, payment: Payment, amount: int | None, reason: str | None, key: str | None
) -> Refund:
    """`payment` is locked."""
    if payment.status not in (Status.SUCCESS, Status.REFUNDED):
        raise PaymentNotRefundable(f"It is {payment.status} ({payment.detail}): nothing was captured.")
    left = payment.captured_amount - await store.refunding(uow, payment.id)
    wanted = left if amount is None else amount
    if wanted > left or wanted == 0:
        raise RefundExceedsPayment(
            f"{left} of {payment.captured_amount} {payment.currency} is left to refund, in its smallest unit.",
            remaining=left,
        )
    refund = Refund(
        tenant_id=payment.tenant_id,
        id=uow.new_id(),
        payment_id=payment.id,
        amount=wanted,
        reason=reason,
        status="pending",
        idempotency_key=key,
        created_at=uow.now,
    )
    await store.add(uow, refund)
    return refund


async def list_refunds(uow: UnitOfWork, payment_id: UUID) -> Sequence[Refund]:
    """Oldest first. Raises PaymentNotFound."""
    uow.actor.require(permissions.READ_PAYMENTS)
    found(await store.payment(uow, payment_id))
    return await store.refunds(uow, payment_id)
