"""The console's client, under Node, against real gateways: reconnects, resumes, sends once, tells each thing once."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.platform import Person
from tests.services.chat.conftest import Crew, history, sent
from tests.services.chat.gateways import RunningGateway

DRIVER = Path(__file__).with_name("javascript_client.mjs")
pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node here")


class Node:
    """A client in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._input, self._output = process.stdin, process.stdout

    async def tell(self, command: str, **fields: Any) -> dict[str, Any]:
        """Have it do something; returns what it knows by then."""
        self._input.write(json.dumps({"command": command, **fields}).encode() + b"\n")
        report: dict[str, Any] = json.loads(await self._output.readline())
        return report

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while not condition(report := await self.tell("report")):
                await asyncio.sleep(0.02)
        return report


@asynccontextmanager
async def node(person: Person, *gateways: RunningGateway, token: str = "") -> AsyncIterator[Node]:
    organization = str(person.client.headers["Septet-Organization"])
    options = json.dumps([[gateway.url for gateway in gateways], token or person.token, organization])
    process = await asyncio.create_subprocess_exec(
        "node",
        "--no-warnings",
        "--experimental-websocket",
        str(DRIVER),
        options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    try:
        yield Node(process)
    finally:
        process.kill()
        await process.wait()


def seqs(report: dict[str, Any]) -> list[int]:
    return [frame["seq"] for frame in report["frames"] if frame["type"] == "message"]


async def test_it_resumes_and_sends_once_over_broken_connections(
    crew: Crew, gateway: RunningGateway, other_gateway: RunningGateway
) -> None:
    room = await crew.room(crew.ada, crew.bob)
    async with node(crew.bob, gateway, other_gateway) as bob:
        await bob.until(lambda report: room in report["rooms"])
        for round_ in range(4):
            await bob.tell("send", room=room, bodies=[f"{round_}-{number}" for number in range(5)])
            await bob.tell("drop")
            gateway.cut_all()
            await sent(crew.ada, room, "meanwhile")
            await bob.until(lambda report, round_=round_: len(report["acks"]) == 5 * (round_ + 1))  # type: ignore[misc]
        report = await bob.until(lambda report: len(seqs(report)) == 24)
    stored = await history(crew.ada, room)
    assert seqs(report) == [message["seq"] for message in stored] == list(range(1, 25))
    mine = [message["seq"] for message in stored if message["authorId"] == str(crew.bob.id)]
    assert sorted(ack["seq"] for ack in report["acks"]) == mine
    assert report["connections"] >= 4
    assert report["waiting"] == 0


async def test_changes_made_while_it_was_away_are_told(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada, crew.bob)
    message = await sent(crew.ada, room, "frist")
    async with node(crew.bob, gateway) as bob:
        await bob.until(lambda report: room in report["rooms"])
        gateway.cut_all()
        await crew.ada.client.patch(f"/messages/{message['id']}", json={"body": "first"})
        report = await bob.until(lambda report: any(frame["type"] == "edited" for frame in report["frames"]))
        assert [frame["body"] for frame in report["frames"] if frame["type"] == "edited"] == ["first"]
        gateway.cut_all()
        await crew.bob.client.post(f"/rooms/{room}/leave")
        await bob.until(lambda report: room not in report["rooms"])
        await bob.tell("watch", room=room)
        await bob.until(lambda report: room in report["rooms"])


async def test_what_was_written_offline_survives_a_reload(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada, crew.bob)
    async with node(crew.bob, gateway) as bob:
        await bob.until(lambda report: room in report["rooms"])
        await bob.tell("drop")
        assert (await bob.tell("send", room=room, bodies=["written in a tunnel"]))["waiting"] == 1
        await bob.tell("reload")
        await bob.until(lambda report: report["waiting"] == 0)
    assert [message["body"] for message in await history(crew.ada, room)] == ["written in a tunnel"]


async def test_it_gives_up_when_it_is_told_to(crew: Crew, gateway: RunningGateway) -> None:
    async with node(crew.bob, gateway, token="sess_nonsense") as bob:
        report = await bob.until(lambda report: report["closedBy"] is not None)
    assert (report["closedBy"], report["connections"]) == ("unauthenticated", 1)


async def test_a_refusal_is_told_to_who_sent_it(crew: Crew, gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada)
    async with node(crew.ada, gateway) as ada:
        await ada.tell("send", room=room, bodies=["", "fine"])
        report = await ada.until(lambda report: len(report["acks"]) == 2)
    assert sorted(str(ack.get("code")) for ack in report["acks"]) == ["None", "empty_message"]
