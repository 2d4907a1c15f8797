"""`POST /check` as callers see it: what is taken, what is refused, and why."""

from typing import Any

import pytest
from tests.platform import Organization, Platform, problem
from tests.services.limits.conftest import Limited


@pytest.mark.parametrize("algorithm", ["token_bucket", "gcra", "fixed_window", "sliding_window"])
async def test_exactly_the_limit(limited: Limited, algorithm: str) -> None:
    await limited.rule(algorithm=algorithm, limit=5)
    answers = [await limited.check() for _ in range(7)]
    assert [answer["allowed"] for answer in answers] == [True] * 5 + [False] * 2
    assert [answer["remaining"] for answer in answers] == [4, 3, 2, 1, 0, 0, 0]
    denied = answers[-1]
    assert denied["limit"] == 5 and denied["rule"] == "r"
    assert 0 < denied["retryAfterMs"] <= 2 * 3_600_000
    assert denied["reason"].startswith("Denied: 1 needed, 0 left of 5")


async def test_exact_sliding_window(limited: Limited) -> None:
    await limited.rule(algorithm="sliding_window", exact=True, limit=5)
    assert await limited.allowed(7) == 5
    assert (await limited.check(cost=-2))["remaining"] == 2
    assert await limited.allowed(7) == 2


async def test_costs_peeks_and_refunds(limited: Limited) -> None:
    await limited.rule(limit=10)
    assert (await limited.check(cost=7))["remaining"] == 3
    denied = await limited.check(cost=4)
    assert not denied["allowed"] and denied["remaining"] == 3
    for _ in range(3):
        assert (await limited.check(cost=0))["remaining"] == 3
    assert (await limited.check(cost=-2))["remaining"] == 5
    assert (await limited.check(cost=-1000))["remaining"] == 10
    assert (await limited.check(cost=10))["allowed"]
    assert not (await limited.check(cost=0))["allowed"]
    never = await limited.check(cost=11)
    assert not never["allowed"] and never.get("retryAfterMs") is None and "above what this rule" in never["reason"]


async def test_all_rules_or_none(limited: Limited) -> None:
    await limited.rule(name="all", limit=10)
    await limited.rule(name="orders", scope="route", route="/orders", limit=3)
    await limited.rule(name="each", scope="user", limit=2)
    assert await limited.allowed(2, route="/orders", user="a") == 2
    assert (await limited.check("/orders", "a"))["rule"] == "each"
    assert (await limited.check("/orders", "b"))["allowed"]
    assert (await limited.check("/orders", "c"))["rule"] == "orders"
    assert (await limited.check("/x", "c", cost=0))["remaining"] == 2, "the denied check must not have taken anything"
    answer = await limited.ask("/x", "d")
    assert answer.headers["ratelimit-policy"] == '"all";q=10;w=3600, "each";q=2;w=3600'
    assert answer.headers["ratelimit"].startswith('"all";r=6;t=')


async def test_denial_names_when_to_come_back(limited: Limited) -> None:
    await limited.rule(limit=1, windowMs=10_000)
    await limited.check()
    answer = await limited.ask()
    assert answer.json()["allowed"] is False
    seconds = int(answer.headers["retry-after"])
    assert seconds in (9, 10) and answer.headers["ratelimit"] == f'"r";r=0;t={seconds}'


async def test_without_rules_everything_goes(limited: Limited) -> None:
    answer = await limited.ask()
    assert answer.json()["allowed"] and answer.json()["rule"] is None
    assert "ratelimit" not in answer.headers


@pytest.mark.parametrize(
    ("pattern", "fits", "misses"),
    [
        ("/users/:id", ["/users/1", "/users/ü", "/users/1?x=2"], ["/users", "/users/1/a", "/users/"]),
        ("/files/*", ["/files/", "/files/a/b"], ["/files", "/file"]),
        ("/a", ["/a", "/a?b"], ["/a/", "/ab", "/A"]),
        ("*", ["/a", "x"], []),
        ("/a/*/c", ["/a/b/c"], ["/a/b/b/c", "/a//c"]),
    ],
)
async def test_route_patterns(limited: Limited, pattern: str, fits: list[str], misses: list[str]) -> None:
    await limited.rule(scope="route", route=pattern, limit=100)
    for route in fits:
        assert (await limited.check(route))["rule"] == "r", route
    for route in misses:
        assert (await limited.check(route))["rule"] is None, route


async def test_method(limited: Limited) -> None:
    await limited.rule(method="post", limit=1)
    assert (await limited.check(method="POST"))["rule"] == "r"
    assert (await limited.check(method="GET"))["rule"] is None
    assert (await limited.check())["rule"] is None


async def test_overrides(limited: Limited) -> None:
    overrides = [{"userId": "vip", "limit": 4}, {"plan": "pro", "limit": 3}]
    await limited.rule(scope="user", limit=1, overrides=overrides)
    assert await limited.allowed(5, user="a") == 1
    assert await limited.allowed(5, user="b", plan="pro") == 3
    assert await limited.allowed(5, user="vip", plan="pro") == 4


async def test_shadow_is_counted_but_never_denies(limited: Limited) -> None:
    await limited.rule(limit=1, shadow=True)
    assert await limited.allowed(3) == 3
    stats = (await limited.client.get("/limits/stats")).json()["series"]
    assert sum(point["shadowDenied"] for point in stats) == 2


async def test_batch_in_order(limited: Limited) -> None:
    await limited.rule(scope="user", limit=2)
    users = ["a", "b", "a", "a", "b", "c"] * 50
    checks = [{"apiKey": limited.key, "route": "/a", "userId": user} for user in users]
    results = (await limited.public.post("/check/batch", json={"checks": checks})).json()["results"]
    seen: dict[str, int] = {}
    for user, result in zip(users, results, strict=True):
        seen[user] = seen.get(user, 0) + 1
        assert result["allowed"] is (seen[user] <= 2)


@pytest.mark.parametrize("key", ["", "nonsense", "sk_1_2"])
async def test_unknown_key(limited: Limited, key: str) -> None:
    problem(await limited.ask(apiKey=key), 401, "unauthenticated")
    bad = {"apiKey": key, "route": "/", "userId": "u"}
    problem(await limited.public.post("/check/batch", json={"checks": [bad]}), 401, "unauthenticated")
    problem(await limited.public.get("/check/forward", headers={"X-Api-Key": key}), 401, "unauthenticated")
    problem(
        await limited.public.post("/leases", json={"apiKey": key, "resource": "r", "ttlMs": 1}), 401, "unauthenticated"
    )


async def test_key_needs_the_scope(platform: Platform, limited: Limited) -> None:
    other = await platform.api_key(limited.organization, "links:write")
    problem(await limited.ask(apiKey=other), 403, "forbidden")


@pytest.mark.parametrize(
    "wrong",
    [{"cost": 1.5}, {"cost": 10**9}, {"route": ""}, {"userId": None}, {"x": 1}, {"route": "a" * 1001}, {"cost": "1x"}],
)
async def test_bad_input(limited: Limited, wrong: dict[str, Any]) -> None:
    problem(await limited.ask(**wrong), 422, "invalid_input")


async def test_tenants_do_not_share_counters(platform: Platform, limited: Limited, stranger: Organization) -> None:
    await limited.rule(limit=1)
    await limited.check()
    key = await platform.api_key(stranger, "limits:check")
    answer = await limited.check(apiKey=key)
    assert answer["allowed"] and answer["rule"] != "r"


async def test_forward_auth(limited: Limited) -> None:
    await limited.rule(scope="route", route="/orders/:id", method="PUT", limit=1)
    headers = {  # as Traefik's ForwardAuth sends them, with what its headers middleware adds
        "X-Forwarded-Method": "PUT", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "shop.example",
        "X-Forwarded-Uri": "/orders/1?a=b", "X-Forwarded-For": "203.0.113.7", "Accept-Encoding": "gzip",
        "X-Api-Key": limited.key, "X-User-Id": "u",
    }  # fmt: skip
    answer = await limited.public.get("/check/forward", headers=headers)
    assert answer.status_code == 204 and answer.headers["ratelimit"].startswith('"r";r=0;t=')
    denied = await limited.public.get("/check/forward", headers=headers)
    body = problem(denied, 429, "quota_exceeded")
    assert body["violated-policies"] == ["r"] and body["type"].endswith("#quota-exceeded")
    assert int(denied.headers["retry-after"]) > 0
    problem(await limited.public.get("/check/forward?deny=403", headers=headers), 403, "quota_exceeded")
