"""What tests of links share: making links, following them as browsers do, and waiting until clicks are counted."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from tests.name_server import NameServer, running_name_server
from tests.platform import Organization, Platform, created

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1"
)


class Shortener:
    """Links of one organization, and their visitors."""

    def __init__(self, platform: Platform, organization: Organization) -> None:
        self.platform = platform
        self.client = organization.client
        self.organization = organization

    async def link(self, url: str = "https://example.com/page", **more: Any) -> dict[str, Any]:
        return created(await self.client.post("/links", json={"url": url, **more}))

    async def visit(self, code: str, agent: str = CHROME, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.platform.client() as visitor:
            return await visitor.get(f"/s/{code}", headers={"User-Agent": agent, **named})

    async def statistics(self, link: dict[str, Any], **query: str) -> dict[str, Any]:
        answer = await self.client.get(f"/links/{link['id']}/stats", params=query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def clicks(self, link: dict[str, Any]) -> list[dict[str, Any]]:
        answer = await self.client.get(f"/links/{link['id']}/clicks", params={"limit": 200})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])

    async def counted(
        self, link: dict[str, Any], holds: Callable[[dict[str, Any]], bool], **query: str
    ) -> dict[str, Any]:
        """The statistics, once `holds` is true of them; fails with the last ones after ten seconds."""
        found: dict[str, Any] = {}
        try:
            async with asyncio.timeout(10):
                while not holds(found := await self.statistics(link, **query)):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"not counted in time: {found}")
        return found


@pytest.fixture
def shortener(platform: Platform, organization: Organization) -> Shortener:
    return Shortener(platform, organization)


@pytest.fixture
async def dns_server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[NameServer]:
    """Must be named before the platform that is to ask it."""
    async with running_name_server() as server:
        monkeypatch.setenv("SEPTET_LINKS_DNS_SERVER", server.address)
        yield server
