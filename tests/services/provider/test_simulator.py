"""Faults from a seed, the account's clock, snapshots, and webhooks over three days."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import stripe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.platform import Platform
from tests.serving import served

_keys = itertools.count(1)
PAID = {"amount": "2000", "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true"}


@pytest.fixture
async def http(provider_url: str) -> AsyncIterator[httpx.AsyncClient]:
    key = f"sk_test_simulator{next(_keys)}"
    async with httpx.AsyncClient(
        base_url=provider_url, headers={"Authorization": f"Bearer {key}"}, timeout=3
    ) as client:
        yield client


class Receiver:
    """An endpoint that records what it is sent, and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[tuple[bytes, str]] = []

    async def receive(self, request: Request) -> Response:
        self.received.append((await request.body(), request.headers["stripe-signature"]))
        return Response(status_code=self.status)

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for body, _ in self.received]


@pytest.fixture
async def receiver(http: httpx.AsyncClient) -> AsyncIterator[tuple[Receiver, str]]:
    """Registered for successful payments; yields it with its signing secret."""
    receiving = Receiver()
    async with served(Starlette(routes=[Route("/hook", receiving.receive, methods=["POST"])])) as url:
        data = {"url": f"{url}/hook", "enabled_events[]": "payment_intent.succeeded"}
        made = (await http.post("/v1/webhook_endpoints", data=data)).json()
        yield receiving, made["secret"]


async def arrived(receiver: Receiver, count: int) -> None:
    async with asyncio.timeout(10):
        while len(receiver.received) < count:
            await asyncio.sleep(0.01)


async def trace_of(http: httpx.AsyncClient, seed: int) -> list[Any]:
    await http.post("/simulator/reset")
    await http.post(
        "/simulator/faults", json={"operation": "*", "kind": "rate_limited", "probability": 0.4, "seed": seed}
    )
    statuses = [(await http.post("/v1/customers", data={"name": str(n)})).status_code for n in range(20)]
    trace = (await http.get("/simulator/trace")).json()["data"]
    assert [each["applied"] for each in trace] == [status == 429 for status in statuses]
    return list(trace)


async def test_the_same_seed_gives_the_same_trace(http: httpx.AsyncClient) -> None:
    first, other, again = [await trace_of(http, seed) for seed in (7, 8, 7)]
    assert first == again
    assert [each["applied"] for each in first] != [each["applied"] for each in other]


async def test_timeout_after_success_commits_and_never_answers(http: httpx.AsyncClient) -> None:
    await http.post(
        "/simulator/faults",
        json={"operation": "payment_intents.create", "kind": "timeout_after_success", "next": 1, "delayMs": 50},
    )
    with pytest.raises(httpx.RemoteProtocolError):
        await http.post("/v1/payment_intents", data=PAID, headers={"Idempotency-Key": "k"})
    replayed = await http.post("/v1/payment_intents", data=PAID, headers={"Idempotency-Key": "k"})
    assert replayed.json()["status"] == "succeeded"
    assert len((await http.get("/v1/charges")).json()["data"]) == 1


@pytest.mark.parametrize(("kind", "stored"), [("error_before_commit", 0), ("error_after_commit", 1)])
async def test_errors_before_and_after_the_commit(http: httpx.AsyncClient, kind: str, stored: int) -> None:
    await http.post("/simulator/faults", json={"operation": "payment_intents.*", "kind": kind, "next": 1})
    assert (await http.post("/v1/payment_intents", data=PAID)).status_code == 500
    assert len((await http.get("/v1/payment_intents")).json()["data"]) == stored


async def test_the_official_sdk_verifies_our_events(http: httpx.AsyncClient, receiver: tuple[Receiver, str]) -> None:
    receiving, secret = receiver
    intent = (await http.post("/v1/payment_intents", data=PAID)).json()
    await arrived(receiving, 1)
    event = stripe.Webhook.construct_event(*receiving.received[0], secret)
    assert (event.type, event.data.object.id) == ("payment_intent.succeeded", intent["id"])


@pytest.mark.parametrize("kind", ["webhook_bad_signature", "webhook_altered"])
async def test_spoiled_events_do_not_verify(http: httpx.AsyncClient, receiver: tuple[Receiver, str], kind: str) -> None:
    receiving, secret = receiver
    await http.post("/simulator/faults", json={"operation": "*", "kind": kind, "next": 1})
    await http.post("/v1/payment_intents", data=PAID)
    await arrived(receiving, 1)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(*receiving.received[0], secret)


async def test_duplicated_and_dropped_events(
    platform: Platform, http: httpx.AsyncClient, receiver: tuple[Receiver, str]
) -> None:
    receiving, _ = receiver
    for kind in ("webhook_duplicated", "webhook_dropped"):
        await http.post("/simulator/faults", json={"operation": "payment_intent.succeeded", "kind": kind, "next": 1})
        await http.post("/v1/payment_intents", data=PAID)
    await platform.jobs_done()
    assert receiving.types == ["payment_intent.succeeded"] * 2
    states = [each["state"] for each in (await http.get("/simulator/deliveries")).json()["data"]]
    assert sorted(states) == ["delivered", "delivered", "dropped"]


async def test_three_days_of_retries_by_the_accounts_clock(
    platform: Platform, http: httpx.AsyncClient, receiver: tuple[Receiver, str]
) -> None:
    receiving, _ = receiver
    receiving.status = 503
    await http.post("/v1/payment_intents", data=PAID)
    await arrived(receiving, 1)
    await platform.jobs_done()
    waits = (5, 60, 300, 1800, 7200, 18_000, 36_000, 36_000, 72_000, 86_400)
    for number, seconds in enumerate(waits, 2):
        await http.post("/simulator/clock/advance", json={"seconds": seconds + 1})
        await arrived(receiving, number)
        await platform.jobs_done()
    (delivery,) = (await http.get("/simulator/deliveries")).json()["data"]
    assert (delivery["state"], delivery["attempts"]) == ("failed", 11)
    receiving.status = 200
    await http.post(f"/simulator/events/{delivery['event_id']}/resend")
    await arrived(receiving, 12)


async def test_snapshot_restore_and_reset(http: httpx.AsyncClient) -> None:
    kept = (await http.post("/v1/payment_intents", data=PAID)).json()
    snapshot = (await http.post("/simulator/snapshots")).json()
    await http.post("/v1/refunds", data={"payment_intent": kept["id"]})
    await http.post("/v1/customers", data={"name": "Later"})
    assert (await http.post("/simulator/restore", json={"id": snapshot["id"]})).json()["restored"]
    assert (await http.get("/v1/customers")).json()["data"] == []
    assert (await http.get(f"/v1/payment_intents/{kept['id']}")).json() == kept
    assert (await http.post("/v1/refunds", data={"payment_intent": kept["id"]})).json()["amount"] == 2000
    await http.post("/simulator/reset")
    assert (await http.get("/v1/payment_intents")).json()["data"] == []


async def test_authentication_page(http: httpx.AsyncClient) -> None:
    waiting = (
        await http.post(
            "/v1/payment_intents",
            data=PAID | {"payment_method": "pm_card_threeDSecure2Required", "return_url": "https://shop.example/done"},
        )
    ).json()
    assert waiting["status"] == "requires_action"
    url = waiting["next_action"]["redirect_to_url"]["url"]
    failed = await http.post(url, data={"outcome": "fail"})
    assert failed.headers["location"].startswith("https://shop.example/done?payment_intent=")
    after = (await http.get(f"/v1/payment_intents/{waiting['id']}")).json()
    assert (after["status"], after["last_payment_error"]["code"]) == (
        "requires_payment_method",
        "payment_intent_authentication_failure",
    )
    assert (await http.get(url + "guess")).status_code == 404
