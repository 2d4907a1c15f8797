"""One notification, from the call to the inbox and the mailbox."""

import pytest

from tests.platform import Organization, Platform, created, problem


async def send(organization: Organization, **body: object) -> dict:
    answer = await organization.client.post("/notifications", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()


async def trace_of(organization: Organization, notification: dict) -> list[dict]:
    answer = await organization.client.get(f"/notifications/{notification['id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()["trace"]


async def test_a_member_gets_it_in_app_and_by_mail(platform: Platform, organization: Organization) -> None:
    owner = organization.owner
    sent = await send(
        organization,
        content={"title": "Hello {userName}", "body": "It's <b>here</b>", "link": "https://example.com/x"},
        to={"userId": str(owner.id)},
    )
    assert {d["channel"] for d in sent["deliveries"]} == {"inApp", "email"}
    assert {d["status"] for d in sent["deliveries"]} == {"queued"}
    await platform.jobs_done()
    [entry] = (await owner.client.get("/inbox")).json()["data"]
    assert (entry["title"], entry["link"]) == ("Hello {userName}", "https://example.com/x")
    assert (await owner.client.get("/inbox/unread-count")).json()["count"] == 1
    [mail] = (await owner.client.get("/mailbox", params={"to": owner.email})).json()["data"]
    message = (await owner.client.get(f"/mailbox/{mail['id']}")).json()
    assert message["subject"] == "Hello {userName}"
    assert "&lt;b&gt;here&lt;/b&gt;" in message["html"]
    assert "It's <b>here</b>" in message["text"]
    assert message["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    outcomes = [(e["channel"], e["outcome"]) for e in await trace_of(organization, sent)]
    assert sorted(outcomes) == [
        ("email", "delivered"),
        ("email", "queued"),
        ("inApp", "delivered"),
        ("inApp", "queued"),
    ]
    assert (await owner.client.post(f"/inbox/{entry['id']}/read")).json()["readAt"]
    assert (await owner.client.get("/inbox/unread-count")).json()["count"] == 0
