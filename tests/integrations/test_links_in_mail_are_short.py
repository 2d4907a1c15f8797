"""The promise of `integrations/links_in_mail_are_short.py`."""

import asyncio
import re
from typing import Any

import pytest
from tests.integrations.mailbox import mail_to
from tests.platform import Organization, Platform

TARGET = "https://example.com/a/long/page?a=1&b=2"
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


async def send(platform: Platform, organization: Organization, *, short: bool) -> tuple[str, dict[str, Any]]:
    branding = await organization.client.put("/branding", json={"layout": {"shortLinks": short}})
    assert branding.status_code == 200, branding.text
    content = {"title": "News", "body": "There are news.", "link": TARGET}
    body = {"content": content, "to": {"email": "reader@example.com"}, "channels": ["email"]}
    sent = await organization.client.post("/notifications", json=body)
    assert sent.status_code == 202, sent.text
    await platform.jobs_done()
    return sent.json()["id"], await mail_to(platform, organization, "reader@example.com", "News")


async def test_a_link_is_short_leads_there_and_its_click_shows(platform: Platform, organization: Organization) -> None:
    notification_id, mail = await send(platform, organization, short=True)
    assert TARGET not in mail["text"]
    found = re.search(r"http://septet\.test(/s/\w+)", mail["text"])
    assert found
    assert f'href="http://septet.test{found[1]}"' in mail["html"]
    followed = await platform.client().get(found[1], headers=BROWSER)
    assert followed.headers["location"] == TARGET
    trace: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        while "clicked" not in {entry["outcome"] for entry in trace}:
            await platform.jobs_done()
            trace = (await organization.client.get(f"/notifications/{notification_id}")).json()["trace"]
    (clicked,) = [entry for entry in trace if entry["outcome"] == "clicked"]
    assert (clicked["reason"], clicked["detail"]["url"]) == ("human", TARGET)


async def test_without_the_setting_links_stay(platform: Platform, organization: Organization) -> None:
    _, mail = await send(platform, organization, short=False)
    assert TARGET in mail["text"]


@pytest.mark.usefixtures("platform")
async def test_such_links_are_not_among_the_own_ones(platform: Platform, organization: Organization) -> None:
    await send(platform, organization, short=True)
    assert (await organization.client.get("/links")).json()["data"] == []
    assert len((await organization.client.get("/links?source=mail")).json()["data"]) == 1
