"""Charging an organization's saved payment method for what it owes; the payment is the operator's (see settings).

The intention commits with the caller's transaction, a job carries it out. A charge has one payment for ever, which is
attempted again after a failure: so one reference is charged once, however often that is asked for.
"""

from septet.kernel.jobs import job
from septet.kernel.uow import UnitOfWork
from septet.services.payments import store
from septet.services.payments.actions.operations import Unfinished, carry_out, intend
from septet.services.payments.actions.payments import create_payment, start_attempt
from septet.services.payments.actions.settlement import tell_payer
from septet.services.payments.errors import CardDeclined
from septet.services.payments.events import ChargeFailed
from septet.services.payments.schemas import PaymentCreate
from septet.services.payments.settings import PaymentsSettings
from septet.services.payments.states import CANCELED, Cause, Status


async def charge(uow: UnitOfWork, *, reference: str, amount: int, currency: str, description: str) -> None:
    """Charge the organization; the outcome is published to it as `ChargeSucceeded` or `ChargeFailed`.

    `amount` in the currency's smallest unit. Nothing is committed here. Raises UnknownCurrency, and ValueError for an
    amount that no payment can have.
    """
    method, customer_id = await store.saved_method(uow), await store.customer_id(uow)
    if method is None:
        uow.emit(ChargeFailed(uow.tenant_id, reference, None, amount, currency, "no_payment_method"))
        return
    wanted = PaymentCreate(order_id=reference, amount=amount, currency=currency, description=description)
    claimed = await store.claim_charge(uow, reference, uow.settings(PaymentsSettings).operator_organization)
    await uow.enter_tenant(claimed.merchant_id)
    payment = await store.payment(uow, claimed.payment_id, lock=True)
    if payment is None:
        payer = {"payer_id": claimed.tenant_id, "customer_id": customer_id}
        payment = await create_payment(uow, wanted, id=claimed.payment_id, **payer)
    if payment.status in (Status.SUCCESS, Status.REFUNDED) or payment.detail == CANCELED:
        await tell_payer(uow, payment)
    elif await store.open_operation(uow, payment.id) is None:
        await start_attempt(uow, payment)
        operation = await intend(uow, payment, "confirm", {"payment_method": method.method_id})
        uow.enqueue(carry_out_charge, Unfinished(payment.id, operation.id))
    await uow.enter_tenant(claimed.tenant_id)


@job(max_attempts=60)
async def carry_out_charge(uow: UnitOfWork, unfinished: Unfinished) -> None:
    """Ask the provider for what the charge intends; where that stays unknown, `resume` finds out."""
    operation = await store.operation(uow, unfinished.payment_id, unfinished.operation_id)
    if operation is None or operation.finished_at is not None:
        return
    try:
        await carry_out(uow, unfinished.payment_id, unfinished.operation_id, Cause.CALLER)
    except CardDeclined:
        return  # recorded and published
