"""The promise of `integrations/recipients_are_members.py`."""

from typing import Any

from tests.integrations.mailbox import mail_to
from tests.integrations.people import colleague, inbox
from tests.platform import Organization, Person, Platform


async def tell(organization: Organization, person: Person) -> dict[str, Any]:
    body = {"content": {"title": "News", "body": "There are news."}, "to": {"userId": str(person.id)}}
    sent = await organization.client.post("/notifications", json=body)
    assert sent.status_code == 202, sent.text
    accepted: dict[str, Any] = sent.json()
    return accepted


async def test_a_member_is_reached_at_their_address(platform: Platform, organization: Organization) -> None:
    member = await colleague(platform, organization)
    await tell(organization, member)
    assert await inbox(platform, member) == ["News"]
    assert (await mail_to(platform, organization, member.email, "News"))["text"]


async def test_whoever_is_no_member_is_not_reached(
    platform: Platform, organization: Organization, stranger: Organization
) -> None:
    await tell(organization, stranger.owner)
    await platform.jobs_done()
    assert (await organization.client.get(f"/mailbox?to={stranger.owner.email}")).json()["data"] == []
    assert await inbox(platform, stranger.owner) == []


async def test_in_their_own_language(platform: Platform, organization: Organization) -> None:
    member = await colleague(platform, organization)
    changed = await member.client.patch("/me", json={"locale": "pl"})
    assert changed.status_code == 200, changed.text
    project = (await organization.client.post("/projects", json={"name": "Apollo"})).json()
    task = {"title": "Odliczanie", "assigneeId": str(member.id)}
    await organization.client.post(f"/projects/{project['id']}/tasks", json=task)
    await mail_to(platform, organization, member.email, "przydziela Ci zadanie")
