"""Rooms, groups and direct conversations: who finds them, who changes them."""

import asyncio

from tests.platform import created, problem
from tests.services.chat.conftest import Crew, history, room_of, sent


async def test_a_new_room_is_its_creators(crew: Crew) -> None:
    answer = await crew.ada.client.post("/rooms", json={"name": "  general ", "topic": "All and sundry"})
    room = created(answer)
    assert (room["name"], room["kind"], room["visibility"]) == ("general", "room", "public")
    assert (room["role"], room["memberCount"], room["lastSeq"]) == ("owner", 1, 0)
    listed = (await crew.ada.client.get("/rooms")).json()["data"]
    assert [each["id"] for each in listed] == [room["id"]]
    assert (await crew.bob.client.get("/rooms")).json()["data"] == []


async def test_public_rooms_are_found_read_and_joined_but_not_written_by_outsiders(crew: Crew) -> None:
    room = await crew.room(crew.ada, name="Public Square")
    await sent(crew.ada, room)
    found = (await crew.bob.client.get("/rooms/public", params={"q": "square"})).json()["data"]
    assert [(each["id"], each["role"]) for each in found] == [(room, None)]
    assert len(await history(crew.bob, room)) == 1
    message = {"clientMessageId": "1", "body": "hi"}
    problem(await crew.bob.client.post(f"/rooms/{room}/messages", json=message), 403, "not_a_room_member")
    joined = (await crew.bob.client.post(f"/rooms/{room}/join")).json()
    assert (joined["role"], joined["memberCount"], joined["unreadCount"]) == ("member", 2, 0)
    assert (await crew.bob.client.post(f"/rooms/{room}/join")).json()["memberCount"] == 2


async def test_private_rooms_do_not_exist_for_outsiders(crew: Crew) -> None:
    room = await crew.room(crew.bob, visibility="private")
    message = await sent(crew.bob, room, "secret plans")
    nowhere = "00000000-0000-7000-8000-000000000000"
    await crew.bob.client.put("/presence", json={"status": "online"})
    assert (await crew.cem.client.get("/presence", params={"userId": str(crew.bob.id)})).json() == {"data": []}
    for ending in ("", "/messages", "/members", "/pins", "/cursors", "/bans"):
        path = f"/rooms/{room}{ending}"
        seen = problem(await crew.cem.client.get(path), 404, "room_not_found")
        assert seen == problem(await crew.cem.client.get(path.replace(room, nowhere)), 404, "room_not_found")
    for path in (f"/rooms/{room}/join", f"/rooms/{room}/leave", f"/rooms/{room}/typing"):
        problem(await crew.cem.client.post(path), 404, "room_not_found")
    problem(await crew.cem.client.post(f"/rooms/{room}/read", json={"seq": 1}), 404, "room_not_found")
    problem(
        await crew.cem.client.post(f"/rooms/{room}/messages", json={"clientMessageId": "1", "body": "x"}),
        404,
        "room_not_found",
    )
    problem(await crew.cem.client.put(f"/rooms/{room}/members/{crew.cem.id}"), 404, "room_not_found")
    for path in (f"/messages/{message['id']}", f"/messages/{message['id']}/thread", f"/messages/{message['id']}/edits"):
        problem(await crew.cem.client.get(path), 404, "message_not_found")
    problem(await crew.cem.client.put(f"/messages/{message['id']}/reactions/%2B1"), 404, "message_not_found")
    problem(await crew.cem.client.patch(f"/messages/{message['id']}", json={"body": "x"}), 404, "message_not_found")
    assert (await crew.cem.client.get("/messages/search", params={"q": "secret"})).json()["data"] == []
    problem(await crew.cem.client.get("/messages/search", params={"q": "x", "roomId": room}), 404, "room_not_found")
    assert (await crew.cem.client.get("/rooms/public")).json()["data"] == []
    # Administrators of the organization are outsiders too.
    problem(await crew.ada.client.get(f"/rooms/{room}"), 404, "room_not_found")


async def test_another_organization_sees_nothing(crew: Crew) -> None:
    room = await crew.room(crew.ada, crew.bob)
    message = await sent(crew.ada, room, "public within the organization")
    problem(await crew.eve.client.get(f"/rooms/{room}"), 404, "room_not_found")
    problem(await crew.eve.client.post(f"/rooms/{room}/join"), 404, "room_not_found")
    problem(await crew.eve.client.get(f"/messages/{message['id']}"), 404, "message_not_found")
    problem(await crew.eve.client.post("/direct-messages", json={"userId": str(crew.ada.id)}), 404, "user_not_found")
    problem(await crew.ada.client.put(f"/rooms/{room}/members/{crew.eve.id}"), 404, "user_not_found")
    presence = await crew.eve.client.get("/presence", params={"userId": str(crew.ada.id)})
    assert presence.json() == {"data": []}


async def test_a_pair_has_one_conversation_for_ever(crew: Crew) -> None:
    ask = {"userId": str(crew.bob.id)}
    answers = await asyncio.gather(*(crew.ada.client.post("/direct-messages", json=ask) for _ in range(8)))
    answers.append(await crew.bob.client.post("/direct-messages", json={"userId": str(crew.ada.id)}))
    assert sorted(answer.status_code for answer in answers) == [200] * 8 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    room = answers[0].json()
    assert room["kind"] == "direct"
    assert sorted(room["userIds"]) == sorted([str(crew.ada.id), str(crew.bob.id)])
    problem(await crew.bob.client.post(f"/rooms/{room['id']}/leave"), 409, "direct_room")
    problem(await crew.ada.client.put(f"/rooms/{room['id']}/members/{crew.cem.id}"), 409, "direct_room")
    problem(await crew.cem.client.get(f"/rooms/{room['id']}"), 404, "room_not_found")


async def test_a_group_has_no_name_and_equal_members(crew: Crew) -> None:
    body = {"userIds": [str(crew.bob.id), str(crew.cem.id)]}
    group = created(await crew.ada.client.post("/groups", json=body))
    assert (group["kind"], group["name"], group["memberCount"]) == ("group", "", 3)
    members = (await crew.bob.client.get(f"/rooms/{group['id']}/members")).json()["data"]
    assert {member["role"] for member in members} == {"owner"}


async def test_renaming_is_told_and_needs_a_moderator(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem)
    problem(await crew.cem.client.patch(f"/rooms/{room}", json={"name": "mine"}), 403, "room_role_required")
    renamed = await crew.bob.client.patch(f"/rooms/{room}", json={"name": "news", "topic": "What happens"})
    assert (renamed.json()["name"], renamed.json()["topic"]) == ("news", "What happens")
    told = [message["system"] for message in await history(crew.cem, room)]
    assert told == [{"event": "renamed", "name": "news"}, {"event": "topic_changed", "topic": "What happens"}]
    assert (await room_of(crew.cem, room))["unreadCount"] == 0


async def test_if_match_refuses_a_change_of_an_older_version(crew: Crew) -> None:
    answer = await crew.ada.client.post("/rooms", json={"name": "one"})
    path, etag = f"/rooms/{answer.json()['id']}", answer.headers["etag"]
    assert (await crew.ada.client.patch(path, json={"name": "two"}, headers={"If-Match": etag})).status_code == 200
    answer = await crew.ada.client.patch(path, json={"name": "three"}, headers={"If-Match": etag})
    problem(answer, 412, "precondition_failed")


async def test_an_archived_room_can_only_be_read(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem)
    message = await sent(crew.cem, room)
    await crew.bob.client.patch(f"/rooms/{room}", json={"archived": True})
    problem(
        await crew.cem.client.post(f"/rooms/{room}/messages", json={"clientMessageId": "1", "body": "x"}),
        409,
        "room_archived",
    )
    problem(await crew.cem.client.patch(f"/messages/{message['id']}", json={"body": "x"}), 409, "room_archived")
    assert len(await history(crew.cem, room)) == 2
    reopened = (await crew.bob.client.patch(f"/rooms/{room}", json={"archived": False})).json()
    assert reopened["archivedAt"] is None
    await sent(crew.cem, room)
