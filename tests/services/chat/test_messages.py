"""Messages over HTTP: stored once, in one gapless order; edits, tombstones, reactions, threads, pins, counts."""

import asyncio

from tests.platform import Platform, problem
from tests.services.chat.conftest import Crew, history, missed_messages, room_of, send, sent


async def test_concurrent_messages_get_one_gapless_order(crew: Crew) -> None:
    rooms = [await crew.room(crew.ada, crew.bob, crew.cem) for _ in range(3)]
    people = (crew.ada, crew.bob, crew.cem)
    posts = [send(people[n % 3], rooms[n % 2 and n % 3], f"message {n}") for n in range(120)]
    answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {201}
    for room in rooms:
        stored = await history(crew.ada, room)
        assert [message["seq"] for message in stored] == list(range(1, len(stored) + 1))
    assert sum([len(await history(crew.ada, room)) for room in rooms]) == 120


async def test_a_message_is_stored_once_however_often_it_is_sent(crew: Crew) -> None:
    room, other = await crew.room(crew.ada), await crew.room(crew.ada)
    answers = await asyncio.gather(*(send(crew.ada, room, clientMessageId="once") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({(answer.json()["id"], answer.json()["seq"]) for answer in answers}) == 1
    again = await send(crew.ada, room, "another body", clientMessageId="once")
    assert (again.status_code, again.json()["body"]) == (200, "hello")
    problem(await send(crew.ada, other, clientMessageId="once"), 409, "client_message_id_reused")
    assert len(await history(crew.ada, room)) == 1


async def test_one_bad_message_spoils_no_other_in_its_batch(crew: Crew) -> None:
    room = await crew.room(crew.ada)
    private = await crew.room(crew.bob, visibility="private")
    answers = await asyncio.gather(
        send(crew.ada, room, "good"),
        send(crew.ada, private, "not mine"),
        send(crew.ada, room, ""),
        send(crew.ada, room, "x" * 9000),
        send(crew.ada, room, "answer", replyTo="00000000-0000-7000-8000-000000000000"),
        send(crew.ada, room, "good too"),
    )
    assert [answer.status_code for answer in answers] == [201, 404, 422, 422, 422, 201]
    assert sorted(message["body"] for message in await history(crew.ada, room)) == ["good", "good too"]


async def test_bad_input_is_refused_with_the_field(crew: Crew) -> None:
    room = await crew.room(crew.ada)
    path = f"/rooms/{room}/messages"
    for body in (
        {"body": "no id"},
        {"clientMessageId": "", "body": "x"},
        {"clientMessageId": "1", "body": 7},
        {"clientMessageId": "1", "body": "x", "colour": "red"},
        {"clientMessageId": "1", "attachments": [{"url": "javascript:alert(1)"}]},
        {"clientMessageId": "1", "body": "x", "replyTo": "me"},
    ):
        assert problem(await crew.ada.client.post(path, json=body), 422, "invalid_input")["errors"]
    raw = b'{"clientMessageId": "1", "body": "\\ud800"}'
    answer = await crew.ada.client.post(path, content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    for query in ({"beforeSeq": -1}, {"afterSeq": 2**63}, {"at": "2030-01-01T00:00:00"}, {"cursor": "x"}):
        assert (await crew.ada.client.get(path, params=query)).status_code in (400, 422)


async def test_history_goes_both_ways_and_jumps_to_a_date(crew: Crew) -> None:
    room = await crew.room(crew.ada)
    for number in range(1, 11):
        await sent(crew.ada, room, f"message {number}")
    seqs = lambda messages: [message["seq"] for message in messages]  # noqa: E731
    assert seqs(await history(crew.ada, room, limit=3)) == [8, 9, 10]
    assert seqs(await history(crew.ada, room, beforeSeq=8, limit=3)) == [5, 6, 7]
    assert seqs(await history(crew.ada, room, afterSeq=2, limit=3)) == [3, 4, 5]
    moment = (await history(crew.ada, room))[5]["sentAt"]
    assert seqs(await history(crew.ada, room, at=moment)) == [6, 7, 8, 9, 10]
    assert await history(crew.ada, room, at="2199-01-01T00:00:00Z") == []
    seen: list[int] = []
    page = (await crew.ada.client.get(f"/rooms/{room}/messages", params={"limit": 4})).json()
    while True:
        seen = seqs(page["data"]) + seen
        if page["nextCursor"] is None:
            break
        query = {"limit": 4, "cursor": page["nextCursor"]}
        page = (await crew.ada.client.get(f"/rooms/{room}/messages", params=query)).json()
    assert seen == list(range(1, 11))


async def test_an_edit_keeps_the_former_body(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem)
    message = await sent(crew.cem, room, "frist")
    problem(await crew.bob.client.patch(f"/messages/{message['id']}", json={"body": "x"}), 403, "room_role_required")
    edited = (await crew.cem.client.patch(f"/messages/{message['id']}", json={"body": "first"})).json()
    assert (edited["body"], edited["seq"]) == ("first", message["seq"])
    assert edited["editedAt"] is not None
    former = (await crew.bob.client.get(f"/messages/{message['id']}/edits")).json()["data"]
    assert [each["body"] for each in former] == ["frist"]


async def test_a_deleted_message_keeps_its_place_and_nothing_else(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem)
    message = await sent(crew.cem, room, "regrettable", attachments=[{"url": "https://example.com/a.png"}])
    await crew.cem.client.patch(f"/messages/{message['id']}", json={"body": "regrettable!"})
    await crew.bob.client.put(f"/messages/{message['id']}/reactions/👍")
    for _ in range(2):
        assert (await crew.bob.client.delete(f"/messages/{message['id']}")).status_code == 204
    left = (await history(crew.cem, room))[0]
    assert (left["seq"], left["body"], left["attachments"], left["reactions"]) == (message["seq"], "", [], {})
    assert left["deletedAt"] is not None
    assert (await crew.cem.client.get(f"/messages/{message['id']}/edits")).json()["data"] == []
    assert (await crew.cem.client.get("/messages/search", params={"q": "regrettable"})).json()["data"] == []
    problem(await crew.cem.client.patch(f"/messages/{message['id']}", json={"body": "x"}), 409, "message_deleted")


async def test_reactions_are_one_a_person_and_emoji(crew: Crew) -> None:
    room = await crew.room(crew.ada, crew.bob)
    message = await sent(crew.ada, room)
    path = f"/messages/{message['id']}/reactions"
    answers = await asyncio.gather(*(p.client.put(f"{path}/🎉") for p in (crew.ada, crew.bob) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    (stored,) = await history(crew.ada, room)
    assert sorted(stored["reactions"]["🎉"]) == sorted([str(crew.ada.id), str(crew.bob.id)])
    assert (await crew.ada.client.delete(f"{path}/🎉")).status_code == 204
    (stored,) = await history(crew.ada, room)
    assert stored["reactions"] == {"🎉": [str(crew.bob.id)]}
    problem(await crew.ada.client.put(f"{path}/a%20b"), 422, "invalid_input")


async def test_answers_of_answers_are_one_thread(crew: Crew) -> None:
    room = await crew.room(crew.ada, crew.bob)
    root = await sent(crew.ada, room, "question")
    await sent(crew.ada, room, "something else")
    answer = await sent(crew.bob, room, "answer", replyTo=root["id"])
    further = await sent(crew.ada, room, "thanks", replyTo=answer["id"])
    assert (further["replyTo"], further["threadId"]) == (answer["id"], root["id"])
    for each in (root, answer, further):
        thread = (await crew.bob.client.get(f"/messages/{each['id']}/thread")).json()["data"]
        assert [message["body"] for message in thread] == ["question", "answer", "thanks"]


async def test_pins_are_the_moderators(crew: Crew) -> None:
    room = await crew.room(crew.bob, crew.cem)
    message = await sent(crew.cem, room)
    problem(await crew.cem.client.put(f"/messages/{message['id']}/pin"), 403, "room_role_required")
    pinned = (await crew.bob.client.put(f"/messages/{message['id']}/pin")).json()
    assert pinned["pinnedBy"] == str(crew.bob.id)
    assert [m["id"] for m in (await crew.cem.client.get(f"/rooms/{room}/pins")).json()["data"]] == [message["id"]]
    await crew.bob.client.delete(f"/messages/{message['id']}/pin")
    assert (await crew.cem.client.get(f"/rooms/{room}/pins")).json()["data"] == []


async def test_unread_and_mention_counts_follow_cursor_edits_and_deletions(crew: Crew) -> None:
    room = await crew.room(crew.ada, crew.bob)
    name = crew.bob.email.partition("@")[0]
    sent_messages = [
        await sent(crew.ada, room, body)
        for body in ("plain", f"hello @{name}", f"hi <@{crew.bob.id}>!", "everybody: @room", f"mail me: a@{name}")
    ]
    await sent(crew.bob, room, "my own")
    counts = lambda each: (each["unreadCount"], each["mentionCount"])  # noqa: E731
    assert counts(await room_of(crew.bob, room)) == (5, 3)
    assert sent_messages[1]["mentions"] == [str(crew.bob.id)]
    await crew.ada.client.delete(f"/messages/{sent_messages[0]['id']}")
    await crew.ada.client.patch(f"/messages/{sent_messages[1]['id']}", json={"body": "never mind"})
    assert counts(await room_of(crew.bob, room)) == (4, 2)
    read = (await crew.bob.client.post(f"/rooms/{room}/read", json={"seq": 3})).json()
    assert (read["seq"], *counts(read)) == (3, 2, 1)
    older = (await crew.bob.client.post(f"/rooms/{room}/read", json={"seq": 1})).json()
    assert older["seq"] == 3
    newest = (await crew.bob.client.post(f"/rooms/{room}/read", json={"seq": 1_000_000})).json()
    assert (newest["seq"], *counts(newest)) == (6, 0, 0)
    cursors = (await crew.ada.client.get(f"/rooms/{room}/cursors")).json()["data"]
    assert {each["userId"]: each["seq"] for each in cursors}[str(crew.bob.id)] == 6


async def test_search_ranks_highlights_and_filters(crew: Crew) -> None:
    room, other = await crew.room(crew.ada, crew.bob), await crew.room(crew.ada)
    first = await sent(crew.ada, room, "The quick brown fox")
    second = await sent(crew.bob, room, "fox fox fox, says the fox")
    third = await sent(crew.ada, other, "a fox elsewhere, quick")

    async def ids(**query: str) -> list[str]:
        found = (await crew.ada.client.get("/messages/search", params=query)).json()["data"]
        return [hit["message"]["id"] for hit in found]

    assert (await ids(q="fox"))[0] == second["id"]
    assert set(await ids(q="fox")) == {first["id"], second["id"], third["id"]}
    assert set(await ids(q="quick fo")) == {first["id"], third["id"]}
    assert await ids(q='"quick brown"') == [first["id"]]
    assert await ids(q="fox", roomId=other) == [third["id"]]
    assert await ids(q="fox", authorId=str(crew.bob.id)) == [second["id"]]
    assert await ids(q="fox", before=first["sentAt"]) == []
    assert await ids(q="fox", after=third["sentAt"]) == [third["id"]]
    assert await ids(q="%$') OR 1=1 --") == []
    hit = (await crew.ada.client.get("/messages/search", params={"q": "brown"})).json()["data"][0]
    assert "\ue000brown\ue001" in hit["highlight"]


async def test_a_missed_mention_or_direct_message_is_an_event(crew: Crew, platform: Platform) -> None:
    room = await crew.room(crew.ada, crew.bob, crew.cem)
    missed = missed_messages()
    await crew.cem.client.put("/presence", json={"status": "online"})
    await sent(crew.ada, room, "see this, @room")
    await platform.jobs_done()
    assert [(each.user_id, each.reason) for each in missed if str(each.room_id) == room] == [
        (crew.bob.id, "room_mention")
    ]
    direct = (await crew.ada.client.post("/direct-messages", json={"userId": str(crew.bob.id)})).json()["id"]
    await sent(crew.ada, direct, "psst")
    await platform.jobs_done()
    assert [(each.user_id, each.reason, each.excerpt) for each in missed if str(each.room_id) == direct] == [
        (crew.bob.id, "direct", "psst")
    ]
