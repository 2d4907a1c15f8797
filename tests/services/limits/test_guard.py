"""Requests to Septet itself are limited by the organization's rules for the platform, and by no others."""

from collections.abc import Mapping

import pytest
from tests.platform import Platform
from tests.services.limits.conftest import Limited

from septet.services.limits.errors import QuotaExceeded
from septet.services.limits.guard import limit_request


async def test_platform_rules_only(platform: Platform, limited: Limited) -> None:
    await limited.rule(name="app", limit=1)
    await limited.rule(name="platform", audience="platform", scope="user", method="POST", route="/rooms/*", limit=2)

    async def request(method: str, user_id: str = "ada") -> Mapping[str, str]:
        route = "/rooms/{room_id}/messages"
        return await limit_request(platform.runtime, limited.organization.id, method, route, user_id)

    for remaining in (1, 0):
        assert (await request("POST"))["ratelimit"].startswith(f'"platform";r={remaining};')
    with pytest.raises(QuotaExceeded) as refused:
        await request("POST")
    assert int(refused.value.headers["retry-after"]) > 0
    assert (await request("POST", "bob"))["ratelimit"].startswith('"platform";r=1;')
    assert await request("GET") == {}
    assert (await limited.check())["allowed"]
