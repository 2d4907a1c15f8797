"""A row in every table of payments. No provider runs in that test, so what it would answer is written here."""

from uuid import UUID

import stripe

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.payments import store
from septet.services.payments.actions.operations import intend
from septet.services.payments.actions.settlement import settle, settle_refund
from septet.services.payments.models import Refund, SavedMethod
from septet.services.payments.states import Cause
from tests.architecture.seeds import SECRET
from tests.platform import Organization, Platform, created


async def seed(platform: Platform, organization: Organization) -> None:
    wanted = {"orderId": SECRET, "amount": 2000, "currency": "USD", "description": SECRET, "metadata": {"note": SECRET}}
    payment_id = UUID(created(await organization.client.post("/payments", json=wanted))["id"])
    async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
        payment = await store.payment(uow, payment_id, lock=True)
        assert payment is not None
        operation = await intend(uow, payment, "confirm", {"payment_method": f"pm_{SECRET}"})
        await store.finish(uow, operation, uow.now)
        await settle(uow, payment, _paid(), Cause.CALLER)
        refund = Refund(
            tenant_id=organization.id, id=uow.new_id(), payment_id=payment_id, amount=500, reason=None,
            status="pending", created_at=uow.now,
        )  # fmt: skip
        await store.add(uow, refund)
        made = stripe.Refund.construct_from({"id": f"re_{SECRET}", "amount": 500, "currency": "usd"}, None)
        await settle_refund(uow, payment, refund, made, Cause.CALLER)
        await store.note_customer(uow, f"cus_{SECRET}")
        method = SavedMethod(
            tenant_id=organization.id, method_id=f"pm_{SECRET}", brand=SECRET, last4="4321", exp_month=12,
            exp_year=2040, saved_at=uow.now,
        )  # fmt: skip
        await store.add(uow, method)
        await store.claim_charge(uow, SECRET, organization.id)
        await uow.commit()


def _paid() -> stripe.PaymentIntent:
    charge = {"object": "charge", "id": f"ch_{SECRET}", "balance_transaction": {"id": f"txn_{SECRET}", "fee": 88}}
    intent = {"id": f"pi_{SECRET}", "status": "succeeded", "amount_received": 2000, "currency": "usd"}
    return stripe.PaymentIntent.construct_from(intent | {"latest_charge": charge}, None)
