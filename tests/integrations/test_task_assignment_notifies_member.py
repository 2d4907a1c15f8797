"""The promise of `integrations/task_assignment_notifies_member.py`."""

from tests.integrations.mailbox import mail_to
from tests.platform import Organization, Platform, created


async def test_assignee_is_told_and_oneself_is_not(platform: Platform, organization: Organization) -> None:
    colleague = await platform.person()
    token = await invited(platform, organization, colleague.email)
    await colleague.client.post("/invitations/accept", json={"token": token})
    project = created(await organization.client.post("/projects", json={"name": "Operations"}))
    for assignee in (colleague.id, organization.owner.id):
        body = {"title": "Water the plants", "assigneeId": str(assignee)}
        created(await organization.client.post(f"/projects/{project['id']}/tasks", json=body))
    await platform.jobs_done()
    theirs = platform.client(colleague.token, organization.id)
    assert [entry["title"] for entry in (await theirs.get("/inbox")).json()["data"]] == [
        f"{organization.owner.email.partition('@')[0]} gave you a task: Water the plants"
    ]
    assert (await organization.client.get("/inbox")).json()["data"] == []


async def invited(platform: Platform, organization: Organization, email: str) -> str:
    created(await organization.client.post("/invitations", json={"email": email, "role": "MEMBER"}))
    mail = await mail_to(platform, organization, email, "invites you")
    return str(next(word for word in mail["text"].split() if "token=" in word).strip("()").partition("token=")[2])
