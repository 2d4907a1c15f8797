"""Feature flags: precedence, stable percentages, schedules, OFREP to the letter."""

from decimal import Decimal
from typing import Any

import pytest
from tests.platform import Organization, Platform, problem
from tests.services.tenancy.people import member

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import flags as actions
from septet.services.tenancy.flags import in_rollout


async def put(organization: Organization, key: str, **flag: Any) -> None:
    answer = await organization.client.put(f"/features/{key}", json=flag)
    assert answer.status_code == 200, answer.text


async def feature(organization: Organization, key: str, **query: str) -> dict[str, Any]:
    features = (await organization.client.get("/features", params=query)).json()["data"]
    return next(f for f in features if f["key"] == key)


@pytest.mark.parametrize(("on", "off"), [(True, False), (7, 1), (1.5, 0.5), ("new", "old"), ({"a": [1]}, {})])
async def test_values_of_every_type(organization: Organization, on: Any, off: Any) -> None:
    await put(organization, "flag", value=on, offValue=off)
    found = await feature(organization, "flag")
    assert (found["value"], found["reason"], found["variant"]) == (on, "STATIC", "on")
    await put(organization, "flag", value=on, offValue=off, enabled=False)
    found = await feature(organization, "flag")
    assert (found["value"], found["reason"]) == (off, "DISABLED")


async def test_values_are_of_one_type(organization: Organization) -> None:
    mixed = {"value": "x", "offValue": False}
    problem(await organization.client.put("/features/f", json=mixed), 422, "flag_type_mismatch")
    await put(organization, "f")
    problem(await organization.client.put("/features/f/users/u", json={"value": 1}), 422, "flag_type_mismatch")


async def test_own_value_beats_percentage(platform: Platform, organization: Organization) -> None:
    person = await member(platform, organization)
    await put(organization, "f", percentage=0)
    assert (await organization.client.put(f"/features/f/users/{person.id}", json={"value": True})).status_code == 204
    mine = await feature(organization, "f", userId=str(person.id))
    assert (mine["value"], mine["reason"], mine["variant"]) == (True, "TARGETING_MATCH", "own")
    other = await feature(organization, "f")
    assert (other["value"], other["reason"]) == (False, "SPLIT")
    problem(await person.client.put("/features/f", json={}), 403, "forbidden")
    assert (await organization.client.delete(f"/features/f/users/{person.id}")).status_code == 204
    assert (await feature(organization, "f", userId=str(person.id)))["value"] is False


def test_percentages_are_stable_and_only_grow() -> None:
    users = [f"user-{n}" for n in range(10_000)]
    some = {u for u in users if in_rollout("f", u, Decimal(20))}
    more = {u for u in users if in_rollout("f", u, Decimal(50))}
    assert some < more
    assert abs(len(some) - 2000) < 200
    assert not any(in_rollout("f", u, Decimal(0)) for u in users)
    assert all(in_rollout("f", u, Decimal(100)) for u in users)
    other = {u for u in users if in_rollout("g", u, Decimal(20))}
    assert len(some & other) < 600, "flags choose their users independently"


async def test_schedule_turns_on_and_off(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    now = own_platform.runtime.clock.now()
    at = [now.replace(microsecond=0).fromtimestamp(now.timestamp() + hours * 3600, now.tzinfo) for hours in (1, 2)]
    await put(organization, "f", startsAt=at[0].isoformat(), endsAt=at[1].isoformat())
    seen = []
    for _ in range(3):
        seen.append((await feature(organization, "f"))["value"])
        await own_platform.advance(3600)
    assert seen == [False, True, False]


async def test_plan_decides_its_features_unless_the_operator_does(
    platform: Platform, organization: Organization
) -> None:
    problem(await organization.client.put("/features/projects", json={"value": 9, "offValue": 1}), 403, "flag_of_plan")
    problem(await organization.client.delete("/features/projects"), 403, "flag_of_plan")
    domain = {"domain": "acme.example"}
    refused = problem(await organization.client.post("/domains", json=domain), 403, "feature_not_in_plan")
    assert refused["requiredPlan"] == "PRO"
    async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
        wanted = actions.Definition("", True, True, False, Decimal(100), None, None)
        await actions.put_flag(uow, "members.domainJoin", wanted)
        await uow.commit()
    assert (await organization.client.post("/domains", json=domain)).status_code == 201
    assert (await feature(organization, "members.domainJoin"))["reason"] == "STATIC"


async def test_ofrep_single_and_bulk(platform: Platform, organization: Organization) -> None:
    await put(organization, "f", value="new", offValue="old")
    client = await platform.api_client(organization, "tenancy:read")
    path = "/ofrep/v1/evaluate/flags"
    for body in ({}, {"context": {}}, {"context": {"targetingKey": "u", "more": {"x": 1}}, "unknown": 1}):
        one = await client.post(f"{path}/f", json=body)
        assert one.status_code == 200, one.text
        assert {k: one.json()[k] for k in ("key", "value", "reason", "variant")} == {
            "key": "f",
            "value": "new",
            "reason": "STATIC",
            "variant": "on",
        }
    missing = await client.post(f"{path}/nope", json={})
    assert missing.status_code == 404
    assert (missing.json()["key"], missing.json()["errorCode"]) == ("nope", "FLAG_NOT_FOUND")
    assert missing.json()["errorDetails"]
    for raw, code in ((b"{", "PARSE_ERROR"), (b'{"context": 1}', "INVALID_CONTEXT"), (b"[]", "INVALID_CONTEXT")):
        bad = await client.post(f"{path}/f", content=raw, headers={"Content-Type": "application/json"})
        assert (bad.status_code, bad.json()["errorCode"]) == (400, code)
        assert bad.json()["errorDetails"]
    bulk = await client.post(path, json={})
    assert {flag["key"] for flag in bulk.json()["flags"]} > {"f", "projects"}
    unchanged = await client.post(path, json={}, headers={"If-None-Match": bulk.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    await put(organization, "f", value="newer", offValue="old")
    changed = await client.post(path, json={}, headers={"If-None-Match": bulk.headers["etag"]})
    assert changed.status_code == 200
