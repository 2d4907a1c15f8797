"""The promise of `integrations/task_changes_reach_room.py`."""

from typing import Any
from uuid import UUID

from tests.integrations.events import deliver
from tests.platform import Organization, Platform, created

from septet.services.tenancy.events import TaskCompleted


async def notices(organization: Organization, room_id: str) -> list[str]:
    """What the platform itself posted, oldest first."""
    messages = (await organization.client.get(f"/rooms/{room_id}/messages?limit=100")).json()["data"]
    posted = [m for m in messages if (m["system"] or {}).get("event") == "task_changed"]
    return [message["body"] for message in sorted(posted, key=lambda message: message["seq"])]


async def project_with_room(platform: Platform, organization: Organization) -> tuple[dict[str, Any], str]:
    project = created(await organization.client.post("/projects", json={"name": "Apollo", "key": "AP"}))
    asked = await organization.client.post(f"/projects/{project['id']}/room")
    assert asked.status_code == 202, asked.text
    await platform.jobs_done()
    (room,) = (await organization.client.get("/rooms")).json()["data"]
    assert room["name"] == "Apollo"
    return project, room["id"]


async def test_assignment_comment_and_completion_appear(platform: Platform, organization: Organization) -> None:
    project, room_id = await project_with_room(platform, organization)
    client = organization.client
    body = {"title": "Count down", "assigneeId": str(organization.owner.id)}
    task = created(await client.post(f"/projects/{project['id']}/tasks", json=body))
    await platform.jobs_done()
    created(await client.post(f"/tasks/{task['id']}/comments", json={"body": "ten, nine"}))
    await platform.jobs_done()
    await client.patch(f"/tasks/{task['id']}", json={"status": "done"})
    await platform.jobs_done()
    name = organization.owner.email.partition("@")[0]
    assert await notices(organization, room_id) == [
        f"**AP-1 Count down** is now {name}'s task",
        f"{name} on **AP-1 Count down**: ten, nine",
        "**AP-1 Count down** is done",
    ]


async def test_told_twice_it_is_one_notice(platform: Platform, organization: Organization) -> None:
    project, room_id = await project_with_room(platform, organization)
    task = created(await organization.client.post(f"/projects/{project['id']}/tasks", json={"title": "Count down"}))
    owner, task_id = organization.owner.id, UUID(task["id"])
    done = TaskCompleted(organization.id, UUID(project["id"]), task_id, "AP-1", "Count down", owner, owner, None)
    await deliver(platform, organization.id, done)
    assert await notices(organization, room_id) == ["**AP-1 Count down** is done"]


async def test_a_project_without_room_says_nothing(platform: Platform, organization: Organization) -> None:
    project = created(await organization.client.post("/projects", json={"name": "Quiet"}))
    created(await organization.client.post(f"/projects/{project['id']}/tasks", json={"title": "Hush"}))
    await platform.jobs_done()
    assert (await organization.client.get("/rooms")).json()["data"] == []
