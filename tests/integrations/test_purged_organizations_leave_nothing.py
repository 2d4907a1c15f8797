"""The promise of `purged_organizations_leave_nothing.py`, and that an export holds what all services keep."""

import asyncio
import gzip
import json

from tests.architecture.seeds import SECRET, seeds
from tests.integrations.everywhere import places
from tests.platform import Organization, Platform, created
from tests.services.payments.conftest import payments_of

from septet.integrations.platform_logs_itself import store, storing
from septet.integrations.purged_organizations_leave_nothing import LATE
from septet.services.logs.actions.platform import PLATFORM
from septet.services.logs.ingest import Ingest

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
