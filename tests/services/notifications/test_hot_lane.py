"""The fast lane answers as the ordinary endpoints do."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from tests.platform import Organization, Platform, created

from septet.app import web_application
from septet.kernel.fastlane import FastLane
from septet.services.notifications.hot import hot_routes

HELLO = {"title": "Hello", "body": "there"}
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@asynccontextmanager
async def served(platform: Platform) -> AsyncIterator[tuple[FastLane, str]]:
    """The platform's web application behind a lane, on a port of its own."""
    lane = FastLane(hot_routes(platform.runtime))
    config = uvicorn.Config(web_application(platform.runtime), port=0, http=lane, lifespan="off", log_config=None)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield lane, f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await server.shutdown()


async def test_the_lane_answers_as_the_endpoint_does(platform: Platform) -> None:
    organization = await platform.organization()
    key = await platform.api_key(organization)
    reader = await platform.api_key(organization, "notifications:read")
    ordinary = platform.client(key)
    await ordinary.get("/notifications")
    await platform.client(reader).get("/notifications")
    to = {"userId": str(organization.owner.id)}
    bodies = [
        {"content": HELLO, "to": to},
        {"content": HELLO, "recipients": [{"email": f"n{n}@example.com"} for n in range(101)]},
        {"template": "no.such", "to": to},
        {"content": HELLO},
        {"content": {"title": "x\u0000", "body": ""}, "to": to},
    ]
    async with served(platform) as (lane, url), httpx.AsyncClient(base_url=url) as client:
        headers = {"Authorization": f"Bearer {key}"}
        for body in bodies:
            hot = await client.post("/notifications", json=body, headers=headers)
            cold = await ordinary.post("/notifications", json=body)
            assert hot.status_code == cold.status_code, hot.text
            assert IDS.sub("id", hot.text) == IDS.sub("id", cold.text)
            assert hot.headers["content-type"] == cold.headers["content-type"]
        refused = await client.post("/notifications", json=bodies[0], headers={"Authorization": f"Bearer {reader}"})
        assert refused.status_code == 403
        keyed = {**headers, "Idempotency-Key": "once"}
        answers = [await client.post("/notifications", json=bodies[0], headers=keyed) for _ in range(2)]
        assert answers[0].json() == answers[1].json()
        before = lane.counts.requests
        async with httpx.AsyncClient(base_url=url) as fresh:
            many = [fresh.post("/notifications", json=bodies[0], headers=headers) for _ in range(40)]
            assert {answer.status_code for answer in await asyncio.gather(*many)} == {202}
        assert lane.counts.requests - before == 40
    await platform.jobs_done()
    count = (await organization.client.get("/inbox/unread-count")).json()["count"]
    assert count == 2 + 1 + 40
    assert json.loads(hot.text)["status"] == 422


async def test_the_unread_count_is_the_same_in_the_lane(
    platform: Platform, organization: Organization, stranger: Organization
) -> None:
    content = {"content": HELLO, "to": {"userId": str(organization.owner.id)}, "channels": ["inApp"]}
    assert (await organization.client.post("/notifications", json=content)).status_code == 202
    await platform.jobs_done()
    key = await platform.api_key(organization)
    asked = [
        (organization.owner.token, None),
        (organization.owner.token, str(organization.id)),
        (organization.owner.token, str(stranger.id)),
        (organization.owner.token, "no id"),
        (stranger.owner.token, None),
        (key, None),
        ("sess_unknown", None),
    ]
    async with served(platform) as (lane, url), httpx.AsyncClient(base_url=url) as client:
        for token, named in asked:
            headers = {"Authorization": f"Bearer {token}"} | ({"Septet-Organization": named} if named else {})
            hot = await client.get("/inbox/unread-count", headers=headers)
            cold = await platform.client().get("/inbox/unread-count", headers=headers)
            assert (hot.status_code, hot.text) == (cold.status_code, cold.text)
            assert hot.headers["content-type"] == cold.headers["content-type"]
        before = lane.counts.requests
        async with httpx.AsyncClient(base_url=url) as fresh:
            answer = await fresh.get("/inbox/unread-count", headers={"Authorization": f"Bearer {asked[0][0]}"})
        assert (answer.json(), lane.counts.requests - before) == ({"count": 1, "unreadCount": 1}, 1)


async def test_the_organizations_limits_hold_in_the_lane_too(platform: Platform, organization: Organization) -> None:
    rule = {
        "name": "few", "scope": "route", "route": "/notifications", "algorithm": "fixed_window", "limit": 3,
        "windowMs": 3_600_000, "audience": "platform",
    }  # fmt: skip
    created(await organization.client.post("/limits/rules", json=rule))
    key = await platform.api_key(organization)
    body = {"content": HELLO, "to": {"email": "x@example.com"}}
    async with served(platform) as (_, url), httpx.AsyncClient(base_url=url) as client:
        headers = {"Authorization": f"Bearer {key}"}
        answers = [await client.post("/notifications", json=body, headers=headers) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202] * 3 + [429] * 2
    assert all("RateLimit" in answer.headers for answer in answers)
