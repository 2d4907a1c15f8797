"""Requests to Septet itself are limited by the organization's rules for the platform, and by no others."""

import pytest
from tests.platform import Platform
from tests.services.limits.conftest import Limited

from septet.kernel.identity import ANONYMOUS, Actor, Role
from septet.kernel.uow import UnitOfWork
from septet.services.limits.errors import QuotaExceeded
from septet.services.limits.guard import limit_request


async def test_platform_rules_only(platform: Platform, limited: Limited) -> None:
    await limited.rule(name="app", limit=1)
    await limited.rule(name="platform", audience="platform", scope="user", method="POST", route="/rooms/*", limit=2)
    person = Actor("user", limited.organization.owner.id, limited.organization.id, Role.OWNER)
    async with UnitOfWork(platform.runtime, person) as uow:
        for remaining in (1, 0):
            headers = await limit_request(uow, "POST", "/rooms/{room_id}/messages")
            assert headers["ratelimit"].startswith(f'"platform";r={remaining};')
        with pytest.raises(QuotaExceeded) as refused:
            await limit_request(uow, "POST", "/rooms/{room_id}/messages")
        assert int(refused.value.headers["retry-after"]) > 0
        assert await limit_request(uow, "GET", "/rooms/{room_id}/messages") == {}
    async with UnitOfWork(platform.runtime, ANONYMOUS) as uow:
        assert await limit_request(uow, "POST", "/rooms/{room_id}/messages") == {}
    assert (await limited.check())["allowed"]
