"""The promise of `integrations/removed_members_leave_rooms.py`."""

from tests.integrations.events import deliver
from tests.integrations.people import colleague
from tests.platform import Organization, Platform, created, problem

from septet.services.tenancy.events import MemberRemoved


async def test_who_is_removed_is_in_no_room_any_more_however_often_it_is_told(
    platform: Platform, organization: Organization
) -> None:
    owner, bob = organization.owner, await colleague(platform, organization)
    private = {"memberIds": [str(bob.id)], "visibility": "private"}
    rooms = [created(await owner.client.post("/rooms", json={"name": name, **private})) for name in ("one", "two")]
    assert len((await bob.client.get("/rooms")).json()["data"]) == 2
    removed = await owner.client.delete(f"/members/{bob.id}")
    assert removed.status_code == 204, removed.text
    told_again = MemberRemoved(organization.id, bob.id, bob.email, "bob", "en", owner.id)
    await deliver(platform, organization.id, told_again)
    for room in rooms:
        members = (await owner.client.get(f"/rooms/{room['id']}/members")).json()["data"]
        assert [member["userId"] for member in members] == [str(owner.id)]
        assert (await owner.client.get(f"/rooms/{room['id']}")).json()["memberCount"] == 1
    problem(await bob.client.get(f"/rooms/{rooms[0]['id']}/messages"), 403, "forbidden")
