"""What caches hold: right at once after an edit, and again for long."""

import asyncio
from typing import Any

import pytest
from tests.services.links.conftest import Shortener

from septet.services.links.directory import UNSURE_SECONDS, Directory, cache_key


@pytest.fixture
def directory(shortener: Shortener) -> Directory:
    return shortener.platform.runtime.shared(Directory)


async def kept_seconds(directory: Directory, link: dict[str, Any]) -> float:
    """For how long this process trusts what it knows of the link."""
    entry = await directory.look_up(("", link["code"]))
    return entry.good_until - asyncio.get_running_loop().time()


async def test_new_and_edited_links_are_kept_for_long(shortener: Shortener, directory: Directory) -> None:
    link = await shortener.link()
    assert await kept_seconds(directory, link) > 60
    await shortener.client.patch(f"/links/{link['id']}", json={"url": "https://example.com/new"})
    assert await kept_seconds(directory, link) > 60
    valkey = shortener.platform.runtime.valkey.client
    assert b"https://example.com/new" in (await valkey.get(cache_key(("", link["code"]))) or b"")


async def test_who_read_before_an_edit_cannot_store_it_after(shortener: Shortener, directory: Directory) -> None:
    link = await shortener.link()
    place = "", link["code"]
    old = (await directory.look_up(place)).destination
    await shortener.client.patch(f"/links/{link['id']}", json={"url": "https://example.com/new"})
    await directory._store(place, old)
    directory._forget_all()
    assert (await shortener.visit(link["code"])).headers["location"] == "https://example.com/new"


async def test_an_edit_that_another_one_overtook_does_not_show_itself(
    shortener: Shortener, directory: Directory
) -> None:
    """The tombstone of a second edit stands while the first one's new state arrives late."""
    link = await shortener.link()
    key = cache_key(("", link["code"]))
    valkey = shortener.platform.runtime.valkey.client
    later = asyncio.Event()
    publish = shortener.platform.runtime.broadcast.publish

    async def overtaken(channel: str, payload: bytes) -> None:
        if not later.is_set():
            later.set()
            await valkey.set(key, b"-another edit", ex=30)
        await publish(channel, payload)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shortener.platform.runtime.broadcast, "publish", overtaken)
        await shortener.client.patch(f"/links/{link['id']}", json={"url": "https://example.com/new"})
    assert await valkey.get(key) == b"-another edit"
    assert 0 < await kept_seconds(directory, link) <= UNSURE_SECONDS
    assert (await shortener.visit(link["code"])).headers["location"] == "https://example.com/new"
