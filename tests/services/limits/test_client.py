"""The client for users' own applications: checks, quota taken ahead, and the middleware."""

import asyncio
from typing import Any

import httpx
import pytest
from tests.services.limits.conftest import Limited

from septet.client.limits import LeasedQuota, LimitsClient, LimitsMiddleware


def client_of(limited: Limited) -> LimitsClient:
    return LimitsClient("http://septet.test", limited.key, http=limited.public)


async def test_check(limited: Limited) -> None:
    await limited.rule(
        scope="user", method="PUT", limit=2, windowMs=86_400_000, overrides=[{"plan": "pro", "limit": 9}]
    )
    client = client_of(limited)
    first = await client.check("/a", "u", method="PUT")
    assert (first.allowed, first.limit, first.remaining, first.rule) == (True, 2, 1, "r")
    assert first.headers["ratelimit"].startswith('"r";r=1;t=')
    denied = await client.check("/a", "u", cost=2, method="PUT")
    assert not denied.allowed and denied.retry_after_ms and "2 needed, 1 left" in denied.reason
    assert (await client.check("/a", "u", method="PUT", plan="pro")).limit == 9
    assert (await client.check("/a", "u")).rule is None


async def test_an_unknown_key_is_an_error(limited: Limited) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        await LimitsClient("http://septet.test", "nonsense", http=limited.public).check("/a", "u")


@pytest.mark.parametrize("ahead", [1, 7, 64, 1000])
async def test_leased_quota_admits_exactly_the_limit(limited: Limited, ahead: int) -> None:
    """Eight applications side by side, each deciding in process until it is denied: never one more, never one fewer."""
    await limited.rule(limit=101, windowMs=300 * 86_400_000, algorithm="fixed_window")
    quotas = [LeasedQuota(client_of(limited), "/a", "u", ahead=ahead, seconds=60) for _ in range(8)]

    async def spend(quota: LeasedQuota) -> int:
        admitted = 0
        while await quota.take():
            admitted += 1
            await asyncio.sleep(0)
        assert quota.denial is not None and not quota.denial.allowed
        return admitted

    assert sum(await asyncio.gather(*[spend(quota) for quota in quotas])) == 101


async def test_callers_of_one_application_share_a_lease(limited: Limited) -> None:
    """Twenty wait for the same refill; it is asked for once."""
    await limited.rule(limit=1000, windowMs=300 * 86_400_000, algorithm="fixed_window")
    quota = LeasedQuota(client_of(limited), "/a", "u", ahead=100, seconds=60)
    assert all(await asyncio.gather(*[quota.take() for _ in range(20)]))
    assert (await limited.check(cost=0))["remaining"] == 900
    assert sum(quota.take_now() for _ in range(100)) == 80
    assert not quota.take_now()


async def test_what_is_left_is_given_back(limited: Limited) -> None:
    await limited.rule(limit=100, windowMs=300 * 86_400_000, algorithm="fixed_window")
    quota = LeasedQuota(client_of(limited), "/a", "u", ahead=40, seconds=60)
    assert await quota.take(3)
    assert (await limited.check(cost=0))["remaining"] == 60
    await quota.give_back()
    assert (await limited.check(cost=0))["remaining"] == 97
    assert not quota.take_now(), "what was given back cannot be spent"


async def test_old_quota_is_not_spent(limited: Limited) -> None:
    """Not even in part: what was taken from one window must not be spent in the next."""
    await limited.rule(limit=100, windowMs=300 * 86_400_000, algorithm="fixed_window")
    quota = LeasedQuota(client_of(limited), "/a", "u", ahead=40, seconds=0.0)
    for remaining in (60, 20):
        assert await quota.take()
        assert not quota.take_now()
        assert (await limited.check(cost=0))["remaining"] == remaining
    await quota.give_back()
    assert (await limited.check(cost=0))["remaining"] == 20, "expired quota stays taken until the limit's reset"


async def hello(_: Any, __: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
    await send({"type": "http.response.body", "body": b"hello"})


def application(client: LimitsClient, **options: Any) -> httpx.AsyncClient:
    app = LimitsMiddleware(hello, client, lambda scope: dict(scope["headers"])[b"x-user"].decode(), **options)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app.test", headers={"X-User": "ada"})


async def test_middleware(limited: Limited) -> None:
    await limited.rule(scope="user", route="/orders/:id", method="GET", limit=1, windowMs=86_400_000)
    async with application(client_of(limited)) as app:
        first = await app.get("/orders/1")
        assert (first.status_code, first.text, first.headers["x-own"]) == (200, "hello", "1")
        assert first.headers["ratelimit-policy"] == '"r";q=1;w=86400'
        denied = await app.get("/orders/2")
        assert denied.status_code == 429 and int(denied.headers["retry-after"]) > 0 and "Denied" in denied.text
        assert (await app.get("/orders/2", headers={"X-User": "bob"})).status_code == 200
        assert (await app.post("/orders/2")).status_code == 200


@pytest.mark.parametrize(("open_on_failure", "status"), [(True, 200), (False, 503)])
async def test_middleware_without_septet(open_on_failure: bool, status: int) -> None:
    nobody = httpx.AsyncClient(base_url="http://127.0.0.1:9", timeout=1)
    async with application(LimitsClient("", "sk", http=nobody), open_on_failure=open_on_failure) as app:
        assert (await app.get("/")).status_code == status
