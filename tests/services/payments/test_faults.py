"""When the provider misbehaves: the outcome is found out, and found once."""

import asyncio
import os
import random
from datetime import timedelta
from typing import Any

import pytest
from tests.platform import problem
from tests.services.payments.agreement import (
    REQUEST_FAULTS,
    check_agreement,
    check_books,
    is_settled,
    misbehave,
    requests_of,
)
from tests.services.payments.conftest import Shop
from tests.services.payments.planting import PLANTS, plant

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "1"))
FIRST_SEED = int(os.environ.get("SOAK_SEED", "1"))


async def settled(shop: Shop, payment_id: str) -> dict[str, Any]:
    """The payment once no operation on it is open; time passes until then."""
    for _ in range(20):
        payment = await shop.get(payment_id)
        if is_settled(payment):
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


async def test_a_refund_asked_for_again_after_a_kill_is_given_once(own_shop: Shop) -> None:
    """The request is cut off while the provider is asked; its caller repeats it under the same key."""
    payment = await own_shop.paid(1000)
    path, headers = f"/payments/{payment['id']}/refunds", {"Idempotency-Key": "given once"}
    await own_shop.fault("latency", "refunds.create", next=1, delayMs=1500)
    cut_off = asyncio.create_task(own_shop.client.post(path, json={"amount": 300}, headers=headers))
    while not (await own_shop.get(payment["id"]))["refunds"]:
        await asyncio.sleep(0.01)
    cut_off.cancel()
    problem(await own_shop.client.post(path, json={"amount": 300}, headers=headers), 409, "request_in_flight")
    await own_shop.platform.advance(20)
    after = await settled(own_shop, payment["id"])
    repeated = await own_shop.client.post(path, json={"amount": 300}, headers=headers)
    assert (repeated.status_code, repeated.json()["id"]) == (201, after["refunds"][0]["id"])
    assert (await own_shop.get(payment["id"]))["refundedAmount"] == 300


async def test_a_refund_is_given_once_though_the_provider_has_forgotten_its_key(own_shop: Shop) -> None:
    """Given, but nobody heard; the next answer comes two days later, when the idempotency key is long gone."""
    payment = await own_shop.paid(1000)
    await own_shop.fault("timeout_after_success", "refunds.create", next=3, delayMs=10)
    await own_shop.fault("connection_reset", "refunds.*")
    await own_shop.client.post(f"/payments/{payment['id']}/refunds", json={"amount": 300})
    await own_shop.platform.advance(2 * 86_400)
    assert (await own_shop.get(payment["id"]))["refunds"][0]["status"] == "pending"
    await own_shop.provider.delete("/simulator/faults")
    after = await settled(own_shop, payment["id"])
    assert (after["refundedAmount"], len(after["refunds"])) == (300, 1)
    (charge,) = await own_shop.charges(payment)
    assert charge["amount_refunded"] == 300


async def test_a_payment_is_charged_once_though_the_provider_has_forgotten_its_keys(own_shop: Shop) -> None:
    payment = await own_shop.create()
    await own_shop.fault("timeout_after_success", "payment_intents.confirm", delayMs=10)
    for looking in ("payment_intents.list", "payment_intents.retrieve"):  # else the worker finds it on its way
        await own_shop.fault("connection_reset", looking)
    await own_shop.fault("webhook_dropped")
    await own_shop.confirm(payment["id"])
    await own_shop.platform.advance(2 * 86_400)
    assert (await own_shop.get(payment["id"]))["detail"] == "processing"
    await own_shop.provider.delete("/simulator/faults")
    after = await settled(own_shop, payment["id"])
    assert after["status"] == "SUCCESS"
    assert len((await own_shop.provider.get("/v1/charges")).json()["data"]) == 1


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + ROUNDS))
async def test_chaos_converges(own_shop: Shop, seed: int) -> None:
    """Random work under every fault at once; then all books agree, and what is planted in them is all that is found."""
    chance = random.Random(seed)
    began = (own_shop.platform.runtime.clock.now() - timedelta(minutes=1)).isoformat()  # midnight may pass meanwhile
    await misbehave(own_shop.provider, seed)
    payments = await asyncio.gather(*(_work(own_shop, random.Random(chance.random())) for _ in range(8)))
    await own_shop.provider.delete("/simulator/faults")
    for payment_id in payments:
        await settled(own_shop, payment_id)
    await own_shop.platform.advance(3600)
    for payment_id in payments:
        await check_agreement(own_shop.client, own_shop.provider, payment_id)
    await check_books(own_shop.client)
    await _plant_and_find(own_shop, chance, payments, began)


async def _work(shop: Shop, chance: random.Random) -> str:
    """One payment with some confirms and refunds, whose answers are not looked at."""
    payment_id = str((await shop.create(chance.randint(100, 5000)))["id"])
    for path, body in requests_of(payment_id, chance):
        await shop.client.post(path, json=body)
    return payment_id


async def _plant_and_find(shop: Shop, chance: random.Random, payments: list[str], began: str) -> None:
    details = [await shop.get(payment_id) for payment_id in payments]
    charged = [each for each in details if each["capturedAmount"]]
    planted = set()
    for payment, kind in zip(charged, chance.sample(sorted(PLANTS), len(PLANTS)), strict=False):
        (charge,) = await shop.charges(payment)
        await plant(shop.platform, kind, charge["id"])
        planted.add((kind, charge["id"]))
    found = (await shop.reconciliation(**{"from": began}))["discrepancies"]
    assert {(each["kind"], each["providerId"]) for each in found} == planted
    assert len(found) == len(planted)
