"""Bring a payment up to date with the provider: its intent, and refunds that were made elsewhere."""

from uuid import UUID

import stripe

from septet.kernel.uow import UnitOfWork
from septet.services.payments import store
from septet.services.payments.actions.payments import found
from septet.services.payments.actions.settlement import settle, settle_refund
from septet.services.payments.models import Payment, Refund
from septet.services.payments.processor import metadata_of, processor_of
from septet.services.payments.states import Cause, Status


async def synchronize(uow: UnitOfWork, payment_id: UUID, cause: Cause) -> Payment:
    """Ask, then take over under the payment's lock. Raises OutcomeUnknown, stripe.StripeError, PaymentNotFound."""
    payment = found(await store.payment(uow, payment_id))
    processor = processor_of(uow.runtime)
    if payment.provider_id is None:
        payment.provider_id = (await processor.intent_of(payment, payment.created_at)).id
    intent = await processor.retrieve(payment.provider_id)
    made = await processor.refunds(payment) if intent.status == "succeeded" else []
    payment = found(await store.payment(uow, payment_id, lock=True))
    await settle(uow, payment, intent, cause)
    if payment.status == Status.SUCCESS:
        for each in made:
            await _take_over_refund(uow, payment, each, cause)
    return payment


async def _take_over_refund(uow: UnitOfWork, payment: Payment, made: stripe.Refund, cause: Cause) -> None:
    known = {refund.provider_id: refund for refund in await store.refunds(uow, payment.id)}
    if made.status != "succeeded" or made.id in known:
        return
    refund = await _asked_for_here(uow, made)
    if refund is None:
        refund = Refund(
            tenant_id=payment.tenant_id,
            id=uow.new_id(),
            payment_id=payment.id,
            amount=made.amount,
            reason=made.reason,
            status="pending",
            created_at=uow.now,
        )
        await store.add(uow, refund)
    await settle_refund(uow, payment, refund, made, cause)


async def _asked_for_here(uow: UnitOfWork, made: stripe.Refund) -> Refund | None:
    """Our own refund that it carries out; None for one made at the provider."""
    try:
        refund_id = UUID(metadata_of(made).get("refundId", ""))
    except ValueError:
        return None
    return await store.refund(uow, refund_id)
