"""What was decided is recorded: series, the most denied, who is near a limit, and what another rule would have done."""

from datetime import timedelta
from typing import Any

import pytest
from tests.platform import Organization, Platform, problem
from tests.services.limits.conftest import Limited

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.limits.events import NearlyReached
from septet.services.limits.limiter import limiter_of

heard: list[NearlyReached] = []


@on(NearlyReached)
async def hear(_: UnitOfWork, event: NearlyReached) -> None:
    heard.append(event)


async def read(limited: Limited, path: str, **params: Any) -> dict[str, Any]:
    answer = await limited.client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def last_hour(platform: Platform) -> dict[str, str]:
    now = platform.runtime.clock.now()
    return {"from": (now - timedelta(hours=1)).isoformat(), "to": (now + timedelta(minutes=1)).isoformat()}


async def test_series_by_route_rule_and_user(platform: Platform, limited: Limited) -> None:
    orders = await limited.rule(name="orders", scope="route", route="/orders", limit=3)
    for user in ("a", "a", "b", "b", "b"):
        await limited.check("/orders", user)
    await limited.check("/other", "a")
    await limited.check("/other", "a", cost=0)

    async def sums(**params: Any) -> tuple[int, int]:
        series = (await read(limited, "/limits/stats", **last_hour(platform), step="60s", **params))["series"]
        return sum(point["allowed"] for point in series), sum(point["denied"] for point in series)

    assert await sums() == (4, 2), "a look is not counted"
    assert await sums(route="/orders") == (3, 2)
    assert await sums(userId="a") == (3, 0)
    assert await sums(ruleId=orders["id"]) == (3, 2)
    requests, denied = await sums(audience="platform")
    assert requests > 0 and denied == 0, "requests to Septet itself are counted apart"


async def test_the_most_denied_first(limited: Limited) -> None:
    await limited.rule(name="each", scope="user", limit=1)
    for user, times in (("a", 2), ("b", 5), ("c", 1)):
        await limited.allowed(times, route=f"/{user}", user=user)
    for by, first in (("user", "b"), ("route", "/b")):
        entries = (await read(limited, "/limits/top", by=by))["data"]
        assert [entry["denied"] for entry in entries] == [4, 1, 0] and entries[0]["key"] == first
        assert entries[0]["peakPercent"] == 100
    (rule,) = (await read(limited, "/limits/top", by="rule"))["data"]
    assert (rule["name"], rule["allowed"], rule["denied"]) == ("each", 3, 5)


async def test_what_a_text_format_would_trip_over(limited: Limited) -> None:
    """Tabs, newlines and backslashes are part of a user's or a route's name like any other character."""
    odd = "a\tb\\tc\nd\r\\N\0é"
    await limited.rule(name="each", scope="user", limit=1)
    await limited.check(odd, odd)
    for by in ("user", "route"):
        assert [entry["key"] for entry in (await read(limited, "/limits/top", by=by))["data"]] == [odd]


async def test_near_a_limit_is_listed_and_told_once(platform: Platform, limited: Limited) -> None:
    """The rule for each user binds; that of the whole organization is near its limit too."""
    await limited.rule(name="all", limit=50, windowMs=86_400_000)
    each = await limited.rule(name="each", scope="user", limit=20, windowMs=86_400_000)
    await limited.rule(name="small", scope="route", route="/a", limit=9, windowMs=86_400_000, shadow=True)
    limiter = limiter_of(platform.runtime)
    for user in ("a", "b", "c", "d"):
        for times in (10, 6) if user in ("a", "b") else (5, 5):
            await limited.allowed(times, user=user)
            await limiter.recorder.flush()
            await limiter.warner.tell()
    await platform.jobs_done()
    told = [event for event in heard if event.tenant_id == limited.organization.id]
    assert sorted((event.rule_name, event.user_id) for event in told) == [("all", ""), ("each", "a"), ("each", "b")]
    assert all(event.used_percent >= 80 for event in told)
    warnings = (await read(limited, "/limits/warnings"))["data"]
    assert {(entry["rule"], entry["userId"]) for entry in warnings} >= {("all", ""), ("each", "a"), ("each", "b")}
    assert ("each", "c") not in {(entry["rule"], entry["userId"]) for entry in warnings}
    (near,) = [entry for entry in warnings if entry["userId"] == "a"]
    assert near["ruleId"] == each["id"] and near["peakPercent"] == 80


async def test_replay_says_who_would_have_been_denied(platform: Platform, limited: Limited) -> None:
    for user, times in (("a", 7), ("b", 2)):
        await limited.allowed(times, route="/orders/1", user=user)
    await limited.allowed(4, route="/other", user="a")
    await limited.check("/orders/2", "b", cost=3)
    rule = {"name": "try", "scope": "user", "route": "/orders/:id", "algorithm": "fixed_window", "limit": 4}
    body = {"rule": {**rule, "windowMs": 86_400_000}, **last_hour(platform)}
    found = (await limited.client.post("/limits/replay", json=body)).json()
    assert (found["checks"], found["allowed"], found["denied"], found["partial"]) == (10, 6, 4, False)
    assert found["deniedUsers"][0] == {"userId": "a", "route": "/orders/1", "allowed": 4, "denied": 3}
    assert {entry["userId"] for entry in found["deniedUsers"]} == {"a", "b"}
    left_over = await platform.runtime.valkey.client.keys(f"*{limited.organization.id}*replay*")
    assert left_over == [], "its counters are gone"
    assert (await limited.check("/orders/1", "a"))["rule"] is None, "the rule was only tried"


@pytest.mark.parametrize("algorithm", ["token_bucket", "gcra", "sliding_window"])
async def test_replay_with_each_algorithm(platform: Platform, limited: Limited, algorithm: str) -> None:
    await limited.allowed(12, user="a")
    rule = {"name": "try", "scope": "tenant", "algorithm": algorithm, "limit": 5, "windowMs": 86_400_000}
    found = (await limited.client.post("/limits/replay", json={"rule": rule, **last_hour(platform)})).json()
    assert (found["allowed"], found["denied"]) == (5, 7)


async def test_nobody_reads_anothers_statistics(platform: Platform, limited: Limited, stranger: Organization) -> None:
    await limited.rule(limit=1)
    await limited.allowed(5)
    series = (await stranger.client.get("/limits/stats")).json()["series"]
    assert {(point["allowed"], point["denied"]) for point in series} == {(0, 0)}
    for path in ("/limits/top", "/limits/warnings"):
        assert (await stranger.client.get(path)).json() == {"data": []}
    rule = {"name": "try", "scope": "tenant", "algorithm": "gcra", "limit": 1, "windowMs": 1000}
    found = await stranger.client.post("/limits/replay", json={"rule": rule, **last_hour(platform)})
    assert found.json()["checks"] == 0


async def test_a_period_that_cannot_be(limited: Limited) -> None:
    problem(await limited.client.get("/limits/stats", params={"step": "0"}), 400, "bad_parameter")
    backwards = {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    problem(await limited.client.get("/limits/top", params=backwards), 400, "bad_parameter")
    long = {"from": "2020-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z", "step": "1s"}
    problem(await limited.client.get("/limits/stats", params=long), 400, "bad_parameter")
