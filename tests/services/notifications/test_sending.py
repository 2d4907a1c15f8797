"""From the call to the inbox and the mailbox: bulk, scheduling, cancelling, idempotency, isolation, live inboxes."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from tests.platform import Organization, Platform, problem
from tests.services.notifications.conftest import mails_to, send, trace_of

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions.notifying import notify
from septet.services.notifications.stream import streams

HELLO = {"title": "Hello {userName}", "body": "It's <b>here</b>", "link": "https://example.com/x"}


def to_owner(organization: Organization) -> dict[str, str]:
    return {"userId": str(organization.owner.id)}


async def unread(organization: Organization) -> int:
    count: int = (await organization.client.get("/inbox/unread-count")).json()["count"]
    return count


async def test_a_member_gets_it_in_app_and_by_mail(platform: Platform, organization: Organization) -> None:
    sent = await send(organization, content=HELLO, to=to_owner(organization))
    assert {(d["channel"], d["status"]) for d in sent["deliveries"]} == {("inApp", "queued"), ("email", "queued")}
    await platform.jobs_done()
    [entry] = (await organization.client.get("/inbox")).json()["data"]
    assert (entry["title"], entry["link"]) == ("Hello {userName}", "https://example.com/x")
    assert await unread(organization) == 1
    [mail] = await mails_to(organization, organization.owner.email)
    assert mail["subject"] == "Hello {userName}"
    assert "&lt;b&gt;here&lt;/b&gt;" in mail["html"] and "It's <b>here</b>" in mail["text"]
    for channel, reason in (("inApp", "in_inbox"), ("email", "in_mailbox")):
        assert await trace_of(organization, sent, channel) == [("queued", "accepted"), ("delivered", reason)]
    assert (await organization.client.get(f"/notifications/{sent['id']}")).json()["status"] == "done"


async def test_reading_and_archiving_keep_the_count(platform: Platform, organization: Organization) -> None:
    await asyncio.gather(*(send(organization, content=HELLO, to=to_owner(organization)) for _ in range(5)))
    await platform.jobs_done()
    ids = [entry["id"] for entry in (await organization.client.get("/inbox")).json()["data"]]
    assert await unread(organization) == 5
    reads = [organization.client.post(f"/inbox/{ids[0]}/read") for _ in range(4)]
    assert all(answer.json()["readAt"] for answer in await asyncio.gather(*reads))
    assert await unread(organization) == 4
    archives = [organization.client.post(f"/inbox/{entry}/archive") for entry in (ids[0], ids[1], ids[1])]
    assert all(answer.json()["archivedAt"] for answer in await asyncio.gather(*archives))
    assert await unread(organization) == 3
    assert len((await organization.client.get("/inbox", params={"unread": "true"})).json()["data"]) == 3
    assert len((await organization.client.get("/inbox", params={"archived": "true"})).json()["data"]) == 2
    both = await asyncio.gather(*(organization.client.post("/inbox/read-all") for _ in range(3)))
    assert sum(answer.json()["read"] for answer in both) == 3
    assert await unread(organization) == 0
    problem(await organization.client.post(f"/inbox/{uuid4()}/read"), 404, "inbox_entry_not_found")


async def test_bulk_is_expanded_in_the_background(platform: Platform, organization: Organization) -> None:
    recipients = [{"email": f"bulk{n}@example.com"} for n in range(2500)]
    sent = await send(organization, content=HELLO, recipients=[*recipients, recipients[0]])
    assert (sent["status"], sent["recipientCount"], sent["deliveries"]) == ("expanding", 2500, [])
    await platform.jobs_done(60)
    seen = (await organization.client.get(f"/notifications/{sent['id']}")).json()
    assert (seen["status"], seen["counts"]) == ("done", {"delivered": 2500})
    too_many = {"content": HELLO, "recipients": [{"email": "a@example.com"}] * 10_001}
    problem(await organization.client.post("/notifications", json=too_many), 422, "invalid_input")


async def test_scheduled_and_cancelled(boxed: Platform) -> None:
    organization = await boxed.organization()
    later = (boxed.runtime.clock.now() + timedelta(hours=1)).isoformat()
    kept = await send(organization, content=HELLO, to=to_owner(organization), sendAt=later)
    stopped = await send(organization, content=HELLO, to=to_owner(organization), sendAt=later)
    assert kept["status"] == "scheduled"
    answer = await organization.client.post(f"/notifications/{stopped['id']}/cancel")
    assert answer.json()["status"] == "canceled"
    await boxed.advance(3500)
    assert await unread(organization) == 0
    await boxed.advance(101)
    assert await unread(organization) == 1
    assert (await trace_of(organization, stopped, "inApp"))[-1] == ("suppressed", "canceled")
    problem(await organization.client.post(f"/notifications/{kept['id']}/cancel"), 409, "not_cancellable")


async def test_what_is_old_is_forgotten_at_night(boxed: Platform) -> None:
    organization = await boxed.organization()
    client = await boxed.api_client(organization)  # an API key outlives the months that a session does not
    await send(organization, content=HELLO, to=to_owner(organization))
    await boxed.jobs_done()
    await boxed.advance(25 * 86_400)
    assert len((await client.get("/notifications")).json()["data"]) == 1
    await boxed.advance(6 * 86_400)
    for path in ("/notifications", "/deliveries", "/mailbox"):
        assert (await client.get(path)).json()["data"] == [], path


async def test_the_same_key_is_the_same_notification(platform: Platform, organization: Organization) -> None:
    body = {"content": HELLO, "to": to_owner(organization), "key": "order-7"}
    answers = await asyncio.gather(*(send(organization, **body) for _ in range(8)))
    assert len({answer["id"] for answer in answers}) == 1
    headers = {"Idempotency-Key": "k"}
    first = await organization.client.post("/notifications", json={**body, "key": "other"}, headers=headers)
    again = await organization.client.post("/notifications", json={**body, "key": "other"}, headers=headers)
    assert first.json() == again.json() and again.headers["Idempotency-Replayed"] == "true"
    await platform.jobs_done()
    assert await unread(organization) == 2


async def test_integrations_notify_by_key_and_the_platform_without_a_tenant(
    platform: Platform, organization: Organization
) -> None:
    for _ in range(2):
        async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
            data = {"inviterName": "Ada", "organizationName": "Acme", "link": "https://example.com/i"}
            await notify(uow, template="tenancy.invitation", email="new@example.com", data=data, locale="pl", key="i7")
            await uow.commit()
    async with UnitOfWork(platform.runtime, system_actor(None)) as uow:
        link = {"link": "https://example.com/reset"}
        await notify(uow, template="tenancy.password_reset", email=organization.owner.email, data=link)
        await uow.commit()
    await platform.jobs_done()
    [invitation] = await mails_to(organization, "new@example.com")
    assert invitation["subject"] == "Ada zaprasza Cię do Acme"
    assert 'href="https://example.com/i"' in invitation["html"]
    assert "List-Unsubscribe" not in invitation["headers"]
    [reset] = await mails_to(organization, organization.owner.email)
    assert "https://example.com/reset" in reset["text"]


async def test_a_refused_request_does_not_spoil_those_it_came_with(
    platform: Platform, organization: Organization
) -> None:
    good = {"content": HELLO, "to": to_owner(organization), "channels": ["inApp"]}
    bad = {"template": "no.such", "to": to_owner(organization)}
    bodies = [good, bad] * 6
    answers = await asyncio.gather(*(organization.client.post("/notifications", json=body) for body in bodies))
    assert [answer.status_code for answer in answers] == [202, 404] * 6
    await platform.jobs_done()
    assert await unread(organization) == 6


@pytest.mark.parametrize(
    "body",
    [
        {"to": {"email": "a@example.com"}},
        {"content": {"title": "x", "body": ""}},
        {"content": {"title": "x", "body": ""}, "template": "t", "to": {"email": "a@example.com"}},
        {"content": {"title": "x", "body": ""}, "to": {}},
        {"content": {"title": "x", "body": ""}, "to": {"email": "no address"}},
        {"content": {"title": "x", "body": "", "link": "javascript:alert(1)"}, "to": {"email": "a@example.com"}},
        {"content": {"title": "x", "body": ""}, "to": {"email": "a@example.com"}, "channels": ["pigeon"]},
        {"content": {"title": "x", "body": ""}, "to": {"email": "a@example.com"}, "sendAt": "2030-01-01T00:00:00"},
    ],
)
async def test_bad_input_is_refused(organization: Organization, body: dict[str, Any]) -> None:
    problem(await organization.client.post("/notifications", json=body), 422, "invalid_input")


async def test_scopes_and_roles(platform: Platform, organization: Organization) -> None:
    reader = await platform.api_client(organization, "notifications:read")
    writer = await platform.api_client(organization, "notifications:write")
    body = {"content": HELLO, "to": to_owner(organization)}
    problem(await reader.post("/notifications", json=body), 403, "forbidden")
    sent = await writer.post("/notifications", json=body)
    assert sent.status_code == 202
    assert (await reader.get(f"/notifications/{sent.json()['id']}")).status_code == 200
    problem(await reader.get("/inbox"), 403, "user_required")
    problem(await platform.client().post("/notifications", json=body), 401, "unauthenticated")


async def test_a_live_inbox_hears_what_comes(platform: Platform, organization: Organization) -> None:
    events = streams(platform.runtime).events(organization.id, organization.owner.id)
    assert await anext(events) == b"event: ready\ndata: {}\n\n"
    sent = await send(organization, content=HELLO, to=to_owner(organization), channels=["inApp"])
    async with asyncio.timeout(5):
        event = (await anext(events)).decode()
    assert event.startswith(f"id: {sent['deliveries'][0]['id']}\nevent: notification\n")
    await organization.client.post("/inbox/read-all")
    async with asyncio.timeout(5):
        assert b'event: changed\ndata: {"unreadCount": 0}' in await anext(events)
    await events.aclose()


async def test_rows_of_another_tenant_are_invisible_to_the_database_role(
    platform: Platform, organization: Organization, stranger: Organization
) -> None:
    """Row-level security by itself, without any WHERE of ours."""
    await send(organization, content=HELLO, to=to_owner(organization))
    await organization.client.put("/preferences", json={"optOut": False})
    await organization.client.put("/branding", json={})
    await organization.client.put("/notification-categories/x", json={"required": True})
    await organization.client.post("/suppressions", json={"email": "x@example.com"})
    await organization.client.post("/webhook-endpoints", json={"url": "https://example.com"})
    await platform.jobs_done()
    for table in (
        "notifications", "deliveries", "inbox", "inbox_counters", "preferences", "branding", "categories",
        "suppressions", "webhook_endpoints", "mailbox",
    ):  # fmt: skip
        counts = []
        for tenant in (organization.id, stranger.id):
            async with UnitOfWork(platform.runtime, system_actor(tenant)) as uow:
                statement = text(f"SELECT count(*) FROM notifications.{table} WHERE tenant_id = :tenant")
                counts.append((await uow.session.execute(statement, {"tenant": organization.id})).scalar_one())
        assert counts[0] > 0 and counts[1] == 0, table
