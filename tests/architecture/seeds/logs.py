"""A row in every table of logs, a line, and a request that waits as a dead letter."""

from tests.architecture.seeds import SECRET
from tests.platform import Organization, Platform, created
from tests.services.logs.lines import bury, send, stored


async def seed(platform: Platform, organization: Organization) -> None:
    client = organization.client
    retention = await client.put("/logs/retention", json={"days": 9, "perService": {SECRET: 3}})
    assert retention.status_code == 200, retention.text
    search = created(await client.post("/logs/searches", json={"name": SECRET, "query": {"q": SECRET}}))
    created(await client.post("/logs/alerts", json={"name": SECRET, "searchId": search["id"]}))
    created(await client.post("/logs/masks", json={"name": SECRET, "pattern": f"x{SECRET}", "replacement": SECRET}))
    line = {"message": SECRET, "service": SECRET, "host": SECRET, "traceId": SECRET, "zanzibar": SECRET}
    await send(client, line)
    await stored(client, 1)
    await bury(platform, organization, SECRET)
