"""Links that other parts of the platform make: short URLs in one call, and each click told back."""

import asyncio
from decimal import Decimal

import pytest
from tests.platform import created, problem
from tests.services.links.conftest import CHROME, Shortener

from septet.kernel.events import on
from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.links.actions.shortening import shorten
from septet.services.links.events import LinkClicked
from septet.services.tenancy.actions import flags

_told: list[LinkClicked] = []


@on(LinkClicked)
async def note_click(_: UnitOfWork, event: LinkClicked) -> None:
    """What a service that had links made would hear."""
    _told.append(event)


async def made(
    shortener: Shortener, *urls: str, source: str = "letters:delivery-7", commit: bool = True
) -> dict[str, str]:
    actor = system_actor(shortener.organization.id)
    async with UnitOfWork(shortener.platform.runtime, actor) as uow:
        short_urls = await shorten(uow, urls, source=source)
        if commit:
            await uow.commit()
    return short_urls


async def test_each_click_is_told_to_the_source(shortener: Shortener) -> None:
    short_urls = await made(shortener, "https://example.com/a", "https://example.com/b", "http://127.0.0.1/")
    assert short_urls.keys() == {"https://example.com/a", "https://example.com/b"}
    code = short_urls["https://example.com/b"].rpartition("/")[2]
    assert (await shortener.visit(code)).headers["location"] == "https://example.com/b"
    await shortener.visit(code, "Barracuda Sentinel (EE)")
    ordinary = await shortener.link()
    await shortener.visit(ordinary["code"])
    async with asyncio.timeout(10):
        while len(told := [e for e in _told if e.tenant_id == shortener.organization.id]) < 2:
            await asyncio.sleep(0.02)
    assert [(e.source, e.url, e.classification, e.user_agent) for e in sorted(told, key=lambda e: e.at)] == [
        ("letters:delivery-7", "https://example.com/b", "human", CHROME),
        ("letters:delivery-7", "https://example.com/b", "bot", "Barracuda Sentinel (EE)"),
    ]
    tagged = (await shortener.client.get("/links/stats", params={"tag": "letters", "bots": True})).json()
    assert tagged["totalClicks"] == 2


async def test_they_are_listed_only_when_asked_for(shortener: Shortener) -> None:
    await made(shortener, "https://example.com/a")
    await made(shortener, "https://example.com/b", source="mailing:1")
    own = await shortener.link()
    assert [link["id"] for link in (await shortener.client.get("/links")).json()["data"]] == [own["id"]]
    asked = (await shortener.client.get("/links", params={"source": "letters"})).json()["data"]
    assert [link["url"] for link in asked] == ["https://example.com/a"]


async def test_nothing_is_left_of_a_rolled_back_unit_of_work(shortener: Shortener) -> None:
    short_urls = await made(shortener, "https://example.com/a", commit=False)
    problem(await shortener.visit(short_urls["https://example.com/a"].rpartition("/")[2]), 404, "link_not_found")


@pytest.mark.parametrize(
    "source", ["", "letters", "Letters:1", "letters:", "letters:a b", "letters:a\nb", "letters:" + "x" * 69]
)
async def test_a_source_that_could_break_a_record_is_refused(shortener: Shortener, source: str) -> None:
    with pytest.raises(ValueError, match="not <who>:<what>"):
        await made(shortener, "https://example.com/", source=source)


async def test_the_plan_limits_what_people_make(shortener: Shortener) -> None:
    await limit_links(shortener, 5)
    kept = await shortener.link()
    await made(shortener, *(f"https://example.com/{n}" for n in range(9)))
    racers = await asyncio.gather(
        *(shortener.client.post("/links", json={"url": "https://example.com/"}) for _ in range(12))
    )
    assert sorted(answer.status_code for answer in racers) == [201] * 4 + [402] * 8
    many = {"links": [{"url": "https://example.com/"}] * 2}
    await shortener.client.delete(f"/links/{kept['id']}")
    problem(await shortener.client.post("/links/bulk", json=many), 402, "quota_exceeded")
    created(await shortener.client.post("/links", json={"url": "https://example.com/"}))


async def limit_links(shortener: Shortener, links: int) -> None:
    """As an operator does it for one organization."""
    async with UnitOfWork(shortener.platform.runtime, system_actor(shortener.organization.id)) as uow:
        wanted = flags.Definition("fewer", True, links, links, Decimal(100), None, None)
        await flags.put_flag(uow, "links", wanted)
        await uow.commit()
