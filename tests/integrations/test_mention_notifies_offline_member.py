"""The promise of `integrations/mention_notifies_offline_member.py`."""

from uuid import UUID

from tests.integrations.events import deliver
from tests.integrations.people import colleague, inbox
from tests.platform import Organization, Platform, created

from septet.services.chat.events import MessageMissed


async def test_a_mention_and_a_direct_message_are_told(platform: Platform, organization: Organization) -> None:
    owner, bob = organization.owner, await colleague(platform, organization)
    room = created(await owner.client.post("/rooms", json={"name": "crew", "memberIds": [str(bob.id)]}))
    direct = created(await owner.client.post("/direct-messages", json={"userId": str(bob.id)}))
    said = ((room, f"@{bob.id} look"), (room, "nobody in particular"), (direct, "just you"))
    for number, (where, body) in enumerate(said):
        message = {"clientMessageId": f"m{number}", "body": body}
        created(await owner.client.post(f"/rooms/{where['id']}/messages", json=message))
    told = await inbox(platform, bob)
    assert len(told) == 2
    assert f"{owner.email.partition('@')[0]} mentioned you in crew" in told
    assert await inbox(platform, owner) == []


async def test_told_twice_it_is_one_notification_for_each_member(
    platform: Platform, organization: Organization
) -> None:
    owner, bob = organization.owner, await colleague(platform, organization)
    message_id = UUID(int=7)
    for person in (owner, bob):
        missed = MessageMissed(
            organization.id, UUID(int=1), "crew", message_id, 1, UUID(int=2), "Cem", person.id, "mention", "look"
        )
        await deliver(platform, organization.id, missed)
    assert [await inbox(platform, person) for person in (owner, bob)] == [["Cem mentioned you in crew"]] * 2
