"""Concurrency leases: slots that are given back, or end by themselves."""

import asyncio
from typing import Any

from tests.platform import Organization, Platform, problem
from tests.services.limits.conftest import Limited


async def take(limited: Limited, ttl_ms: int = 60_000, **fields: Any) -> dict[str, Any]:
    body = {"apiKey": limited.key, "resource": "/render", "userId": "u", "ttlMs": ttl_ms, **fields}
    answer = await limited.public.post("/leases", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_slots_are_taken_and_given_back(limited: Limited) -> None:
    await limited.rule(algorithm="concurrency", scope="user", limit=2, windowMs=None)
    first, second, third = [await take(limited) for _ in range(3)]
    assert first["allowed"] and second["allowed"] and not third["allowed"]
    assert third["leaseId"] is None and 0 < third["retryAfterMs"] <= 60_000
    assert (await take(limited, userId="v"))["allowed"], "another user has slots of their own"
    assert (await limited.public.delete(f"/leases/{first['leaseId']}")).status_code == 204
    problem(await limited.public.delete(f"/leases/{first['leaseId']}"), 404, "lease_not_found")
    assert (await take(limited))["allowed"]
    assert (await limited.check())["rule"] is None, "concurrency rules are for leases only"


async def test_a_slot_of_a_crashed_holder_ends_by_itself(limited: Limited) -> None:
    """At its own time, though another holder goes on; until then the denial says how long it takes."""
    await limited.rule(algorithm="concurrency", limit=2, windowMs=None)
    assert (await take(limited, 60_000))["allowed"]
    held = await take(limited, 300)
    denied = await take(limited, 300)
    assert not denied["allowed"] and 0 < denied["retryAfterMs"] <= 300
    async with asyncio.timeout(5):
        while not (again := await take(limited))["allowed"]:
            assert again["retryAfterMs"] <= denied["retryAfterMs"]
            await asyncio.sleep(again["retryAfterMs"] / 1000)
    problem(await limited.public.delete(f"/leases/{held['leaseId']}"), 404, "lease_not_found")
    assert not (await take(limited))["allowed"], "the late release must not have freed the new holder's slot"


async def test_headers(limited: Limited) -> None:
    """The draft's quota unit for what is limited at a time instead of in a window."""
    await limited.rule(name="slots", algorithm="concurrency", limit=1, windowMs=None)
    body = {"apiKey": limited.key, "resource": "/render", "ttlMs": 60_000}
    first, denied = [await limited.public.post("/leases", json=body) for _ in range(2)]
    assert first.headers["ratelimit-policy"] == '"slots";q=1;qu="concurrent-requests"'
    assert first.headers["ratelimit"] == denied.headers["ratelimit"] == '"slots";r=0'
    assert "retry-after" not in first.headers and 50 < int(denied.headers["retry-after"]) <= 60


async def test_all_rules_or_none(limited: Limited) -> None:
    await limited.rule(name="all", algorithm="concurrency", limit=2, windowMs=None)
    await limited.rule(name="each", algorithm="concurrency", scope="user", limit=1, windowMs=None)
    assert (await take(limited, userId="a"))["allowed"]
    for _ in range(3):
        assert (await take(limited, userId="a"))["rule"] == "each"
    assert (await take(limited, userId="b"))["allowed"], "the denied ones must not hold a slot of the first rule"
    assert (await take(limited, userId="c"))["rule"] == "all"


async def test_never_more_holders_than_slots(limited: Limited) -> None:
    """Forty at once for seven slots, and again after some are back."""
    await limited.rule(algorithm="concurrency", limit=7, windowMs=None)
    taken = [
        lease["leaseId"] for lease in await asyncio.gather(*[take(limited) for _ in range(40)]) if lease["allowed"]
    ]
    assert len(taken) == 7
    for lease in taken[:3]:
        await limited.public.delete(f"/leases/{lease}")
    assert sum([lease["allowed"] for lease in await asyncio.gather(*[take(limited) for _ in range(40)])]) == 3


async def test_tenants_have_slots_of_their_own(platform: Platform, limited: Limited, stranger: Organization) -> None:
    await limited.rule(algorithm="concurrency", limit=1, windowMs=None)
    assert (await take(limited))["allowed"]
    key = await platform.api_key(stranger, "limits:check")
    assert (await take(limited, apiKey=key))["rule"] is None
