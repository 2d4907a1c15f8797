"""An organization's archive holds everything and comes back identically."""

import gzip
import json
from uuid import UUID

import pytest
from tests.architecture.seeds import SECRET, seeds
from tests.platform import Organization, Platform, created, problem
from tests.services.tenancy.mail import received
from tests.services.tenancy.people import member

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import collection
from septet.services.tenancy.actions.restoring import restore_archive
from septet.services.tenancy.errors import NotEmpty
from septet.services.tenancy.events import InvoiceDue


async def archive_of(platform: Platform, organization: Organization) -> bytes:
    export = await organization.client.post(f"/organizations/{organization.id}/export")
    assert export.status_code == 202, export.text
    await platform.jobs_done()
    path = f"/organizations/{organization.id}/exports/{export.json()['id']}"
    ready = (await organization.client.get(path)).json()
    assert ready["status"] == "ready"
    return (await organization.client.get(ready["downloadUrl"])).content


async def restore(platform: Platform, content: bytes, into: UUID | None = None) -> None:
    async with UnitOfWork(platform.runtime, system_actor(None)) as uow:
        await restore_archive(uow, content, into)
        await uow.commit()


def lines_of(content: bytes, *, without: tuple[str, ...] = ()) -> list[str]:
    """What the archive says, apart from the log of the exporting itself."""
    lines = gzip.decompress(content).decode().splitlines()[1:]
    entries = [json.loads(line) for line in lines]
    return [
        line
        for line, entry in zip(lines, entries, strict=True)
        if not entry["row"].get("action", "").startswith("organization.") and entry["table"] not in without
    ]


async def filled(platform: Platform) -> Organization:
    organization = await platform.organization("Archived")
    await seeds()["tenancy"](platform, organization)
    await member(platform, organization, "ADMIN")
    return organization


async def test_archive_holds_every_table_and_no_secret(platform: Platform) -> None:
    organization = await filled(platform)
    content = gzip.decompress(await archive_of(platform, organization)).decode()
    tables = {json.loads(line)["table"] for line in content.splitlines()[1:]}
    assert tables >= {f"tenancy.{name}" for name in ("users", "tasks", "comments", "invoices", "flags", "audit_events")}
    assert "tenancy.api_keys" not in tables
    assert SECRET in content
    assert "argon2" not in content


async def test_restored_into_an_empty_organization_it_is_the_same(platform: Platform) -> None:
    organization = await filled(platform)
    content = await archive_of(platform, organization)
    empty = await platform.organization("Empty")
    await restore(platform, content, empty.id)
    copy = Organization(empty.id, type(organization.owner)(
        platform.client(organization.owner.token, empty.id), *tuple(vars(organization.owner).values())[1:]
    ))  # fmt: skip
    again = await archive_of(platform, copy)
    renamed = [line.replace(str(organization.id), str(empty.id)) for line in lines_of(content)]
    apart = ("tenancy.organizations",)
    assert lines_of(again, without=apart) == [x for x in renamed if '"tenancy.organizations"' not in x]
    problem(await empty.client.get("/members"), 403, "forbidden")
    tasks = (await copy.client.get("/projects")).json()["data"]
    assert [project["name"] for project in tasks] == [SECRET]
    created(await copy.client.post(f"/projects/{tasks[0]['id']}/tasks", json={"title": "goes on"}))


async def nothing_owed(platform: Platform, organization: Organization) -> None:
    """Its invoices are paid, so that nobody is reminded of one when time passes."""
    for due in await received(platform, organization.id, InvoiceDue):
        async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
            await collection.invoice_paid(uow, due.invoice_id, "test")
            await uow.commit()
    await platform.jobs_done()


async def test_restored_after_purge_it_has_its_old_id(own_platform: Platform) -> None:
    organization = await filled(own_platform)
    await nothing_owed(own_platform, organization)
    content = await archive_of(own_platform, organization)
    await organization.client.delete(f"/organizations/{organization.id}")
    await own_platform.advance(14 * 86_400 + 60)
    await restore(own_platform, content)
    login = {"email": organization.owner.email, "password": "correct horse battery staple"}
    token = (await own_platform.client().post("/auth/login", json=login)).json()["session"]["token"]
    client = own_platform.client(token, organization.id)
    again = await archive_of(own_platform, Organization(organization.id, type(organization.owner)(
        client, organization.owner.id, organization.owner.email, token
    )))  # fmt: skip
    assert lines_of(again) == lines_of(content)
    await own_platform.advance(2 * 3600)  # what was purged is purged once more after an hour, not what is there again
    assert (await client.get("/projects")).json()["data"]


async def test_nothing_is_overwritten(platform: Platform) -> None:
    organization = await filled(platform)
    content = await archive_of(platform, organization)
    with pytest.raises(NotEmpty, match="here already"):
        await restore(platform, content)
    with pytest.raises(NotEmpty, match="projects or members"):
        await restore(platform, content, (await filled(platform)).id)
    for broken in (b"", b"no archive", gzip.compress(b'{"format": "other"}')):
        with pytest.raises(ValueError, match="no archive"):
            await restore(platform, broken)
