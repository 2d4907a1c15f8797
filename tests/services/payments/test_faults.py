"""When the provider misbehaves: the outcome is found out, and found once."""

import asyncio
import os
import random
from typing import Any

import pytest
from tests.platform import problem
from tests.services.payments.conftest import Shop

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "2"))
FIRST_SEED = int(os.environ.get("SOAK_SEED", "1"))
REQUEST_FAULTS = (
    "timeout_after_success",
    "error_before_commit",
    "error_after_commit",
    "rate_limited",
    "connection_reset",
)
WEBHOOK_FAULTS = (
    "webhook_delayed",
    "webhook_duplicated",
    "webhook_reordered",
    "webhook_dropped",
    "webhook_bad_signature",
    "webhook_altered",
)


async def settled(shop: Shop, payment_id: str) -> dict[str, Any]:
    """The payment once no operation on it is open; time passes until then."""
    for _ in range(20):
        payment = await shop.get(payment_id)
        if payment["detail"] != "processing" and all(each["status"] != "pending" for each in payment["refunds"]):
            return payment
        await shop.platform.advance(20)
    raise AssertionError(payment)


@pytest.mark.parametrize("operation", ["payment_intents.create", "payment_intents.confirm"])
@pytest.mark.parametrize("kind", REQUEST_FAULTS)
async def test_one_fault_costs_one_charge(own_shop: Shop, kind: str, operation: str) -> None:
    await own_shop.fault(kind, operation, next=1, delayMs=50)
    payment = await own_shop.create()
    assert (await own_shop.confirm(payment["id"])).status_code == 200
    after = await settled(own_shop, payment["id"])
    assert after["status"] == "SUCCESS"
    assert len(await own_shop.charges(payment)) == 1


@pytest.mark.parametrize("kind", REQUEST_FAULTS)
async def test_one_fault_costs_one_refund(own_shop: Shop, kind: str) -> None:
    payment = await own_shop.paid(1000)
    await own_shop.fault(kind, "refunds.create", next=1, delayMs=50)
    answer = await own_shop.client.post(f"/payments/{payment['id']}/refunds", json={"amount": 600})
    assert answer.status_code == 201, answer.text
    after = await settled(own_shop, payment["id"])
    assert (after["refundedAmount"], [each["status"] for each in after["refunds"]]) == (600, ["succeeded"])
    (charge,) = await own_shop.charges(payment)
    assert charge["amount_refunded"] == 600


async def test_an_outage_leaves_the_payment_processing_until_the_worker_asks(own_shop: Shop) -> None:
    await own_shop.fault("connection_reset", "payment_intents.confirm", next=4)
    payment = await own_shop.create()
    waiting = (await own_shop.confirm(payment["id"])).json()
    assert (waiting["status"], waiting["detail"]) == ("PENDING", "processing")
    problem(await own_shop.confirm(payment["id"]), 409, "operation_in_progress")
    after = await settled(own_shop, payment["id"])
    assert (after["status"], after["transitions"][-1]["cause"]) == ("SUCCESS", "recovery")


async def test_what_a_killed_process_left_is_finished(own_shop: Shop) -> None:
    """The request is cut off after its intention is committed, as by a kill."""
    payment = await own_shop.create()
    await own_shop.fault("latency", "payment_intents.confirm", next=1, delayMs=1500)
    cut_off = asyncio.create_task(own_shop.confirm(payment["id"]))
    while (await own_shop.get(payment["id"]))["detail"] != "processing":
        await asyncio.sleep(0.01)
    cut_off.cancel()
    await own_shop.platform.advance(20)
    after = await settled(own_shop, payment["id"])
    assert (after["status"], after["transitions"][-1]["cause"]) == ("SUCCESS", "recovery")
    assert len(await own_shop.charges(payment)) == 1


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + ROUNDS))
async def test_chaos_converges(own_shop: Shop, seed: int) -> None:
    """Random work under every fault at once; afterwards payments, ledger, provider and reconciliation agree."""
    chance = random.Random(seed)
    for kind in REQUEST_FAULTS:
        await own_shop.fault(kind, probability=0.06, seed=seed, delayMs=20)
    for kind in WEBHOOK_FAULTS:
        await own_shop.fault(kind, probability=0.15, seed=seed, delayMs=200)
    payments = await asyncio.gather(*(_work(own_shop, random.Random(chance.random())) for _ in range(8)))
    await own_shop.provider.delete("/simulator/faults")
    for payment_id in payments:
        await settled(own_shop, payment_id)
    await own_shop.platform.advance(3600)
    for payment_id in payments:
        await _agrees(own_shop, payment_id)
    report = await own_shop.reconciliation()
    assert report["discrepancies"] == []
    balances = (await own_shop.client.get("/payments/balances")).json()["data"]
    assert sum(each["balance"] for each in balances) == 0


async def _work(shop: Shop, chance: random.Random) -> str:
    """One payment with some confirms and refunds, whose answers are not looked at."""
    payment_id = str((await shop.create(chance.randint(100, 5000)))["id"])
    methods = ["pm_card_visa", "pm_card_visa", "pm_card_chargeDeclined"]
    for _ in range(chance.randint(1, 3)):
        await shop.confirm(payment_id, paymentMethod=chance.choice(methods))
    for _ in range(chance.randint(0, 3)):
        await shop.client.post(f"/payments/{payment_id}/refunds", json={"amount": chance.randint(1, 2500)})
    return payment_id


async def _agrees(shop: Shop, payment_id: str) -> None:
    payment = await shop.get(payment_id)
    assert sum(line["debit"] - line["credit"] for line in payment["ledger"]) == 0
    if payment["providerId"] is None:
        assert payment["status"] != "SUCCESS"
        return
    intent = (await shop.provider.get(f"/v1/payment_intents/{payment['providerId']}")).json()
    charges = await shop.charges(payment)
    assert (intent["status"] == "succeeded") == (payment["status"] in ("SUCCESS", "REFUNDED"))
    assert intent["amount_received"] == payment["capturedAmount"]
    assert sum(charge["amount_refunded"] for charge in charges) == payment["refundedAmount"]
    assert len(charges) <= 1
