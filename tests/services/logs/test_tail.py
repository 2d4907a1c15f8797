"""Live tail: what is stored is sent, filtered as a search is, to its organization alone; what is skipped is said."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.platform import Organization, Platform, problem
from tests.services.logs.lines import send
from tests.serving import served

from septet.app import web_application
from septet.services.logs import tail
from septet.services.logs.search.filters import Filter
from septet.services.logs.settings import LogsSettings
from septet.services.logs.tail import Tail


@asynccontextmanager
async def tailing(
    platform: Platform, organization: Organization, **parameters: Any
) -> AsyncIterator[AsyncIterator[Any]]:
    """The events of an open tail, as (name, data)."""
    key = await platform.api_key(organization, "logs:read")
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        served(web_application(platform.runtime)) as url,
        httpx.AsyncClient(base_url=url, headers=headers, timeout=20) as client,
        client.stream("GET", "/logs/tail", params=parameters) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        assert await anext(lines) == ": listening"
        yield _events(lines)


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, Any]]:
    name = ""
    async for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


async def test_a_tail_has_what_matches_and_nothing_of_others(
    platform: Platform, organization: Organization, stranger: Organization
) -> None:
    async with tailing(platform, organization, minLevel="warn", q="payment") as events:
        await send(stranger.client, {"level": "error", "message": "payment of a stranger"})
        await send(organization.client, {"level": "info", "message": "payment"}, {"level": "error", "message": "order"})
        await send(organization.client, {"level": "error", "message": "payment failed", "orderId": 7})
        name, line = await anext(events)
    assert (name, line["message"], line["attributes"]) == ("line", "payment failed", {"orderId": 7})
    assert line["highlights"] == [[0, 7]]


async def test_of_too_many_lines_the_oldest_are_skipped_and_it_says_so(
    platform: Platform, organization: Organization
) -> None:
    runtime, before = platform.runtime, platform.runtime.service_settings(LogsSettings)
    runtime._service_settings[LogsSettings] = LogsSettings(tail_buffer_lines=10)
    try:
        async with tailing(platform, organization) as events:
            await send(organization.client, *({"timestamp": 1_780_000_000 + n, "n": n} for n in range(50)))
            name, notice = await anext(events)
            lines = [(await anext(events))[1]["attributes"]["n"] for _ in range(10)]
    finally:
        runtime._service_settings[LogsSettings] = before
    assert (name, "10" in notice["reason"]) == ("skipped", True)
    assert lines == list(range(40, 50))


async def test_a_tail_that_falls_far_behind_skips(
    platform: Platform, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "MOST_REQUESTS", 3)
    slow = Tail(platform.runtime, organization.id, Filter())
    events = slow.events()
    assert (await anext(events)).startswith(b": listening")
    for _ in range(5):
        slow.stored(uuid4())
    async with asyncio.timeout(10):
        assert b"event: skipped" in await anext(events)
    await events.aclose()  # type: ignore[attr-defined]


async def test_a_search_that_cannot_be_understood_is_refused_before_the_stream(organization: Organization) -> None:
    problem(await organization.client.get("/logs/tail", params={"q": "("}), 400, "bad_search")
