"""What the rest of the platform may ask: write lines without HTTP, meter what arrived, purge an organization."""

from uuid import uuid4

import pytest
from tests.platform import Organization, Platform, created
from tests.services.logs.lines import search, send, stored

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.logs.actions import platform as logs
from septet.services.logs.ingest import Ingest


async def test_the_platform_writes_lines_of_its_own(platform: Platform, organization: Organization) -> None:
    lines = [{"event": "started", "level": "warning", "message": f"m{n}", "id": uuid4()} for n in range(3)]
    await logs.write(platform.runtime, organization.id, "septet", lines)
    found = await stored(organization.client, 3, service="septet")
    assert {(line["level"], line["attributes"]["event"]) for line in found} == {("warn", "started")}
    assert {line["attributes"]["id"] for line in found} == {str(line["id"]) for line in lines}


async def test_what_arrived_is_counted_by_day(
    platform: Platform, organization: Organization, stranger: Organization
) -> None:
    line = {"message": "m", "timestamp": "1999-01-01T00:00:00Z"}
    await send(organization.client, line, line)
    await stored(organization.client, 2)
    await send(stranger.client, {"message": "x" * 1000})
    await stored(stranger.client, 1)
    arrived = await logs.arrived(platform.runtime, platform.runtime.clock.now().date())
    assert arrived[organization.id] == logs.Arrived(
        2, 2 * len(b'{"message": "m", "timestamp": "1999-01-01T00:00:00Z"}')
    )
    assert arrived[stranger.id].bytes > 1000


async def test_a_purge_leaves_nothing_of_one_and_all_of_the_others(own_platform: Platform) -> None:
    gone, kept = await own_platform.organization("Gone"), await own_platform.organization("Kept")
    for organization in (gone, kept):
        await send(organization.client, {"message": "m"})
        await stored(organization.client, 1)
        created(await organization.client.post("/logs/searches", json={"name": "s", "query": {}}))
        created(await organization.client.post("/logs/masks", json={"name": "m", "kind": "card"}))
    async with UnitOfWork(own_platform.runtime, system_actor(gone.id)) as uow:
        await logs.purge(uow)
        await uow.commit()
    left = [len(await search(organization.client)) for organization in (gone, kept)]
    left += [
        len((await o.client.get(path)).json()["data"])
        for o in (gone, kept)
        for path in ("/logs/searches", "/logs/masks")
    ]
    assert left == [0, 1, 0, 0, 1, 1]


async def test_a_purge_waits_for_what_is_queued(platform: Platform, organization: Organization) -> None:
    waiting = Ingest.of(platform.runtime).queue
    await platform.runtime.valkey.client.hset("septet:{logs}:queue:bytes", str(organization.id), 1)
    async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
        with pytest.raises(logs.LinesStillQueued):
            await logs.purge(uow)
    await platform.runtime.valkey.client.hdel("septet:{logs}:queue:bytes", str(organization.id))
    assert await waiting.waiting_bytes(organization.id) == 0
