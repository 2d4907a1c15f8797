"""Payments through the public API, with the provider behind it."""

import asyncio
from collections import Counter

import pytest
from tests.platform import Organization, problem
from tests.services.payments.conftest import Shop


def balanced(payment: dict) -> bool:  # type: ignore[type-arg]
    return sum(line["debit"] - line["credit"] for line in payment["ledger"]) == 0


async def test_create_and_confirm_books_the_money(shop: Shop) -> None:
    payment = await shop.create(2000, metadata={"cart": "7"}, description="Two books")
    assert (payment["status"], payment["refundedAmount"], payment["metadata"]) == ("PENDING", 0, {"cart": "7"})
    confirmed = await shop.confirm(payment["id"])
    assert confirmed.status_code == 200, confirmed.text
    assert confirmed.json()["status"] == "SUCCESS"
    after = await shop.get(payment["id"])
    assert [(each["from"], each["to"], each["cause"]) for each in after["transitions"]] == [
        (None, "PENDING", "caller"),
        ("PENDING", "SUCCESS", "caller"),
    ]
    sums = {}
    for line in after["ledger"]:
        sums[line["account"]] = sums.get(line["account"], 0) + line["debit"] - line["credit"]
    assert sums == {"customer": 0, "merchant": -2000, "provider_clearing": 1912, "fees": 88}
    balances = (await shop.client.get("/payments/balances")).json()["data"]
    assert sum(each["balance"] for each in balances) == 0
    problem(await shop.confirm(payment["id"]), 409, "payment_not_confirmable")


async def test_a_card_is_taken_and_not_kept(shop: Shop) -> None:
    payment = await shop.create()
    card = {"number": "4242 4242 4242 4242", "expMonth": 12, "expYear": 2040, "cvc": "123"}
    assert (await shop.confirm(payment["id"], paymentMethod={"card": card})).json()["status"] == "SUCCESS"
    async with shop.platform.runtime.postgres.engine.connect() as connection:
        for table in ("payments.operations", "provider.objects", "kernel.pgqueuer"):
            found = await connection.exec_driver_sql(
                f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%%424242424242%%'"
            )
            assert found.scalar() == 0


@pytest.mark.parametrize(
    ("number", "decline_code"),
    [
        ("4000000000000002", "generic_decline"),
        ("4000000000009995", "insufficient_funds"),
        ("4000000000000069", "expired_card"),
        ("4242424242424241", "incorrect_number"),
    ],
)
async def test_a_declined_payment_fails_and_may_be_tried_again(shop: Shop, number: str, decline_code: str) -> None:
    payment = await shop.create()
    card = {"number": number, "expMonth": 12, "expYear": 2040, "cvc": "123"}
    refused = problem(await shop.confirm(payment["id"], paymentMethod={"card": card}), 402, "card_declined")
    assert refused["declineCode"] == decline_code
    failed = await shop.get(payment["id"])
    assert (failed["status"], failed["detail"], failed["declineCode"]) == ("FAILED", "declined", decline_code)
    assert failed["ledger"] == []
    assert (await shop.confirm(payment["id"])).json()["status"] == "SUCCESS"
    assert len(await shop.charges(payment)) == 1


async def test_an_expired_card_is_declined(shop: Shop) -> None:
    payment = await shop.create()
    card = {"number": "4242424242424242", "expMonth": 1, "expYear": 2020}
    refused = problem(await shop.confirm(payment["id"], paymentMethod={"card": card}), 402, "card_declined")
    assert refused["declineCode"] == "expired_card"


async def test_manual_capture_takes_a_part(shop: Shop) -> None:
    payment = await shop.create(2000, captureMethod="manual")
    authorized = (await shop.confirm(payment["id"])).json()
    assert (authorized["status"], authorized["detail"]) == ("PENDING", "requires_capture")
    problem(await shop.client.post(f"/payments/{payment['id']}/refunds", json={}), 409, "payment_not_refundable")
    path = f"/payments/{payment['id']}/capture"
    problem(await shop.client.post(path, json={"amount": 2001}), 409, "capture_exceeds_payment")
    captured = (await shop.client.post(path, json={"amount": 1500})).json()
    assert (captured["status"], captured["capturedAmount"]) == ("SUCCESS", 1500)
    problem(await shop.client.post(path), 409, "payment_not_capturable")
    refund = await shop.client.post(f"/payments/{payment['id']}/refunds", json={"amount": 1501})
    assert problem(refund, 409, "refund_exceeds_payment")["remaining"] == 1500


async def test_cancel_is_final(shop: Shop) -> None:
    untouched, authorized = await shop.create(), await shop.create(captureMethod="manual")
    await shop.confirm(authorized["id"])
    for payment in (untouched, authorized):
        canceled = (await shop.client.post(f"/payments/{payment['id']}/cancel")).json()
        assert (canceled["status"], canceled["detail"]) == ("FAILED", "canceled")
        problem(await shop.confirm(payment["id"]), 409, "payment_not_confirmable")
    problem(await shop.client.post(f"/payments/{(await shop.paid())['id']}/cancel"), 409, "payment_not_cancelable")


async def test_refunds_in_parts_and_in_full(shop: Shop) -> None:
    payment = await shop.paid(1000)
    path = f"/payments/{payment['id']}/refunds"
    for _ in range(2):
        part = await shop.client.post(path, json={"amount": 300})
        assert (part.status_code, part.json()["status"], part.json()["amount"]) == (201, "succeeded", 300)
    partly = await shop.get(payment["id"])
    assert (partly["status"], partly["refundedAmount"]) == ("SUCCESS", 600)
    over = problem(await shop.client.post(path, json={"amount": 401}), 409, "refund_exceeds_payment")
    assert "400" in over["detail"]
    assert (await shop.client.post(path)).json()["amount"] == 400
    wholly = await shop.get(payment["id"])
    assert (wholly["status"], wholly["refundedAmount"], balanced(wholly)) == ("REFUNDED", 1000, True)
    assert len((await shop.client.get(path)).json()["data"]) == 3
    problem(await shop.client.post(path, json={"amount": 1}), 409, "refund_exceeds_payment")


async def test_authentication_by_the_customer(shop: Shop) -> None:
    payment = await shop.create()
    waiting = (await shop.confirm(payment["id"], paymentMethod="pm_card_threeDSecure2Required")).json()
    assert (waiting["status"], waiting["detail"]) == ("PENDING", "requires_action")
    page = await shop.provider.get(waiting["nextActionUrl"])
    assert "Complete authentication" in page.text
    await shop.provider.post(waiting["nextActionUrl"], data={"outcome": "complete"})
    after = await shop.becomes(payment["id"], status="SUCCESS")
    assert after["transitions"][-1]["cause"] == "webhook"


@pytest.mark.parametrize("amount", [0, -1, 10.5, 10.0, 10**12, "1000", None, True])
async def test_impossible_amounts_are_refused(shop: Shop, amount: object) -> None:
    body = {"orderId": "impossible", "amount": amount, "currency": "USD"}
    problem(await shop.client.post("/payments", json=body), 422, "invalid_input")
    assert (await shop.client.get("/payments", params={"orderId": "impossible"})).json()["data"] == []


@pytest.mark.parametrize(
    ("currency", "code"), [("QQQ", "unknown_currency"), ("DOLLAR", "invalid_input"), ("", "invalid_input")]
)
async def test_unknown_currencies_are_refused(shop: Shop, currency: str, code: str) -> None:
    body = {"orderId": "impossible", "amount": 100, "currency": currency}
    problem(await shop.client.post("/payments", json=body), 422, code)


async def test_strangers_see_nothing(shop: Shop, stranger: Organization) -> None:
    payment = await shop.paid()
    for method, path in [
        ("GET", ""),
        ("POST", "/confirm"),
        ("POST", "/capture"),
        ("POST", "/cancel"),
        ("POST", "/refunds"),
        ("GET", "/refunds"),
    ]:
        body = {"json": {"paymentMethod": "pm_card_visa"}} if path == "/confirm" else {}
        answer = await stranger.client.request(method, f"/payments/{payment['id']}{path}", **body)
        problem(answer, 404, "payment_not_found")
    assert (await stranger.client.get("/payments")).json()["data"] == []
    assert (await stranger.client.get("/payments/balances")).json()["data"] == []


async def test_list_by_status_and_order(shop: Shop) -> None:
    paid, pending = await shop.paid(), await shop.create()
    by_status = (await shop.client.get("/payments", params={"status": "SUCCESS"})).json()["data"]
    assert [each["id"] for each in by_status] == [paid["id"]]
    by_order = (await shop.client.get("/payments", params={"orderId": pending["orderId"]})).json()["data"]
    assert [each["id"] for each in by_order] == [pending["id"]]
    first = (await shop.client.get("/payments", params={"limit": 1})).json()
    second = (await shop.client.get("/payments", params={"limit": 1, "cursor": first["nextCursor"]})).json()
    assert [first["data"][0]["id"], second["data"][0]["id"]] == [pending["id"], paid["id"]]


async def test_hundred_confirms_charge_once(shop: Shop) -> None:
    payment = await shop.create()
    answers = await asyncio.gather(*(shop.confirm(payment["id"]) for _ in range(100)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert [answer.status_code for answer in answers].count(200) == 1
    assert (await shop.get(payment["id"]))["status"] == "SUCCESS"
    assert len(await shop.charges(payment)) == 1


async def test_thirty_creations_with_one_key_make_one(shop: Shop) -> None:
    body = {"orderId": "once", "amount": 500, "currency": "USD"}
    headers = {"Idempotency-Key": "the-only-one"}
    answers = await asyncio.gather(*(shop.client.post("/payments", json=body, headers=headers) for _ in range(30)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert len((await shop.client.get("/payments", params={"orderId": "once"})).json()["data"]) == 1


async def test_fifty_refunds_never_exceed_the_capture(shop: Shop) -> None:
    payment = await shop.paid(1000)
    path = f"/payments/{payment['id']}/refunds"
    answers = await asyncio.gather(*(shop.client.post(path, json={"amount": 70}) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {201: 14, 409: 36}
    after = await shop.get(payment["id"])
    assert (after["refundedAmount"], balanced(after)) == (980, True)
    (charge,) = await shop.charges(payment)
    assert charge["amount_refunded"] == 980


async def test_thirty_refunds_with_one_key_are_one(shop: Shop) -> None:
    payment = await shop.paid(1000)
    path, headers = f"/payments/{payment['id']}/refunds", {"Idempotency-Key": "one refund"}
    answers = await asyncio.gather(*(shop.client.post(path, json={"amount": 10}, headers=headers) for _ in range(30)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    again = await shop.client.post(path, json={"amount": 10}, headers=headers)
    assert again.json()["id"] in {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert (await shop.get(payment["id"]))["refundedAmount"] == 10
    (charge,) = await shop.charges(payment)
    assert charge["amount_refunded"] == 10


async def test_totals_sum_up_what_was_made_in_a_range_of_time(shop: Shop, stranger: Organization) -> None:
    await shop.create(1000)
    await shop.create(500, currency="JPY")
    await shop.paid(2000)
    refunded = await shop.paid(3000)
    assert (await shop.client.post(f"/payments/{refunded['id']}/refunds", json={"amount": 700})).status_code == 201
    assert await totals(shop) == [
        ("JPY", "PENDING", 1, 500, 0, 0),
        ("USD", "PENDING", 1, 1000, 0, 0),
        ("USD", "SUCCESS", 2, 5000, 5000, 700),
    ]
    made = refunded["createdAt"]
    assert await totals(shop, **{"from": made}) == [("USD", "SUCCESS", 1, 3000, 3000, 700)]
    assert sum(each[2] for each in await totals(shop, to=made)) == 3, "`to` is not within the range"
    assert await totals(shop, **{"from": "2020-01-01", "to": "2020-12-31"}) == []
    assert (await stranger.client.get("/payments/totals")).json() == {"data": []}
    backwards = {"from": "2026-02-01", "to": "2026-01-01"}
    problem(await shop.client.get("/payments/totals", params=backwards), 400, "bad_parameter")
    problem(await shop.client.get("/payments/totals", params={"from": "yesterday"}), 422, "invalid_input")
    without = await shop.platform.api_client(shop.organization, "links:read")
    problem(await without.get("/payments/totals"), 403, "forbidden")


async def totals(shop: Shop, **period: str) -> list[tuple[str | int, ...]]:
    answer = await shop.client.get("/payments/totals", params=period)
    assert answer.status_code == 200, answer.text
    return [tuple(each.values()) for each in answer.json()["data"]]
