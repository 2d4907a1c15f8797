"""The fast lane answers as the ordinary endpoint does, and counts as it does."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from tests.platform import Platform
from tests.services.links.conftest import CHROME, Shortener

from septet.app import web_application
from septet.kernel.fastlane import FastLane
from septet.services.links.redirects import Redirects


@asynccontextmanager
async def listening(platform: Platform, *, in_lane: bool) -> AsyncIterator[tuple[httpx.AsyncClient, FastLane]]:
    """The platform behind a real socket."""
    runtime = platform.runtime
    lane = FastLane([runtime.shared(Redirects).hot_route()] if in_lane else [])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            web_application(runtime),
            http=lane,  # type: ignore[arg-type]
            lifespan="off",
            log_level="warning",
            server_header=False,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            async with httpx.AsyncClient(base_url=base, headers={"User-Agent": CHROME}, timeout=30) as client:
                yield client, lane
        finally:
            server.should_exit = True
            await serving


@pytest.mark.parametrize("more", [{}, {"redirectStatus": 301}, {"redirectStatus": 307}, {"maxClicks": 3}])
async def test_lane_answers_as_the_endpoint_does(shortener: Shortener, more: dict[str, int]) -> None:
    link = await shortener.link(**more)
    answers = []
    for in_lane in (False, True):
        async with listening(shortener.platform, in_lane=in_lane) as (client, lane):
            answer = await client.get(f"/s/{link['code']}")
            ours = {"location", "cache-control", "content-length"}
            answers.append((answer.status_code, {n: v for n, v in answer.headers.items() if n in ours}, answer.content))
            assert lane.counts.requests == in_lane
            assert lane.counts.declines == (in_lane and "maxClicks" in more)
    assert answers[0] == answers[1]
    assert (await shortener.counted(link, lambda s: s["totalClicks"] >= 2))["totalClicks"] == 2


async def test_lane_loads_what_it_does_not_know_and_counts_every_answer(shortener: Shortener) -> None:
    links = [await shortener.link() for _ in range(3)]
    async with listening(shortener.platform, in_lane=True) as (client, lane):
        answers = await asyncio.gather(*(client.get(f"/s/{link['code']}") for link in links for _ in range(40)))
        assert {answer.status_code for answer in answers} == {302}
        prefetch = await client.get(f"/s/{links[0]['code']}", headers={"Sec-Purpose": "prefetch"})
        assert prefetch.status_code == 302
        assert (lane.counts.requests, lane.counts.declines) == (121, 0)
        unknown = await client.get("/s/nobody-has-this")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "link_not_found")
    for link in links:
        assert (await shortener.counted(link, lambda s: s["totalClicks"] >= 40))["totalClicks"] == 40
