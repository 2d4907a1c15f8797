"""The protocol's description is true: its examples are sent, and what comes back has what its examples show."""

import asyncio
import json
from pathlib import Path
from typing import Any

import yaml
from tests.services.chat.conftest import Crew
from tests.services.chat.gateways import RunningGateway, raw_client

from septet.services.chat.gateway import closing

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENT = yaml.safe_load((DOCS / "chat-asyncapi.yaml").read_text())


def examples(operation: str) -> list[dict[str, Any]]:
    """The payloads of an operation's messages, in the order of the document."""
    names = [message["$ref"].rpartition("/")[2] for message in DOCUMENT["operations"][operation]["messages"]]
    return [each["payload"] for name in names for each in DOCUMENT["components"]["messages"][name]["examples"]]


def filled(payload: dict[str, Any], values: dict[str, str]) -> str:
    text = json.dumps(payload)
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


async def test_the_examples_are_what_happens(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada, crew.bob)
    values = {"{roomId}": room, "{token}": crew.bob.token, "{organizationId}": str(crew.organization.id)}
    async with raw_client(gateway) as bob, raw_client(gateway, crew.ada) as ada:
        await ada.hear("room")
        *asked, goodbye = examples("ask")
        assert goodbye["type"] == "unsubscribe", "the last: who does not follow a room is told nothing of it"
        for payload in asked:
            await bob.socket.send_str(filled(payload, values))
            if payload["type"] == "send":
                message = (await bob.hear("ack"))["id"]
            if payload["type"] == "ping":
                await bob.hear("pong")
                await ada.hear("presence", status="away", userId=str(crew.bob.id))
        for answer in (
            await crew.bob.client.patch(f"/messages/{message}", json={"body": "Hello"}),
            await crew.bob.client.put(f"/messages/{message}/reactions/👍"),
            await crew.ada.client.delete(f"/messages/{message}"),
            await crew.ada.client.delete(f"/rooms/{room}/members/{crew.bob.id}"),
        ):
            assert answer.status_code in (200, 204), answer.text
        await ada.hear("member", status="left")
        await bob.hear("left")
        await bob.socket.send_str(filled(goodbye, values))
        await bob.say("read", roomId=room, seq=1)
        await bob.hear("error")
        await asyncio.sleep(0)
    seen = {frame["type"]: frame for frame in bob.seen + ada.seen}
    for payload in examples("tell"):
        assert payload.keys() <= seen[payload["type"]].keys(), payload


def test_every_close_code_is_documented() -> None:
    text = (DOCS / "chat.md").read_text()
    for each in closing.ALL:
        assert str(each.status) in text, each
        assert f"`{each.code}`" in text, each
        assert len(each.reason(600_000)) <= 123
