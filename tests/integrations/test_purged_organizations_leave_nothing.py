"""The promise of `purged_organizations_leave_nothing.py`, and that an export holds what all services keep."""

import asyncio
import gzip
import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.architecture.seeds import SECRET, seeds
from tests.integrations.everywhere import places
from tests.platform import Organization, Platform, created
from tests.services.payments.conftest import payments_of
from tests.services.tenancy.test_export import archive_of, restore
from tests.sql import run_sql

from septet.integrations import purged_organizations_leave_nothing as purging
from septet.integrations.platform_logs_itself import store, storing
from septet.integrations.purged_organizations_leave_nothing import LATE
from septet.kernel.identity import system_actor
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.logs.actions.platform import PLATFORM
from septet.services.logs.ingest import Ingest
from septet.services.tenancy.actions.restoring import restore_archive
from septet.services.tenancy.archive import erase
from septet.services.tenancy.errors import PurgedOrRestored
from septet.services.tenancy.events import OrganizationPurged

GRACE_DAYS = 15
SERVICES = ("tenancy", "chat", "notifications", "payments", "links", "logs", "limits")


async def full_organization(platform: Platform) -> Organization:
    """Something in every service, and in every engine."""
    organization = await platform.organization(SECRET)
    for seed in seeds().values():
        await seed(platform, organization)
    client, key = organization.client, await platform.api_key(organization)
    link = created(await client.post("/links", json={"url": f"https://example.com/{SECRET}"}))
    await platform.client().get(f"/s/{link['code']}")
    room = created(await client.post("/rooms", json={"name": SECRET}))
    created(await client.post(f"/rooms/{room['id']}/messages", json={"clientMessageId": "1", "body": SECRET}))
    assert (await client.put("/logs/retention", json={"days": 2 * GRACE_DAYS})).status_code == 200
    assert (await client.post("/logs", json=[{"message": SECRET}])).status_code == 202
    created(await client.post("/logs/searches", json={"name": "everything", "query": {"q": SECRET}}))
    check = {"apiKey": key, "route": f"/{SECRET}", "userId": SECRET}
    assert (await platform.client().post("/check", json=check)).status_code == 200
    created(await client.post("/payments", json={"orderId": SECRET, "amount": 500, "currency": "EUR"}))
    content = {"title": SECRET, "body": SECRET}
    sent = await client.post("/notifications", json={"content": content, "to": {"email": f"{SECRET}@example.com"}})
    assert sent.status_code == 202
    await platform.jobs_done()
    return organization


async def test_after_the_grace_period_no_engine_knows_it(own_platform: Platform) -> None:
    async with storing(own_platform.runtime), payments_of(own_platform, "sk_test_purge"):
        organization = await full_organization(own_platform)
        neighbour = await own_platform.api_client(await full_organization(own_platform))  # sessions end in the meantime
        before = await places(own_platform, organization.id)
        for engine in ("postgres", "clickhouse", "valkey"):
            assert [place for place in before if place.startswith(engine)], f"nothing of it was in {engine}"
        assert (await organization.client.delete(f"/organizations/{organization.id}")).status_code == 204
        await own_platform.advance(GRACE_DAYS * 86_400)
        await own_lines_stored(own_platform)
        await own_platform.advance(LATE.total_seconds())
        await own_lines_stored(own_platform)
        left = await places(own_platform, organization.id)
        assert left == [], [*left, *await lines_about(own_platform, organization)]
        for path in ("/projects", "/logs"):
            answer = await neighbour.get(path)
            assert answer.status_code == 200, answer.text
            assert answer.json()["data"], f"a neighbour lost something of {path}"


async def own_lines_stored(platform: Platform) -> None:
    """Wait until what Septet has logged so far is in ClickHouse."""
    queue = Ingest.of(platform.runtime).queue
    async with asyncio.timeout(20):
        while platform.worker.in_hand:
            await asyncio.sleep(0.02)
        await store(platform.runtime)
        while await queue.waiting_bytes(PLATFORM):
            await asyncio.sleep(0.02)


async def lines_about(platform: Platform, organization: Organization) -> list[str]:
    """The log lines that still name it, for the message of a failure."""
    statement = """SELECT formatRow('JSONEachRow', tenant_id, timestamp, received_at, message, attributes) AS line
        FROM logs WHERE position(formatRow('JSONEachRow', *), {id:String}) > 0"""
    rows = await platform.runtime.clickhouse.query(statement, {"id": str(organization.id)})
    return [row["line"] for row in rows]


async def purged(platform: Platform) -> tuple[Organization, bytes]:
    """An organization whose rows are gone as after its grace period, and its archive."""
    organization = await platform.organization()
    created(await organization.client.post("/projects", json={"name": "Garden", "key": "G"}))
    content = await archive_of(platform, organization)
    async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
        await erase(uow)
        await uow.commit()
    return organization, content


async def projects_of(platform: Platform, organization: Organization) -> list[str]:
    async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
        found = await uow.execute(
            text("SELECT name FROM tenancy.projects WHERE tenant_id = :id"), {"id": uow.tenant_id}
        )
        return list(found.scalars())


async def test_nothing_is_restored_into_a_purge(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    organization, content = await purged(platform)
    refused = []

    async def restore_meanwhile(_: Runtime) -> None:
        with pytest.raises(PurgedOrRestored):
            await restore(platform, content)
        refused.append(True)

    monkeypatch.setattr(purging, "store", restore_meanwhile)
    async with UnitOfWork(platform.runtime, system_actor(None)) as uow:
        await purging.forget_late(uow, OrganizationPurged(organization.id))
        await uow.commit()
    assert refused
    await restore(platform, content)
    assert await projects_of(platform, organization) == ["Garden"]


async def test_what_is_being_restored_is_not_purged(platform: Platform) -> None:
    organization, content = await purged(platform)
    role = f"septet:{{{organization.id}}}:role:{organization.owner.id}"
    async with UnitOfWork(platform.runtime, system_actor(None)) as restoring:
        await restore_archive(restoring, content)
        await platform.runtime.valkey.client.set(role, b"kept")
        async with UnitOfWork(platform.runtime, system_actor(None)) as uow:
            with pytest.raises(PurgedOrRestored):
                await purging.forget_late(uow, OrganizationPurged(organization.id))
        assert await platform.runtime.valkey.client.get(role) == b"kept"
        await restoring.commit()
    async with UnitOfWork(platform.runtime, system_actor(None)) as uow:
        await purging.forget_late(uow, OrganizationPurged(organization.id))
        await uow.commit()
    assert await projects_of(platform, organization) == ["Garden"]


async def test_a_purge_that_lost_its_connection_goes_no_further(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While ClickHouse deletes, which may take long: from then on a restoration is not kept out any more."""
    organization, _ = await purged(platform)
    role = f"septet:{{{organization.id}}}:role:{organization.owner.id}"
    await platform.runtime.valkey.client.set(role, b"restored")
    async with UnitOfWork(platform.runtime, system_actor(None)) as uow:
        pid = (await uow.execute(text("SELECT pg_backend_pid()"))).scalar_one()

        async def lose_connection(*_: object) -> None:
            await run_sql(platform.runtime.postgres.url, "SELECT pg_terminate_backend($1, 5000)", pid)

        monkeypatch.setattr(purging, "purge_clickhouse", lose_connection)
        with pytest.raises(DBAPIError):
            await purging.forget_late(uow, OrganizationPurged(organization.id))
    assert await platform.runtime.valkey.client.get(role) == b"restored"


async def test_the_export_holds_what_all_services_keep(platform: Platform) -> None:
    organization = await full_organization(platform)
    export = await organization.client.post(f"/organizations/{organization.id}/export")
    await platform.jobs_done()
    path = f"/organizations/{organization.id}/exports/{export.json()['id']}"
    url = (await organization.client.get(path)).json()["downloadUrl"]
    lines = gzip.decompress((await organization.client.get(url)).content).decode().splitlines()[1:]
    tables = {json.loads(line)["table"].partition(".")[0] for line in lines}
    assert tables >= set(SERVICES)
    assert any(SECRET in line and '"logs.' in line for line in lines)
