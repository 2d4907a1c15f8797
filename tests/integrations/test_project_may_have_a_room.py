"""The promise of `integrations/project_may_have_a_room.py`."""

from tests.integrations.people import colleague
from tests.integrations.test_task_changes_reach_room import project_with_room
from tests.platform import Organization, Platform


async def test_asked_for_twice_it_is_one_room(platform: Platform, organization: Organization) -> None:
    project, _ = await project_with_room(platform, organization)
    await organization.client.post(f"/projects/{project['id']}/room")
    await platform.jobs_done()
    assert len((await organization.client.get("/rooms")).json()["data"]) == 1


async def test_every_member_may_join_it(platform: Platform, organization: Organization) -> None:
    _, room_id = await project_with_room(platform, organization)
    member = await colleague(platform, organization)
    assert (await member.client.post(f"/rooms/{room_id}/join")).status_code == 200
    assert [room["id"] for room in (await member.client.get("/rooms")).json()["data"]] == [room_id]
