"""The hot routes answer what the ordinary endpoints answer, and leave to them what is not plain."""

import asyncio
import json
from typing import Any

import pytest
from tests.platform import Platform
from tests.services.limits.conftest import Limited

from septet.kernel.fastlane import Answer, HotRequest
from septet.services.limits.hot import hot_routes

HEADERS = {b"content-type": b"application/json"}


class Connection:
    """Stands where the lane's connection does: gets the one answer, or None when the route declines."""

    def __init__(self) -> None:
        self.answered: asyncio.Future[tuple[int, bytes, bytes] | None] = asyncio.get_running_loop().create_future()

    def answer(self, request: HotRequest, status: int, headers: bytes, body: bytes) -> None:
        self.answered.set_result((status, headers, body))

    def decline(self) -> None:
        self.answered.set_result(None)


async def in_lane(
    platform: Platform, path: bytes, body: bytes, headers: dict[bytes, bytes] | None = None
) -> tuple[int, bytes, bytes] | None:
    route = next(route for route in hot_routes(platform.runtime) if route.path == path)
    request = HotRequest(b"POST", path, HEADERS if headers is None else headers, body, "127.0.0.1")
    connection = Connection()
    route.handle(request, Answer(connection, request))
    async with asyncio.timeout(5):
        return await connection.answered


def without_time(body: Any) -> Any:
    """Two checks happen at two times; whatever counts milliseconds may differ."""
    if "results" in body:
        return [without_time(result) for result in body["results"]]
    return {**body, "resetAfterMs": 0, "retryAfterMs": 0, "reason": body["reason"].partition(";")[0]}


@pytest.mark.parametrize("rules", [0, 1, 3])
async def test_same_answers(platform: Platform, limited: Limited, rules: int) -> None:
    for number in range(rules):
        await limited.rule(name=f'r"{number}é', limit=1000 - number, windowMs=86_400_000)
    for cost in (0, 5, 2000):
        check = {"apiKey": limited.key, "route": "/a", "userId": "ü", "cost": cost}
        hot = await in_lane(platform, b"/check", json.dumps(check).encode())
        await limited.ask(cost=-5)
        ordinary = await limited.public.post("/check", json=check)
        await limited.ask(cost=-5)
        assert hot is not None and (hot[0], ordinary.status_code) == (200, 200)
        assert without_time(json.loads(hot[2])) == without_time(ordinary.json())
        names = {line.partition(b":")[0].decode() for line in hot[1].split(b"\r\n") if line}
        assert names == {name for name in ordinary.headers if name.startswith(("ratelimit", "retry", "content-type"))}
    batch = {"checks": [check] * 3}
    hot = await in_lane(platform, b"/check/batch", json.dumps(batch).encode())
    ordinary = await limited.public.post("/check/batch", json=batch)
    assert hot is not None and without_time(json.loads(hot[2])) == without_time(ordinary.json())


async def test_declines_what_is_not_plain(platform: Platform, limited: Limited) -> None:
    good = {"apiKey": limited.key, "route": "/a", "userId": "u"}
    scopeless = await platform.api_key(limited.organization, "links:read")
    for body in (b"", b"{", b"[]", json.dumps({**good, "x": 1}).encode(), json.dumps({**good, "apiKey": "x"}).encode()):
        assert await in_lane(platform, b"/check", body) is None, body
    for _ in range(2):  # unknown to this process at first, known then
        assert await in_lane(platform, b"/check", json.dumps({**good, "apiKey": scopeless}).encode()) is None
    assert await in_lane(platform, b"/check", json.dumps(good).encode(), {}) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"route": ""},
        {"route": "r" * 1001},
        {"userId": "u" * 201},
        {"cost": 1_000_001},
        {"cost": -1_000_001},
        {"cost": 1.5},
        {"cost": None},
        {"method": "M" * 21},
        {"plan": "p" * 51},
        {"apiKey": None},
    ],
)
async def test_accepts_nothing_that_the_ordinary_endpoint_refuses(
    platform: Platform, limited: Limited, fields: dict[str, Any]
) -> None:
    check = {"apiKey": limited.key, "route": "/a", "userId": "u", **fields}
    for path, body in (("/check", check), ("/check/batch", {"checks": [check]})):
        assert await in_lane(platform, path.encode(), json.dumps(body).encode()) is None
        assert (await limited.public.post(path, json=body)).status_code == 422


@pytest.mark.parametrize("size", [0, 1001])
async def test_a_batch_has_one_to_a_thousand_checks(platform: Platform, limited: Limited, size: int) -> None:
    body = {"checks": [{"apiKey": limited.key, "route": "/a", "userId": "u"}] * size}
    assert await in_lane(platform, b"/check/batch", json.dumps(body).encode()) is None
    assert (await limited.public.post("/check/batch", json=body)).status_code == 422
