"""`Idempotency-Key`: one effect however often and however concurrently a request is sent."""

import asyncio

from sqlalchemy import text
from tests.platform import Organization, Platform, created, problem

BODY = {"name": "Server", "scopes": ["*"]}


async def test_repeated_request_replays_status_and_body(organization: Organization) -> None:
    first = await organization.client.post("/api-keys", json=BODY, headers={"Idempotency-Key": "replay"})
    again = await organization.client.post("/api-keys", json=BODY, headers={"Idempotency-Key": "replay"})
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len((await organization.client.get("/api-keys")).json()["data"]) == 1


async def test_another_body_is_refused(organization: Organization) -> None:
    headers = {"Idempotency-Key": "reused"}
    created(await organization.client.post("/api-keys", json=BODY, headers=headers))
    other = await organization.client.post("/api-keys", json=BODY | {"name": "Other"}, headers=headers)
    problem(other, 422, "idempotency_key_reused")


async def test_ten_at_once_have_one_effect(organization: Organization) -> None:
    headers = {"Idempotency-Key": "race"}
    answers = await asyncio.gather(
        *[organization.client.post("/api-keys", json=BODY, headers=headers) for _ in range(10)]
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert problem(answer, 409, "request_in_flight") and answer.headers["retry-after"]
    assert len((await organization.client.get("/api-keys")).json()["data"]) == 1


async def test_key_belongs_to_its_organization(organization: Organization, stranger: Organization) -> None:
    headers = {"Idempotency-Key": "shared"}
    mine = created(await organization.client.post("/api-keys", json=BODY, headers=headers))
    theirs = created(await stranger.client.post("/api-keys", json=BODY, headers=headers))
    assert mine["id"] != theirs["id"]


async def test_refused_request_may_be_corrected(organization: Organization) -> None:
    headers = {"Idempotency-Key": "corrected"}
    problem(await organization.client.post("/api-keys", json={"name": ""}, headers=headers), 422, "invalid_input")
    created(await organization.client.post("/api-keys", json=BODY, headers=headers))


async def test_unusable_key_is_refused(organization: Organization) -> None:
    for key in ("", "x" * 256, "tab\there"):
        answer = await organization.client.post("/api-keys", json=BODY, headers={"Idempotency-Key": key})
        problem(answer, 400, "bad_parameter")


async def test_key_is_forgotten_after_a_day(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    headers = {"Idempotency-Key": "daily"}
    first = created(await organization.client.post("/api-keys", json=BODY, headers=headers))
    await own_platform.advance(24 * 3600 + 1)
    assert created(await organization.client.post("/api-keys", json=BODY, headers=headers))["id"] != first["id"]


async def test_stored_answer_is_unreadable_at_rest(platform: Platform, organization: Organization) -> None:
    key = created(await organization.client.post("/api-keys", json=BODY, headers={"Idempotency-Key": "secret"}))["key"]
    async with platform.runtime.postgres.engine.connect() as connection:
        bodies = (await connection.execute(text("SELECT body FROM kernel.idempotency_keys"))).scalars().all()
    assert bodies
    assert not any(key.encode() in bytes(body) for body in bodies)
