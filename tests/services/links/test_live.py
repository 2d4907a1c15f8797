"""The live feed: Server-Sent Events over a real connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.platform import Organization, problem
from tests.services.links.conftest import Shortener
from tests.services.links.test_lane import listening

from septet.services.links.live import LiveFeed


async def clicks_of(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    """The events of a feed; each must be complete: `event`, `id`, `data`, an empty line."""
    event: dict[str, str] = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if name:
            event[name] = value
        elif "event" in event:
            click = json.loads(event["data"])
            assert (event["event"], event["id"]) == ("click", click["id"])
            yield click
            event = {}


async def test_clicks_are_shown_as_they_come_to_their_organization_alone(
    shortener: Shortener, stranger: Organization
) -> None:
    link, other = await shortener.link(), await shortener.link()
    theirs = Shortener(shortener.platform, stranger)
    foreign = await theirs.link()

    async def watched(client: httpx.AsyncClient, owner: Organization, query: str, count: int) -> list[str]:
        headers = {"Authorization": f"Bearer {owner.owner.token}", "Septet-Organization": str(owner.id)}
        async with client.stream("GET", f"/links/live{query}", headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            assert await anext(lines) == ": the clicks follow"
            ready.release()
            seen: list[str] = []
            async for click in clicks_of(lines):
                seen.append(click["linkId"])
                if len(seen) == count:
                    break
            return seen

    ready = asyncio.Semaphore(0)
    async with listening(shortener.platform, in_lane=True) as (client, _), asyncio.timeout(20):
        feeds = [
            asyncio.create_task(watched(client, shortener.organization, "", 3)),
            asyncio.create_task(watched(client, shortener.organization, f"?link={other['id']}", 1)),
            asyncio.create_task(watched(client, stranger, "", 1)),
        ]
        for _ in feeds:
            await ready.acquire()
        for each in (link, foreign, other, link):
            await shortener.visit(each["code"])
        everything, one, strangers = [await feed for feed in feeds]
    assert sorted(everything) == sorted([link["id"], other["id"], link["id"]])
    assert (one, strangers) == ([other["id"]], [foreign["id"]])


async def test_a_quiet_feed_says_that_it_lives(shortener: Shortener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveFeed, "HEARTBEAT_SECONDS", 0.01)
    async with listening(shortener.platform, in_lane=True) as (client, _), asyncio.timeout(10):
        headers = {"Authorization": f"Bearer {shortener.organization.owner.token}"}
        async with client.stream("GET", "/links/live", headers=headers) as answer:
            lines = answer.aiter_lines()
            assert [await anext(lines) for _ in range(5)] == [
                ": the clicks follow", "", ": still here", "", ": still here",
            ]  # fmt: skip


async def test_only_who_may_read_links_may_watch(shortener: Shortener) -> None:
    sender = await shortener.platform.api_client(shortener.organization, "logs:write")
    problem(await sender.get("/links/live"), 403, "forbidden")
