"""`POST /logs` in the fast lane answers as the ordinary endpoint does."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from tests.platform import Organization, Platform
from tests.services.logs.lines import stored

from septet.app import web_application
from septet.kernel.fastlane import FastLane
from septet.services.logs.hot import hot_routes

NDJSON = {"Content-Type": "application/x-ndjson"}
LINE = b'{"message": "m", "service": "s"}'
# path, headers, body, whether the lane answers it
REQUESTS: list[tuple[str, dict[str, str], bytes, bool]] = [
    ("/logs", NDJSON, LINE + b"\n" + LINE, True),
    ("/logs", NDJSON, LINE + b"\nnot json\n", True),
    ("/logs?service=web%20shop", {"Content-Type": "text/plain"}, b"a\nb", True),
    ("/logs", {"Content-Type": "application/json"}, b'[{"a": 1}, 2]', True),
    ("/logs", {**NDJSON, "Content-Encoding": "gzip"}, gzip.compress(LINE), True),
    ("/logs", {**NDJSON, "Idempotency-Key": "k1"}, LINE, True),
    ("/logs", {**NDJSON, "Idempotency-Key": "k1"}, LINE, True),
    ("/logs", {**NDJSON, "Idempotency-Key": "k1"}, LINE + LINE, True),
    ("/logs", {**NDJSON, "Idempotency-Key": "x" * 256}, LINE, True),
    ("/logs", {**NDJSON, "Content-Encoding": "gzip"}, LINE, True),
    ("/logs", {"Content-Type": "image/png"}, LINE, True),
    ("/logs", NDJSON, b" ", True),
    ("/logs?dryRun=maybe", NDJSON, LINE, False),
    ("/logs", {**NDJSON, "Septet-Organization": "nobody"}, LINE, False),
]


@asynccontextmanager
async def served(platform: Platform) -> AsyncIterator[tuple[FastLane, str]]:
    lane = FastLane(hot_routes(platform.runtime))
    config = uvicorn.Config(web_application(platform.runtime), port=0, http=lane, lifespan="off", log_config=None)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield lane, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await server.shutdown()


async def test_the_lane_answers_as_the_endpoint_does(platform: Platform, organization: Organization) -> None:
    key = await platform.api_key(organization, "logs:write")
    other = await platform.organization("Other")
    ordinary = platform.client(await platform.api_key(other, "logs:write"))
    async with served(platform) as (lane, url):
        for path, headers, body, is_hot in REQUESTS:
            async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}) as client:
                declined = lane.counts.declines
                hot = await client.post(path, content=body, headers=headers)
                assert (lane.counts.declines == declined) == is_hot, path
            cold = await ordinary.post(path, content=body, headers=headers)
            assert (hot.status_code, hot.json()) == (cold.status_code, cold.json())
            for name in ("content-type", "idempotency-replayed"):
                assert hot.headers.get(name) == cold.headers.get(name)
    messages = [[line["raw"] for line in await stored(o.client, 8)] for o in (organization, other)]
    assert sorted(messages[0]) == sorted(messages[1])


async def test_the_lane_lets_nobody_in_who_may_not_send(platform: Platform, organization: Organization) -> None:
    reader = await platform.api_key(organization, "logs:read")
    async with served(platform) as (_, url), httpx.AsyncClient(base_url=url) as client:
        statuses = [
            (
                await client.post("/logs", content=LINE, headers={**NDJSON, "Authorization": f"Bearer {token}"})
            ).status_code
            for token in (reader, "nonsense", reader[:-1] + "x")
        ]
    assert statuses == [403, 401, 401]
