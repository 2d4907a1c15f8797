"""The provider's events: signed, once, in any order."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.platform import problem
from tests.services.payments.conftest import Shop

from septet.services.payments.settings import PaymentsSettings
from septet.services.provider.deliveries import signature

SECRET = "whsec_of_the_test"


@pytest.fixture
async def signed_shop(own_shop: Shop) -> Shop:
    """A shop whose endpoint was registered by hand, so that the test can sign."""
    runtime = own_shop.platform.runtime
    settings = runtime.service_settings(PaymentsSettings)
    runtime._service_settings[PaymentsSettings] = settings.model_copy(
        update={"webhook_secrets": ("whsec_the_old_one", SECRET), "webhook_register": False}
    )
    return own_shop


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


async def outcomes(shop: Shop) -> dict[str, str | None]:
    await shop.platform.jobs_done()
    async with shop.platform.runtime.postgres.engine.connect() as connection:
        rows = await connection.execute(text("SELECT id, outcome FROM payments.webhook_events"))
        return {row.id: row.outcome for row in rows}


async def test_only_valid_signatures_are_believed(signed_shop: Shop) -> None:
    event = {"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {}}}
    problem(await send(signed_shop, event, tampered=True), 400, "bad_signature")
    problem(await send(signed_shop, event, secret="whsec_guessed"), 400, "bad_signature")
    problem(await send(signed_shop, event, age=301), 400, "bad_signature")
    problem(await send(signed_shop, event, age=-301), 400, "bad_signature")
    problem(await signed_shop.client.post("/payments/webhook", json=event), 400, "bad_signature")
    assert await outcomes(signed_shop) == {}
    assert (await send(signed_shop, event, age=299)).json() == {"received": True}
    assert (await send(signed_shop, event | {"id": "evt_2"}, secret="whsec_the_old_one")).status_code == 200
    assert await outcomes(signed_shop) == {"evt_1": "not ours", "evt_2": "not ours"}


async def test_unknown_events_are_kept_and_acknowledged(signed_shop: Shop) -> None:
    event = {"id": "evt_new", "type": "something.unheard_of", "data": {"object": {"id": "x"}}}
    assert (await send(signed_shop, event)).status_code == 200
    assert await outcomes(signed_shop) == {"evt_new": "kept"}


async def test_a_replayed_event_counts_once(signed_shop: Shop) -> None:
    payment = await signed_shop.create(captureMethod="manual")
    await signed_shop.confirm(payment["id"])
    intent_id = (await signed_shop.get(payment["id"]))["providerId"]
    await signed_shop.provider.post(f"/v1/payment_intents/{intent_id}/capture")
    intent = (await signed_shop.provider.get(f"/v1/payment_intents/{intent_id}")).json()
    event = {"id": "evt_once", "type": "payment_intent.succeeded", "data": {"object": intent}}
    answers = await asyncio.gather(*(send(signed_shop, event) for _ in range(20)))
    assert [answer.text for answer in answers if answer.status_code != 200] == []
    assert await outcomes(signed_shop) == {"evt_once": "taken over"}
    await send(signed_shop, event | {"id": "evt_twice"})
    assert (await outcomes(signed_shop))["evt_twice"] == "known already"
    after = await signed_shop.get(payment["id"])
    assert (after["status"], len(after["ledger"])) == ("SUCCESS", 6)


async def test_events_in_any_order_lead_to_the_same_state(signed_shop: Shop) -> None:
    """Everything happens at the provider, then its events arrive backwards, twice."""
    payment = await signed_shop.create(1000, captureMethod="manual")
    await signed_shop.confirm(payment["id"])
    intent_id = (await signed_shop.get(payment["id"]))["providerId"]
    provider = signed_shop.provider
    await provider.post(f"/v1/payment_intents/{intent_id}/capture")
    for amount in ("300", "700"):
        await provider.post("/v1/refunds", data={"payment_intent": intent_id, "amount": amount})
    events = (await provider.get("/v1/events", params={"limit": "100"})).json()["data"]
    assert len(events) >= 8
    for event in events + events[::-1]:
        assert (await send(signed_shop, event)).status_code == 200
    await signed_shop.platform.jobs_done()
    after = await signed_shop.get(payment["id"])
    assert (after["status"], after["refundedAmount"]) == ("REFUNDED", 1000)
    assert [each["to"] for each in after["transitions"]] == ["PENDING", "SUCCESS", "REFUNDED"]
    assert sorted(refund["amount"] for refund in after["refunds"]) == [300, 700]
    assert sum(line["debit"] - line["credit"] for line in after["ledger"]) == 0


async def test_a_refund_made_at_the_provider_arrives_by_itself(own_shop: Shop) -> None:
    payment = await own_shop.paid(1000)
    await own_shop.platform.jobs_done()
    await own_shop.provider.post("/v1/refunds", data={"payment_intent": payment["providerId"], "amount": "400"})
    await own_shop.platform.jobs_done()
    after = await own_shop.get(payment["id"])
    assert (after["status"], after["refundedAmount"]) == ("SUCCESS", 400)
