"""The same operations over HTTP and over the gateway: the same outcomes, the same refusals."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import pytest
from tests.platform import Person, created
from tests.services.chat.conftest import Crew, history, room_of, sent
from tests.services.chat.gateways import RawClient, RunningGateway, raw_client


class Way(Protocol):
    """One way to act in a room. Each answers with the refusal's code, or None."""

    async def send(self, room: str, client_message_id: str = "m", body: str = "hello", **more: Any) -> str | None: ...
    async def read(self, room: str, seq: int) -> str | None: ...
    async def typing(self, room: str) -> str | None: ...
    async def presence(self, status: str) -> str | None: ...


class OverHttp:
    def __init__(self, person: Person) -> None:
        self._http = person.client

    async def send(self, room: str, client_message_id: str = "m", body: str = "hello", **more: Any) -> str | None:
        message = {"clientMessageId": client_message_id, "body": body, **more}
        return await self._ask("POST", f"/rooms/{room}/messages", message)

    async def read(self, room: str, seq: int) -> str | None:
        return await self._ask("POST", f"/rooms/{room}/read", {"seq": seq})

    async def typing(self, room: str) -> str | None:
        return await self._ask("POST", f"/rooms/{room}/typing")

    async def presence(self, status: str) -> str | None:
        return await self._ask("PUT", "/presence", {"status": status})

    async def _ask(self, method: str, path: str, body: object = None) -> str | None:
        answer = await self._http.request(method, path, json=body)
        return None if answer.is_success else str(answer.json()["code"])


class OverGateway:
    def __init__(self, client: RawClient) -> None:
        self._client = client

    async def send(self, room: str, client_message_id: str = "m", body: str = "hello", **more: Any) -> str | None:
        await self._client.say("send", roomId=room, clientMessageId=client_message_id, body=body, **more)
        answer = await self._client.hear("ack", "error", clientMessageId=client_message_id)
        return None if answer["type"] == "ack" else str(answer["code"])

    async def read(self, room: str, seq: int) -> str | None:
        await self._client.say("read", roomId=room, seq=seq)
        return await self._refusal(room, "read")

    async def typing(self, room: str) -> str | None:
        await self._client.say("typing", roomId=room)
        return await self._refusal(room, "typing")

    async def presence(self, status: str) -> str | None:
        await self._client.say("presence", status=status)
        await self._client.hear("presence", status=status)
        return None

    async def _refusal(self, room: str, done: str) -> str | None:
        """These are answered by their effect, which their own author is told too."""
        answer = await self._client.hear("error", done, roomId=room)
        return None if answer["type"] == done else str(answer["code"])


Ways = Callable[[Person], AbstractAsyncContextManager[Way]]


@pytest.fixture(params=["HTTP", "gateway"])
def by(request: pytest.FixtureRequest, gateway: RunningGateway) -> Ways:
    """A person's way to act, followed by all tests here once over HTTP and once over the gateway."""

    @asynccontextmanager
    async def way(person: Person) -> AsyncIterator[Way]:
        if request.param == "HTTP":
            yield OverHttp(person)
        else:
            async with raw_client(gateway, person) as client:
                yield OverGateway(client)

    return way


async def test_a_message_is_stored_once_in_order(crew: Crew, by: Ways) -> None:
    room = await crew.room(crew.ada, crew.bob)
    async with by(crew.ada) as ada, by(crew.bob) as bob:
        for name in ("1", "1", "2", "1"):
            assert await ada.send(room, name) is None
        assert await bob.send(room, "1", replyTo=(await history(crew.ada, room))[0]["id"]) is None
    stored = await history(crew.ada, room)
    assert [(each["seq"], each["clientMessageId"]) for each in stored] == [(1, "1"), (2, "2"), (3, "1")]
    assert stored[2]["threadId"] == stored[0]["id"]


async def test_what_may_not_be_sent_is_refused_alike(crew: Crew, by: Ways) -> None:
    room, other = await crew.room(crew.ada, crew.bob), await crew.room(crew.ada, crew.bob)
    elsewhere = await sent(crew.ada, other)
    async with by(crew.bob) as bob:
        assert await bob.send(room, body=" ") == "empty_message"
        assert await bob.send(room, body="x" * 8193) == "message_too_long"
        assert await bob.send(room, body="nul \0") == "invalid_input"
        assert await bob.send(room, replyTo=elsewhere["id"]) == "reply_not_found"
        assert await bob.send(room) is None
        assert await bob.send(other) == "client_message_id_reused"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"announcement": True}, "announcements_only"),
        ({"archived": True}, "room_archived"),
        ({"slowModeSeconds": 60}, "slow_mode"),
    ],
)
async def test_a_rooms_rules_hold_for_both(crew: Crew, by: Ways, change: dict[str, Any], refusal: str) -> None:
    room = await crew.room(crew.ada, crew.bob)
    await crew.ada.client.patch(f"/rooms/{room}", json=change)
    async with by(crew.bob) as bob:
        if refusal == "slow_mode":
            assert await bob.send(room, "first") is None
        assert await bob.send(room, "second") == refusal


async def test_who_is_muted_or_banned_is_refused_alike(crew: Crew, by: Ways) -> None:
    room = await crew.room(crew.ada, crew.bob, crew.cem)
    await crew.ada.client.put(f"/rooms/{room}/members/{crew.bob.id}/mute", json={"seconds": 60})
    await crew.ada.client.put(f"/rooms/{room}/bans/{crew.cem.id}")
    async with by(crew.bob) as bob, by(crew.cem) as cem:
        assert await bob.send(room) == "muted"
        assert await cem.send(room) == await cem.read(room, 1) == await cem.typing(room) == "banned"


async def test_outsiders_are_refused_alike(crew: Crew, by: Ways) -> None:
    public, private = await crew.room(crew.ada), await crew.room(crew.ada, visibility="private")
    nowhere = "00000000-0000-7000-8000-000000000000"
    async with by(crew.bob) as bob:
        for room, refusal in (
            (public, "not_a_room_member"),
            (private, "room_not_found"),
            (nowhere, "room_not_found"),
        ):
            assert await bob.send(room) == await bob.read(room, 1) == await bob.typing(room) == refusal, room


async def test_cursors_and_presence_move_alike(crew: Crew, by: Ways) -> None:
    room = await crew.room(crew.ada, crew.bob)
    for number in range(3):
        await sent(crew.ada, room, f"@room {number}")
    async with by(crew.bob) as bob:
        assert await bob.read(room, 2) is None
        seen = await room_of(crew.bob, room)
        assert (seen["readSeq"], seen["unreadCount"], seen["mentionCount"]) == (2, 1, 1)
        assert await bob.presence("away") is None
        found = (await crew.ada.client.get("/presence", params={"userId": str(crew.bob.id)})).json()["data"]
        assert [each["status"] for each in found] == ["away"]
        assert await bob.typing(room) is None


async def test_the_first_message_after_an_invitation_is_one_too(crew: Crew, by: Ways) -> None:
    async with by(crew.bob) as bob:
        room = created(await crew.ada.client.post("/direct-messages", json={"userId": str(crew.bob.id)}))["id"]
        assert await bob.send(room) is None
