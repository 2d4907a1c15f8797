"""Ada and Ben chat over two WebSocket connections: typing, read receipts, the same order for both."""

import asyncio

from septet.client.chat import ChatClient
from septet.tour.journey import Tour, Traveller

MESSAGES = 40


async def chat(tour: Tour) -> None:
    """Talk in turns in a private room."""
    body = {"name": "apollo", "visibility": "private", "memberIds": [tour.ben.id]}
    room = await tour.ada.api.call("POST", "/rooms", body)
    room_id: str = room["id"]
    async with _connected(tour, tour.ada) as ada, _connected(tour, tour.ben) as ben:
        await tour.until("both are in the room", lambda: _now(room_id in ada.rooms and room_id in ben.rooms), bool)
        typing = await tour.settled(lambda: _typed(tour, ada, ben, room_id), True)
        acknowledged = [await (ada, ben)[number % 2].send(room_id, f"Message {number}") for number in range(MESSAGES)]
        await tour.until("all messages", lambda: _now(_bodies(ada, room_id) == _bodies(ben, room_id)), bool)
        orders = [await tour.settled(lambda c=client: _now(_bodies(c, room_id)), _sent()) for client in (ada, ben)]  # type: ignore[misc]
        last = acknowledged[-1]["seq"]
        ben.read(room_id, last)
        receipt = await tour.settled(lambda: _now(ada.rooms[room_id].cursors.get(tour.ben.id)), last)
    stored = await _stored(tour, room_id)
    console, api = f"/chat/{room_id}", f"GET /rooms/{room_id}/messages"
    tour.check("Ben saw Ada typing", typing, True, console=console, api="WebSocket typing")
    tour.check("messages seen by Ada, in order", orders[0] == _sent(), True, console=console, api=api)
    tour.check("messages seen by Ben, in order", orders[1] == _sent(), True, console=console, api=api)
    tour.check("messages stored", len(stored), MESSAGES, console=console, api=api)
    tour.check("Ada saw Ben's read receipt", receipt, last, console=console, api=f"GET /rooms/{room_id}/cursors")


def _connected(tour: Tour, person: Traveller) -> ChatClient:
    return ChatClient(tour.place.gateways, person.token, organization_id=tour.organization_id, from_start=True)


def _sent() -> list[str]:
    return [f"Message {number}" for number in range(MESSAGES)]


def _bodies(client: ChatClient, room_id: str) -> list[str]:
    return [message["body"] for message in client.rooms[room_id].history if message["kind"] == "message"]


async def _typed(tour: Tour, ada: ChatClient, ben: ChatClient, room_id: str) -> bool:
    """Typing is told at most once, so Ada goes on typing until Ben has seen it."""
    ada.typing(room_id)
    return tour.ada.id in ben.rooms[room_id].typing


async def _stored(tour: Tour, room_id: str) -> list[str]:
    messages = tour.ada.api.every(f"/rooms/{room_id}/messages", limit=200)
    return [message["body"] async for message in messages if message["kind"] == "message"]


async def _now(value: object) -> object:
    await asyncio.sleep(0)
    return value
