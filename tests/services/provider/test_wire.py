"""Idempotency, errors and account isolation as they are on the wire."""

import asyncio
import itertools
from typing import Any

import httpx
import pytest

_keys = itertools.count(1)
INTENT = {"amount": "2000", "currency": "usd"}


@pytest.fixture
async def http(provider_url: str) -> Any:
    key = f"sk_test_wire{next(_keys)}"
    async with httpx.AsyncClient(base_url=provider_url, headers={"Authorization": f"Bearer {key}"}) as client:
        yield client


async def post(http: httpx.AsyncClient, path: str, key: str | None = None, **data: str) -> httpx.Response:
    return await http.post(path, data=data, headers={"Idempotency-Key": key} if key else {})


def error(response: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    assert response.status_code == status, response.text
    found: dict[str, Any] = response.json()["error"]
    assert found.get("code") == code
    return found


async def test_a_key_replays_its_answer(http: httpx.AsyncClient) -> None:
    first = await post(http, "/v1/payment_intents", "k", **INTENT)
    again = await post(http, "/v1/payment_intents", "k", **INTENT)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"] != again.headers["Request-Id"]
    other = await post(http, "/v1/payment_intents", "k", amount="2001", currency="usd")
    assert error(other, 400)["type"] == "idempotency_error"
    assert len((await http.get("/v1/payment_intents")).json()["data"]) == 1


async def test_a_key_replays_errors_of_the_operation_but_not_of_its_parameters(http: httpx.AsyncClient) -> None:
    declined = {**INTENT, "payment_method": "pm_card_chargeDeclined", "confirm": "true"}
    for replayed in (None, "true"):
        answer = await post(http, "/v1/payment_intents", "declined", **declined)
        error(answer, 402, "card_declined")
        assert answer.headers.get("Idempotent-Replayed") == replayed
    assert len((await http.get("/v1/charges")).json()["data"]) == 1
    error(
        await post(http, "/v1/payment_intents", "mended", amount="-1", currency="usd"), 400, "parameter_invalid_integer"
    )
    assert (await post(http, "/v1/payment_intents", "mended", **INTENT)).status_code == 200


async def test_a_key_in_flight_is_refused_and_runs_once(http: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(post(http, "/v1/payment_intents", "race", **INTENT) for _ in range(15)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    for answer in answers:
        if answer.status_code == 409:
            error(answer, 409, "idempotency_key_in_use")
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 200}) == 1
    assert len((await http.get("/v1/payment_intents")).json()["data"]) == 1


async def test_a_key_is_free_again_after_a_day(http: httpx.AsyncClient) -> None:
    first = (await post(http, "/v1/payment_intents", "daily", **INTENT)).json()
    await http.post("/simulator/clock/advance", json={"seconds": 86_401})
    assert (await post(http, "/v1/payment_intents", "daily", **INTENT)).json()["id"] != first["id"]


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("", 401),
        ("Bearer sk_live_real", 401),
        ("Bearer sk_test_", 401),
        ("Basic !", 401),
        ("Basic c2tfdGVzdF9iYXNpYzo=", 200),
    ],
)
async def test_authentication(provider_url: str, authorization: str, status: int) -> None:
    async with httpx.AsyncClient(base_url=provider_url) as client:
        answer = await client.get("/v1/charges", headers={"Authorization": authorization} if authorization else {})
    assert answer.status_code == status
    assert answer.headers["Request-Id"].startswith("req_")


async def test_what_does_not_exist_is_refused_in_stripes_words(http: httpx.AsyncClient) -> None:
    assert "Unrecognized request URL" in error(await http.get("/v1/unheard_of"), 404)["message"]
    assert error(await http.get("/v1/charges/ch_none"), 404, "resource_missing")["param"] == "id"
    error(await http.post("/v1/payment_intents", json=INTENT), 400)
    error(
        await http.post(
            "/v1/payment_intents", content=b"amount=%00", headers={"Content-Type": "application/x-www-form-urlencoded"}
        ),
        400,
    )
    answer = await http.post("/v1/refunds", data={"amount": "5"})
    assert error(answer, 400)["type"] == "invalid_request_error"


async def test_concurrent_refunds_never_exceed_the_charge(http: httpx.AsyncClient) -> None:
    paid = (await post(http, "/v1/payment_intents", payment_method="pm_card_visa", confirm="true", **INTENT)).json()
    answers = await asyncio.gather(
        *(post(http, "/v1/refunds", payment_intent=paid["id"], amount="300") for _ in range(15))
    )
    assert [answer.status_code for answer in answers].count(200) == 6
    charge = (await http.get(f"/v1/charges/{paid['latest_charge']}")).json()
    assert charge["amount_refunded"] == 1800


async def test_openapi_names_every_operation(http: httpx.AsyncClient) -> None:
    paths = (await http.get("/openapi.json")).json()["paths"]
    assert {"/v1/payment_intents/{id}/confirm", "/simulator/faults", "/simulator/clock/advance"} <= paths.keys()
    assert all(each.get("summary") for path in paths.values() for each in path.values())
