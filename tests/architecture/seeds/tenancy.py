"""A row in every table of tenancy."""

from decimal import Decimal

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import flags
from tests.architecture.seeds import SECRET
from tests.platform import Organization, Platform, created


async def seed(platform: Platform, organization: Organization) -> None:
    client = organization.client
    created(await client.post("/billing/trial", json={"plan": "PRO"}))
    changed = await client.post("/billing/change", json={"plan": "PRO", "seats": 7})
    assert changed.status_code == 200, changed.text
    project = created(await client.post("/projects", json={"name": SECRET, "key": "ZANZI"}))
    task = {"title": SECRET, "labels": [SECRET], "assigneeId": str(organization.owner.id)}
    task = created(await client.post(f"/projects/{project['id']}/tasks", json=task))
    created(await client.post(f"/tasks/{task['id']}/comments", json={"body": SECRET}))
    link = {"url": f"https://example.com/{SECRET}", "title": SECRET}
    created(await client.post(f"/tasks/{task['id']}/attachments", json=link))
    created(await client.post("/invitations", json={"email": f"{SECRET}@example.com"}))
    created(await client.post("/api-keys", json={"name": SECRET, "scopes": ["*"]}))
    created(await client.post("/domains", json={"domain": f"{SECRET}.example"}))
    flag = await client.put("/features/zanzibar", json={"value": SECRET, "offValue": "", "description": SECRET})
    assert flag.status_code == 200, flag.text
    own = await client.put("/features/zanzibar/users/zanzibar-user", json={"value": SECRET})
    assert own.status_code == 204, own.text
    export = await client.post(f"/organizations/{organization.id}/export")
    assert export.status_code == 202, export.text
    async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
        wanted = flags.Definition(SECRET, True, 4321, 1, Decimal(100), None, None)
        await flags.put_flag(uow, "links", wanted)
        await uow.commit()
    usage = await client.get("/usage")  # measures it
    assert usage.status_code == 200, usage.text
    await platform.jobs_done()
