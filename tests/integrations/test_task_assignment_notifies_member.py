"""The promise of `integrations/task_assignment_notifies_member.py`."""

from uuid import UUID

from tests.integrations.events import deliver
from tests.integrations.people import colleague, inbox
from tests.platform import Organization, Platform, created

from septet.services.tenancy.events import TaskAssigned


async def test_assignee_is_told_and_oneself_is_not(platform: Platform, organization: Organization) -> None:
    owner, bob = organization.owner, await colleague(platform, organization)
    project = created(await owner.client.post("/projects", json={"name": "Operations"}))
    for assignee in (bob, owner):
        body = {"title": "Water the plants", "assigneeId": str(assignee.id)}
        created(await owner.client.post(f"/projects/{project['id']}/tasks", json=body))
    assert await inbox(platform, bob) == [f"{owner.email.partition('@')[0]} gave you a task: Water the plants"]
    assert await inbox(platform, owner) == []


async def test_told_twice_it_is_one_notification(platform: Platform, organization: Organization) -> None:
    owner, bob = organization.owner, await colleague(platform, organization)
    assigned = TaskAssigned(organization.id, UUID(int=1), "OP-1", "Water the plants", bob.id, owner.id)
    await deliver(platform, organization.id, assigned)
    assert len(await inbox(platform, bob)) == 1
