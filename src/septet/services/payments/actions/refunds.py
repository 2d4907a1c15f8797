"""Refunds: never more in total than was captured, however many are asked for at once (the payment is locked)."""

from collections.abc import Sequence
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.payments import permissions, store
from septet.services.payments.actions.operations import begin, carry_out
from septet.services.payments.actions.payments import found
from septet.services.payments.errors import PaymentNotRefundable, RefundExceedsPayment
from septet.services.payments.models import Refund
from septet.services.payments.states import Cause, Status


async def create_refund(uow: UnitOfWork, payment_id: UUID, amount: int | None, reason: str | None) -> Refund:
    """Give money back; a refund whose outcome stays unknown for now is `pending`, and counts as given.

    Raises PaymentNotFound, PaymentNotRefundable, RefundExceedsPayment.
    """
    uow.actor.require(permissions.REFUND_PAYMENTS)
    payment = found(await store.payment(uow, payment_id, lock=True))
    if payment.status not in (Status.SUCCESS, Status.REFUNDED):
        raise PaymentNotRefundable(f"It is {payment.status} ({payment.detail}): nothing was captured.")
    left = payment.captured_amount - await store.refunding(uow, payment_id)
    wanted = left if amount is None else amount
    if wanted > left or wanted == 0:
        raise RefundExceedsPayment(
            f"{left} of {payment.captured_amount} {payment.currency} is left to refund, in its smallest unit.",
            remaining=left,
        )
    refund = Refund(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        payment_id=payment_id,
        amount=wanted,
        reason=reason,
        status="pending",
        created_at=uow.now,
    )
    await store.add(uow, refund)
    operation = await begin(uow, payment, "refund", {"refund_id": str(refund.id)})
    await carry_out(uow, payment_id, operation.id, Cause.CALLER)
    return refund


async def list_refunds(uow: UnitOfWork, payment_id: UUID) -> Sequence[Refund]:
    """Oldest first. Raises PaymentNotFound."""
    uow.actor.require(permissions.READ_PAYMENTS)
    found(await store.payment(uow, payment_id))
    return await store.refunds(uow, payment_id)
