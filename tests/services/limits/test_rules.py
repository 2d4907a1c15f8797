"""Rules as data: seeded, changed without losing counters, remembered, undone."""

from typing import Any

import pytest
from tests.platform import Organization, Platform, created, problem
from tests.services.limits.conftest import Limited


async def test_defaults_are_listed_and_stay_deleted(platform: Platform, organization: Organization) -> None:
    client = organization.client
    rules = (await client.get("/limits/rules")).json()["data"]
    assert {rule["scope"] for rule in rules} == {"tenant", "user"} and all(rule["seeded"] for rule in rules)
    for rule in rules:
        assert (await client.delete(f"/limits/rules/{rule['id']}")).status_code == 204
    assert (await client.get("/limits/rules")).json()["data"] == []
    key = await platform.api_key(organization, "limits:check")
    answer = await platform.client().post("/check", json={"apiKey": key, "route": "/", "userId": "u"})
    assert answer.json()["rule"] is None


@pytest.mark.parametrize("algorithm", ["token_bucket", "gcra", "fixed_window", "sliding_window"])
async def test_a_change_keeps_the_counters(limited: Limited, algorithm: str) -> None:
    rule = await limited.rule(algorithm=algorithm, limit=4)
    assert await limited.allowed(6) == 4
    await limited.change(rule, limit=6)
    assert (await limited.check(cost=0))["remaining"] == 2, "a raised limit frees at once"
    assert await limited.allowed(6) == 2
    await limited.change(rule, limit=3)
    assert not (await limited.check())["allowed"]
    await limited.change(rule, enabled=False)
    assert (await limited.check())["rule"] is None


async def test_history_and_undo(limited: Limited) -> None:
    rule = await limited.rule(limit=1)
    await limited.change(rule, limit=2)
    await limited.client.delete(f"/limits/rules/{rule['id']}")
    history = (await limited.client.get("/limits/rules/history", params={"ruleId": rule["id"]})).json()["data"]
    assert [entry["change"] for entry in history] == ["deleted", "changed", "created"]
    assert {entry["authorId"] for entry in history} == {str(limited.organization.owner.id)}
    for entry, limit in zip(history[:2], (2, 1), strict=True):
        answer = await limited.client.post(f"/limits/rules/history/{entry['id']}/undo")
        assert answer.status_code == 204, answer.text
        assert (await limited.client.get(f"/limits/rules/{rule['id']}")).json()["limit"] == limit
        assert (await limited.check(cost=0))["limit"] == limit
    await limited.client.post(f"/limits/rules/history/{history[2]['id']}/undo")
    problem(await limited.client.get(f"/limits/rules/{rule['id']}"), 404, "rule_not_found")


async def test_if_match(limited: Limited) -> None:
    rule = await limited.rule()
    url = f"/limits/rules/{rule['id']}"
    body = {"name": "x", "scope": "tenant", "algorithm": "gcra", "limit": 1, "windowMs": 1000}
    etag = (await limited.client.get(url)).headers["etag"]
    assert (await limited.client.put(url, json=body, headers={"If-Match": etag})).status_code == 200
    problem(await limited.client.put(url, json=body, headers={"If-Match": etag}), 412, "precondition_failed")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"windowMs": None}, "windowMs"),
        ({"scope": "route"}, "route"),
        ({"limit": 0}, "limit"),
        ({"algorithm": "fixed_window", "burst": 9}, "burst"),
        ({"exact": True}, "exact"),
        ({"calendar": "day"}, "calendar"),
        ({"algorithm": "fixed_window", "calendar": "day", "timeZone": "Mars/Base"}, "timeZone"),
        ({"overrides": [{"limit": 1}]}, "userId"),
        ({"algorithm": "sliding_window", "exact": True, "limit": 20_000}, "10000"),
        ({"algorithm": "sliding_window", "limit": 10**9, "windowMs": 86_400_000}, "shorter window"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_a_rule_that_cannot_be(limited: Limited, wrong: dict[str, Any], words: str) -> None:
    body = {"name": "r", "scope": "tenant", "algorithm": "token_bucket", "limit": 5, "windowMs": 1000, **wrong}
    assert words in problem(await limited.client.post("/limits/rules", json=body), 422, "invalid_input")["detail"]


async def test_other_tenants_see_nothing(limited: Limited, stranger: Organization) -> None:
    rule = await limited.rule()
    url = f"/limits/rules/{rule['id']}"
    problem(await stranger.client.get(url), 404, "rule_not_found")
    problem(await stranger.client.put(url, json={**rule, "name": "x"} | {}), 422, "invalid_input")
    problem(await stranger.client.delete(url), 404, "rule_not_found")
    assert rule["id"] not in (await stranger.client.get("/limits/rules/history")).text


async def test_reading_key_may_not_write(platform: Platform, limited: Limited) -> None:
    reader = await platform.api_client(limited.organization, "limits:read")
    assert (await reader.get("/limits/rules")).status_code == 200
    body = {"name": "r", "scope": "tenant", "algorithm": "gcra", "limit": 5, "windowMs": 1000}
    problem(await reader.post("/limits/rules", json=body), 403, "forbidden")
    writer = await platform.api_client(limited.organization, "limits:write")
    created(await writer.post("/limits/rules", json=body))
