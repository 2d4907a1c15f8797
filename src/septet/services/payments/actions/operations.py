"""Operations at the provider: recorded before they are sent, so that a crash at any line leaves something to finish.

`begin` commits the intention together with a recovery point; `carry_out` sends it, and commits its outcome. Whoever
finds a recovery point later carries the same operation out again, under the same idempotency keys: the provider answers
what it answered before, or does it now.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import stripe

from septet.kernel.jobs import job
from septet.kernel.uow import UnitOfWork
from septet.services.payments import store
from septet.services.payments.actions.settlement import fail, settle, settle_refund, touch
from septet.services.payments.errors import CardDeclined, PaymentNotFound, ProviderRefused, RefundExceedsPayment
from septet.services.payments.models import Operation, Payment, RecoveryPoint
from septet.services.payments.processor import OutcomeUnknown, processor_of
from septet.services.payments.states import Cause, Status

SOON = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An operation whose outcome is not known."""

    payment_id: UUID
    operation_id: UUID


async def begin(uow: UnitOfWork, payment: Payment, kind: str, parameters: dict[str, Any]) -> Operation:
    """Record what is about to be asked of the provider, and commit it; nothing is held while the provider is asked."""
    operation = await intend(uow, payment, kind, parameters)
    await uow.commit()
    return operation


async def intend(uow: UnitOfWork, payment: Payment, kind: str, parameters: dict[str, Any]) -> Operation:
    """Record what is to be asked of the provider, together with what the caller's transaction records."""
    operation = Operation(
        tenant_id=payment.tenant_id,
        payment_id=payment.id,
        id=uow.new_id(),
        kind=kind,
        parameters=parameters,
        started_at=uow.now,
    )
    point = RecoveryPoint(
        operation_id=operation.id, merchant_id=payment.tenant_id, payment_id=payment.id, started_at=uow.now
    )
    await store.add(uow, operation, point)
    return operation


async def carry_out(uow: UnitOfWork, payment_id: UUID, operation_id: UUID, cause: Cause) -> Payment:
    """Ask the provider and take over the outcome; where it stays unknown, a job asks again soon.

    Raises CardDeclined, ProviderRefused, RefundExceedsPayment.
    """
    payment, operation = await _unfinished(uow, payment_id, operation_id)
    await uow.commit()
    try:
        answer = await _ask(uow, payment, operation)
    except OutcomeUnknown:
        if cause is Cause.RECOVERY:
            raise
        uow.enqueue(resume, Unfinished(payment_id, operation_id), at=uow.now + SOON)
        return payment
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        answer = error
    payment, operation = await _unfinished(uow, payment_id, operation_id, lock=True)
    if operation.finished_at is None:
        await store.finish(uow, operation, uow.now)
        await _take_over(uow, payment, operation, answer, cause)
    return payment


async def _unfinished(
    uow: UnitOfWork, payment_id: UUID, operation_id: UUID, *, lock: bool = False
) -> tuple[Payment, Operation]:
    payment = await store.payment(uow, payment_id, lock=lock)
    operation = await store.operation(uow, payment_id, operation_id)
    if payment is None or operation is None:
        raise PaymentNotFound
    return payment, operation


async def _ask(uow: UnitOfWork, payment: Payment, operation: Operation) -> Any:
    processor = processor_of(uow.runtime)
    if operation.kind == "refund":
        refund = await store.refund(uow, UUID(operation.parameters["refund_id"]))
        await uow.commit()
        assert refund is not None
        return await processor.refund(payment, refund)
    if operation.kind == "capture":
        return await processor.capture(payment, operation)
    if operation.kind == "cancel":
        return await processor.cancel(payment, operation)
    intent = await processor.intent_of(payment, operation.started_at)
    return await processor.confirm(payment, intent, operation)


async def _take_over(uow: UnitOfWork, payment: Payment, operation: Operation, answer: Any, cause: Cause) -> None:
    if operation.kind == "refund":
        await _take_over_refund(uow, payment, operation, answer, cause)
    elif isinstance(answer, stripe.CardError):
        await _declined(uow, payment, answer, cause)
    elif isinstance(answer, stripe.InvalidRequestError):
        await _refused(uow, payment, answer, cause)
    else:
        await settle(uow, payment, answer, cause)


async def _declined(uow: UnitOfWork, payment: Payment, error: stripe.CardError, cause: Cause) -> None:
    """The error carries the intent, as it was left by the refused attempt."""
    detail: Any = error.error
    await settle(uow, payment, detail.payment_intent, cause)
    raise CardDeclined(
        error.user_message, declineCode=payment.decline_code, providerCode=error.code, paymentId=str(payment.id)
    )


async def _refused(uow: UnitOfWork, payment: Payment, error: stripe.InvalidRequestError, cause: Cause) -> None:
    """The provider did not even try. Perhaps the payment is further on there than here: then that is taken over."""
    detail: Any = error.error
    intent_id = payment.provider_id or getattr(getattr(detail, "payment_intent", None), "id", None)
    if intent_id is not None:
        with suppress(stripe.InvalidRequestError):  # the provider may have forgotten it altogether
            await settle(uow, payment, await processor_of(uow.runtime).retrieve(intent_id), cause)
    if payment.status == Status.PENDING and payment.detail == "processing":
        touch(uow, payment, "requires_payment_method")
    if payment.status == Status.PENDING and payment.payer_id is not None:
        await fail(uow, payment, "refused", error.code, cause)
    elif payment.status == Status.PENDING:
        raise ProviderRefused(error.user_message or str(error), providerCode=error.code, paymentId=str(payment.id))


async def _take_over_refund(uow: UnitOfWork, payment: Payment, operation: Operation, answer: Any, cause: Cause) -> None:
    refund = await store.refund(uow, UUID(operation.parameters["refund_id"]))
    assert refund is not None
    if not isinstance(answer, stripe.StripeError):
        await settle_refund(uow, payment, refund, answer, cause)
    elif refund.status == "pending":
        refund.status, refund.failure = "failed", answer.user_message or str(answer)
        raise RefundFailed(f"The provider refused: {refund.failure}")


class RefundFailed(RefundExceedsPayment):
    """Money was given back elsewhere meanwhile; the refund is recorded as failed."""

    keeps_changes = True


@job(max_attempts=60)
async def resume(uow: UnitOfWork, unfinished: Unfinished) -> None:
    """Find out what became of an operation, and finish it; tried again until the provider answers."""
    operation = await store.operation(uow, unfinished.payment_id, unfinished.operation_id)
    if operation is None or operation.finished_at is not None:
        return
    try:
        await carry_out(uow, unfinished.payment_id, unfinished.operation_id, Cause.RECOVERY)
    except (CardDeclined, ProviderRefused, RefundFailed):
        return  # recorded; there is nobody to tell
