"""The provider's events: signed, once, in any order."""

import asyncio
import json
from typing import Any

import httpx
from sqlalchemy import text
from tests.platform import problem
from tests.services.payments.conftest import OLD_SECRET, SECRET, Shop

from septet.services.provider.deliveries import signature


async def send(
    shop: Shop, event: dict[str, Any], *, secret: str = SECRET, age: int = 0, tampered: bool = False
) -> httpx.Response:
    body = json.dumps(event)
    header = signature(secret, int(shop.platform.runtime.clock.unix()) - age, body)
    return await shop.platform.client().post(
        "/payments/webhook",
        content=body.replace("evt_", "evT_") if tampered else body,
        headers={"Stripe-Signature": header, "Content-Type": "application/json"},
    )


async def outcome(shop: Shop, event_id: str) -> str | None:
    """What became of the event; None when it is not stored."""
    await shop.platform.jobs_done()
    async with shop.platform.runtime.postgres.engine.connect() as connection:
        statement = text("SELECT outcome FROM payments.webhook_events WHERE id = :id")
        found: str | None = await connection.scalar(statement, {"id": event_id})
        return found


async def test_only_valid_signatures_are_believed(silent_shop: Shop) -> None:
    event = {"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {}}}
    problem(await send(silent_shop, event, tampered=True), 400, "bad_signature")
    problem(await send(silent_shop, event, secret="whsec_guessed"), 400, "bad_signature")
    problem(await send(silent_shop, event, age=310), 400, "bad_signature")
    problem(await send(silent_shop, event, age=-310), 400, "bad_signature")
    problem(await silent_shop.client.post("/payments/webhook", json=event), 400, "bad_signature")
    assert await outcome(silent_shop, "evt_1") is None
    assert (await send(silent_shop, event, age=250)).json() == {"received": True}
    assert (await send(silent_shop, event | {"id": "evt_2"}, secret=OLD_SECRET)).status_code == 200
    assert [await outcome(silent_shop, each) for each in ("evt_1", "evt_2")] == ["not ours", "not ours"]


async def test_unknown_events_are_kept_and_acknowledged(silent_shop: Shop) -> None:
    event = {"id": "evt_new", "type": "something.unheard_of", "data": {"object": {"id": "x"}}}
    assert (await send(silent_shop, event)).status_code == 200
    assert await outcome(silent_shop, "evt_new") == "kept"


async def test_a_replayed_event_counts_once(silent_shop: Shop) -> None:
    payment = await silent_shop.create(captureMethod="manual")
    await silent_shop.confirm(payment["id"])
    intent_id = (await silent_shop.get(payment["id"]))["providerId"]
    await silent_shop.provider.post(f"/v1/payment_intents/{intent_id}/capture")
    intent = (await silent_shop.provider.get(f"/v1/payment_intents/{intent_id}")).json()
    event = {"id": "evt_once", "type": "payment_intent.succeeded", "data": {"object": intent}}
    answers = await asyncio.gather(*(send(silent_shop, event) for _ in range(20)))
    assert [answer.text for answer in answers if answer.status_code != 200] == []
    assert await outcome(silent_shop, "evt_once") == "taken over"
    await send(silent_shop, event | {"id": "evt_twice"})
    assert await outcome(silent_shop, "evt_twice") == "known already"
    after = await silent_shop.get(payment["id"])
    assert (after["status"], len(after["ledger"])) == ("SUCCESS", 6)


async def test_events_in_any_order_lead_to_the_same_state(silent_shop: Shop) -> None:
    """Everything happens at the provider, then its events arrive backwards, twice."""
    payment = await silent_shop.create(1000, captureMethod="manual")
    await silent_shop.confirm(payment["id"])
    intent_id = (await silent_shop.get(payment["id"]))["providerId"]
    provider = silent_shop.provider
    await provider.post(f"/v1/payment_intents/{intent_id}/capture")
    for amount in ("300", "700"):
        await provider.post("/v1/refunds", data={"payment_intent": intent_id, "amount": amount})
    events = (await provider.get("/v1/events", params={"limit": "100"})).json()["data"]
    assert len(events) >= 8
    for event in events + events[::-1]:
        assert (await send(silent_shop, event)).status_code == 200
    await silent_shop.platform.jobs_done()
    after = await silent_shop.get(payment["id"])
    assert (after["status"], after["refundedAmount"]) == ("REFUNDED", 1000)
    assert [each["to"] for each in after["transitions"]] == ["PENDING", "SUCCESS", "REFUNDED"]
    assert sorted(refund["amount"] for refund in after["refunds"]) == [300, 700]
    assert sum(line["debit"] - line["credit"] for line in after["ledger"]) == 0


async def test_a_refund_made_at_the_provider_arrives_by_itself(shop: Shop) -> None:
    payment = await shop.paid(1000)
    await shop.provider.post("/v1/refunds", data={"payment_intent": payment["providerId"], "amount": "400"})
    after = await shop.becomes(payment["id"], refundedAmount=400)
    assert (after["status"], after["detail"]) == ("SUCCESS", "partially_refunded")
