"""A row in every table of links, and a click."""

from tests.architecture.seeds import SECRET
from tests.platform import Organization, Platform, created


async def seed(platform: Platform, organization: Organization) -> None:
    client, visitor = organization.client, platform.client()
    fields = {"title": SECRET, "notes": SECRET, "tags": [SECRET], "utm": {"campaign": SECRET}}
    link = created(await client.post("/links", json={"url": f"https://example.com/{SECRET}", **fields}))
    created(await client.post("/links/domains", json={"host": f"{SECRET}.example".lower()}))
    created(await visitor.post(f"/links/{link['id']}/report", json={"reason": "spam", "details": SECRET}))
    browser = {"User-Agent": f"Mozilla/5.0 {SECRET}", "Referer": f"https://{SECRET}.example/"}
    answer = await visitor.get(f"/s/{link['code']}?utm_campaign={SECRET}", headers=browser)
    assert answer.status_code == 302, answer.text
