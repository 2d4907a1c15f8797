"""A tenant without its default rules, and what tests say about limits in few words."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.platform import Organization, Platform, created


@dataclass
class Limited:
    """An organization with an API key; `check` asks with it."""

    organization: Organization
    key: str
    public: httpx.AsyncClient

    @property
    def client(self) -> httpx.AsyncClient:
        return self.organization.client

    async def rule(self, **fields: Any) -> dict[str, Any]:
        body = {"name": "r", "scope": "tenant", "algorithm": "token_bucket", "limit": 5, "windowMs": 3_600_000}
        return created(await self.client.post("/limits/rules", json={**body, **fields}))

    async def change(self, rule: dict[str, Any], **fields: Any) -> None:
        own = ("id", "seeded", "createdAt", "updatedAt")
        body = {name: value for name, value in rule.items() if name not in own} | fields
        answer = await self.client.put(f"/limits/rules/{rule['id']}", json=body)
        assert answer.status_code == 200, answer.text

    async def ask(self, route: str = "/a", user: str = "u", **fields: Any) -> httpx.Response:
        return await self.public.post("/check", json={"apiKey": self.key, "route": route, "userId": user, **fields})

    async def check(self, route: str = "/a", user: str = "u", **fields: Any) -> dict[str, Any]:
        answer = await self.ask(route, user, **fields)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def allowed(self, times: int, **fields: Any) -> int:
        return sum([(await self.check(**fields))["allowed"] for _ in range(times)])


async def limited_on(platform: Platform) -> Limited:
    organization = await platform.organization()
    for rule in (await organization.client.get("/limits/rules")).json()["data"]:
        await organization.client.delete(f"/limits/rules/{rule['id']}")
    return Limited(organization, await platform.api_key(organization, "limits:check"), platform.client())


@pytest.fixture
async def limited(platform: Platform) -> Limited:
    return await limited_on(platform)


@pytest.fixture
def limited_elsewhere() -> Callable[[Platform], Awaitable[Limited]]:
    """For tests with a platform of their own."""
    return limited_on
