"""The gateway's protocol as a client sees it, over two gateways."""

from tests.platform import Platform
from tests.services.chat.conftest import Crew, history, room_of, sent
from tests.services.chat.gateways import RunningGateway, raw_client


async def test_a_message_is_acknowledged_and_reaches_members_at_every_gateway(
    crew: Crew, gateway: RunningGateway, other_gateway: RunningGateway
) -> None:
    room = await crew.room(crew.ada, crew.bob)
    async with raw_client(gateway, crew.ada) as ada, raw_client(other_gateway, crew.bob) as bob:
        assert (await bob.hear("room"))["roomId"] == room
        await ada.say("send", roomId=room, clientMessageId="m1", body="hello")
        ack = await ada.hear("ack")
        heard = await bob.hear("message")
        assert (ack["clientMessageId"], ack["roomId"], ack["seq"], ack["id"]) == ("m1", room, 1, heard["id"])
        assert (heard["body"], heard["authorId"], heard["clientMessageId"]) == ("hello", str(crew.ada.id), "m1")
        await ada.say("send", roomId=room, clientMessageId="m1", body="again")
        assert (await ada.hear("ack"))["seq"] == 1
        over_http = await sent(crew.ada, room, "over HTTP")
        assert (await bob.hear("message"))["id"] == over_http["id"]
    assert [message["seq"] for message in await history(crew.bob, room)] == [1, 2]


async def test_changes_reach_everybody_as_they_are_afterwards(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada, crew.bob)
    message = await sent(crew.ada, room, "frist")
    async with raw_client(gateway, crew.bob) as bob:
        await bob.hear("room")
        await crew.ada.client.patch(f"/messages/{message['id']}", json={"body": "first"})
        assert (await bob.hear("edited"))["body"] == "first"
        await crew.bob.client.put(f"/messages/{message['id']}/reactions/👍")
        reaction = await bob.hear("reaction")
        assert (reaction["added"], reaction["reactions"]) == (True, {"👍": [str(crew.bob.id)]})
        await crew.ada.client.delete(f"/messages/{message['id']}")
        deleted = await bob.hear("deleted")
        assert (deleted["seq"], deleted["body"]) == (1, "")
        await crew.ada.client.patch(f"/rooms/{room}", json={"name": "renamed"})
        assert (await bob.hear("message"))["system"] == {"event": "renamed", "name": "renamed"}
        assert (await bob.hear("room"))["name"] == "renamed"


async def test_resume_tells_all_that_was_missed_and_nothing_twice(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada, crew.bob)
    messages = [await sent(crew.ada, room, f"message {number}") for number in range(5)]
    async with raw_client(gateway, crew.ada) as ada:
        for number in range(600):
            await ada.say("send", roomId=room, clientMessageId=f"more {number}", body=f"more {number}")
        await ada.hear("ack", clientMessageId="more 599")
    await crew.ada.client.patch(f"/messages/{messages[1]['id']}", json={"body": "changed"})
    await crew.ada.client.delete(f"/messages/{messages[4]['id']}")
    async with raw_client(gateway, crew.bob, rooms={room: 3}) as bob:
        resumed = await bob.hear("resumed")
        assert (resumed["roomId"], resumed["fromSeq"], resumed["toSeq"]) == (room, 4, 605)
        assert [frame["seq"] for frame in bob.seen if frame["type"] == "message"] == list(range(4, 606))
        assert [frame["deletedAt"] is not None for frame in bob.seen if frame.get("seq") == 5] == [True]
    async with raw_client(gateway, crew.bob, rooms={room: {"seq": 605, "version": 1}}) as bob:
        await bob.hear("resumed")
        assert not [frame for frame in bob.seen if frame["type"] == "message"]
        changed = [frame["seq"] for frame in bob.seen if frame["type"] in ("edited", "deleted")]
        assert {2, 5} <= set(changed)
    async with raw_client(gateway, crew.bob, rooms={room: {"seq": 605, "version": resumed["version"]}}) as bob:
        await bob.hear("resumed")
        assert [frame["type"] for frame in bob.seen] == ["welcome", "room", "resumed"]


async def test_private_rooms_are_as_unknown_as_at_the_http_port(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.bob, visibility="private")
    nowhere = "00000000-0000-7000-8000-000000000000"
    async with raw_client(gateway, crew.cem, rooms={room: 0, nowhere: 0}) as cem, raw_client(gateway, crew.bob) as bob:
        await bob.hear("room")
        answers = {}
        for _ in range(2):
            refused = await cem.hear("error")
            answers[refused.pop("roomId")] = refused
        assert answers[room] == answers[nowhere]
        assert answers[room]["code"] == "room_not_found"
        for kind, fields in (
            ("subscribe", {"lastSeq": 0}),
            ("send", {"clientMessageId": "1", "body": "hi"}),
            ("read", {"seq": 1}),
            ("typing", {}),
        ):
            await cem.say(kind, roomId=room, **fields)
            assert (await cem.hear("error"))["code"] == "room_not_found"
        await bob.say("send", roomId=room, clientMessageId="1", body="secret")
        await bob.say("typing", roomId=room)
        await bob.say("presence", status="away")
        await bob.hear("ack")
        await cem.hear_nothing("message", "typing", "presence", "read", "room")


async def test_a_removed_member_hears_no_more(
    crew: Crew, gateway: RunningGateway, other_gateway: RunningGateway
) -> None:
    room = await crew.room(crew.ada, crew.bob, visibility="private")
    async with raw_client(other_gateway, crew.bob) as bob, raw_client(gateway, crew.ada) as ada:
        await bob.hear("room")
        await ada.hear("room")
        await crew.ada.client.delete(f"/rooms/{room}/members/{crew.bob.id}")
        assert (await bob.hear("left", timeout=1))["roomId"] == room
        await ada.say("send", roomId=room, clientMessageId="1", body="now we are alone")
        await ada.hear("message")
        await bob.hear_nothing("message")
        await bob.say("subscribe", roomId=room, lastSeq=0)
        assert (await bob.hear("error"))["code"] == "room_not_found"


async def test_an_added_member_follows_at_once(crew: Crew, gateway: RunningGateway) -> None:
    async with raw_client(gateway, crew.bob) as bob:
        room = await crew.room(crew.ada, crew.bob)
        assert (await bob.hear("room"))["roomId"] == room
        await sent(crew.ada, room, "welcome")
        assert (await bob.hear("message"))["body"] == "welcome"


async def test_a_public_room_may_be_watched_but_tells_nothing_about_people(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada, crew.bob)
    async with raw_client(gateway, crew.cem) as cem, raw_client(gateway, crew.ada) as ada:
        await ada.hear("room")
        await cem.say("subscribe", roomId=room)
        assert "cursors" not in await cem.hear("room")
        await ada.say("typing", roomId=room)
        await ada.hear("typing")
        async with raw_client(gateway, crew.cem) as late:
            await late.say("subscribe", roomId=room)
            await late.hear("room")
            await ada.say("send", roomId=room, clientMessageId="1", body="for all to see")
            for guest in (cem, late):
                await guest.hear("message")
                assert not [frame for frame in guest.seen if frame["type"] in ("typing", "presence", "read")]
        await cem.say("typing", roomId=room)
        assert (await cem.hear("error"))["code"] == "not_a_room_member"
        await crew.ada.client.patch(f"/rooms/{room}", json={"visibility": "private"})
        await cem.hear("room")
        await sent(crew.ada, room, "for us alone")
        await cem.hear_nothing("message")


async def test_cursors_move_forward_for_all_sessions_and_in_small_rooms_for_all(
    crew: Crew, gateway: RunningGateway, other_gateway: RunningGateway
) -> None:
    room = await crew.room(crew.ada, crew.bob)
    for number in range(3):
        await sent(crew.ada, room, f"@room {number}")
    async with (
        raw_client(gateway, crew.ada) as ada,
        raw_client(gateway, crew.bob) as phone,
        raw_client(other_gateway, crew.bob) as laptop,
    ):
        told = await laptop.hear("room")
        assert (told["unreadCount"], told["mentionCount"], told["readSeq"]) == (3, 3, 0)
        assert told["cursors"] == {str(crew.ada.id): 0, str(crew.bob.id): 0}
        await ada.hear("room")
        await phone.hear("room")
        await phone.say("read", roomId=room, seq=2)
        for own in (phone, laptop):
            frame = await own.hear("read")
            assert (frame["seq"], frame["unreadCount"], frame["mentionCount"]) == (2, 1, 1)
        frame = await ada.hear("read")
        assert (frame["userId"], frame["seq"]) == (str(crew.bob.id), 2)
        assert "unreadCount" not in frame
        await phone.say("read", roomId=room, seq=1)
        await phone.hear_nothing("read")
    assert (await room_of(crew.bob, room))["unreadCount"] == 1


async def test_typing_is_told_once_a_second_and_ends_by_itself(
    crew: Crew, gateway: RunningGateway, other_gateway: RunningGateway
) -> None:
    room = await crew.room(crew.ada, crew.bob, crew.cem)
    async with (
        raw_client(gateway, crew.ada) as ada,
        raw_client(other_gateway, crew.bob) as bob,
        raw_client(other_gateway, crew.cem) as cem,
    ):
        for client in (ada, bob, cem):
            await client.hear("room")
        await bob.say("typing", roomId=room)
        assert (await ada.hear("typing", timeout=1))["userIds"] == [str(crew.bob.id)]
        for _ in range(5):
            await bob.say("typing", roomId=room)
            await cem.say("typing", roomId=room)
        assert (await ada.hear("typing", timeout=1.5))["userIds"] == [str(crew.bob.id), str(crew.cem.id)]
        assert (await ada.hear("typing", timeout=7, userIds=[]))["userIds"] == []


async def test_who_comes_while_somebody_types_is_told(crew: Crew, gateway: RunningGateway) -> None:
    """The others know already, and it is told again only once it changes."""
    room = await crew.room(crew.ada, crew.bob, crew.cem)
    async with raw_client(gateway, crew.ada) as ada, raw_client(gateway, crew.cem) as cem:
        await cem.hear("room")
        await ada.say("typing", roomId=room)
        await cem.hear("typing")
        async with raw_client(gateway, crew.bob) as bob:
            assert (await bob.hear("typing", timeout=2))["userIds"] == [str(crew.ada.id)]


async def test_presence_lasts_as_long_as_any_session(
    crew: Crew, gateway: RunningGateway, other_gateway: RunningGateway
) -> None:
    await crew.room(crew.ada, crew.bob)
    bob_id = str(crew.bob.id)

    async def shown() -> str:
        answer = (await crew.ada.client.get("/presence", params={"userId": bob_id})).json()
        return str(answer["data"][0]["status"])

    async with raw_client(gateway, crew.ada) as ada:
        await ada.hear("room")
        assert await shown() == "offline"
        async with raw_client(gateway, crew.bob) as phone:
            await phone.hear("room")
            assert (await ada.hear("presence", userId=bob_id))["status"] == "online"
            async with raw_client(other_gateway, crew.bob) as laptop:
                await laptop.say("presence", status="away")
                await laptop.say("ping")
                await laptop.hear("pong")
            assert await shown() == "online"
            await phone.say("presence", status="invisible")
            hidden = await ada.hear("presence", userId=bob_id)
            assert (hidden["status"], hidden["lastSeenAt"]) == ("offline", None)
            await phone.say("presence", status="online")
            assert (await ada.hear("presence", userId=bob_id))["status"] == "online"
        assert (await ada.hear("presence", userId=bob_id))["status"] == "offline"
        assert await shown() == "offline"


async def test_bad_frames_are_answered_with_what_is_wrong(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada)
    async with raw_client(gateway, crew.ada) as ada:
        await ada.hear("room")
        for text in ("{", "[]", '"x"', "{}", '{"type": "dance"}', '{"type": "typing"}', '{"type":"ping","x":1}'):
            await ada.socket.send_str(text)
            refused = await ada.hear("error")
            assert refused["code"] in ("invalid_input", "malformed_body"), text
            assert refused["message"]
        for fields in (
            {"body": ""},
            {"body": "x" * 9000},
            {"body": "nul \0"},
            {"body": "x", "replyTo": room},
            {"body": "x", "colour": "red"},
        ):
            await ada.say("send", roomId=room, clientMessageId="bad", **fields)
            assert (await ada.hear("error"))["clientMessageId"] == "bad"
        await ada.socket.send_str(f'{{"type":"send","roomId":"{room}","clientMessageId":"s","body":"\\ud800"}}')
        assert (await ada.hear("error"))["code"] in ("invalid_input", "malformed_body")
        await ada.say("send", roomId=room, clientMessageId="good", body="fine")
        assert (await ada.hear("ack"))["clientMessageId"] == "good"


async def test_who_may_not_connect_is_told_why(platform: Platform, crew: Crew, gateway: RunningGateway) -> None:
    async with raw_client(gateway) as client:
        await client.say("ping")
        assert (await client.closed())[0] == 4400
    for token, organization, code in (
        ("sess_wrong", str(crew.organization.id), 4401),
        ("nonsense", None, 4401),
        (crew.eve.token, str(crew.organization.id), 4403),
    ):
        async with raw_client(gateway) as client:
            await client.say("hello", token=token, **({"organizationId": organization} if organization else {}))
            status, reason = await client.closed()
            assert (status, reason["resume"]) == (code, False)
    key = await platform.api_key(crew.organization, "links:write")
    async with raw_client(gateway) as client:
        await client.say("hello", token=key)
        assert (await client.closed())[0] == 4403


async def test_what_follows_hello_at_once_is_not_lost(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada)
    async with raw_client(gateway) as ada:
        await ada.say("hello", token=crew.ada.token, organizationId=str(crew.organization.id))
        for number in range(20):
            await ada.say("send", roomId=room, clientMessageId=f"m{number}", body=f"{number}")
        acks = [await ada.hear("ack") for _ in range(20)]
    assert [ack["clientMessageId"] for ack in acks] == [f"m{number}" for number in range(20)]
    assert [ack["seq"] for ack in acks] == list(range(1, 21))
