"""What is older than the plan shows keeps its place, but nobody reads it, by whatever way they ask."""

from typing import Any

import pytest
from tests.integrations.test_plan_sets_limits import grow_older
from tests.platform import Platform, problem
from tests.services.chat.conftest import Crew, send, sent
from tests.services.chat.gateways import RunningGateway, raw_client

WORD = "zanzibar"


@pytest.fixture
async def ancient(platform: Platform, crew: Crew) -> dict[str, Any]:
    """A message of a hundred days ago, changed, answered, pinned and liked, as its author was told when it was sent."""
    room = await crew.room(crew.ada, crew.bob)
    message = await sent(crew.ada, room, f"@{crew.bob.id} {WORD} first")
    await sent(crew.bob, room, "an answer", replyTo=message["id"])
    client = crew.ada.client
    await client.patch(f"/messages/{message['id']}", json={"body": f"@{crew.bob.id} {WORD}"})
    await client.put(f"/messages/{message['id']}/pin")
    await client.put(f"/messages/{message['id']}/reactions/👍")
    assert WORD in (await client.get(f"/messages/{message['id']}")).text
    await grow_older(platform, crew.organization.id, room, days=100)
    return message


async def test_no_question_brings_it_back(crew: Crew, ancient: dict[str, Any]) -> None:
    client, room, path = crew.bob.client, ancient["roomId"], f"/messages/{ancient['id']}"
    for question in (
        path, f"{path}/edits", f"{path}/thread", f"/rooms/{room}/messages", f"/rooms/{room}/messages?afterSeq=0",
        f"/rooms/{room}/pins", f"/messages/search?q={WORD}",
        f"/messages/search?q={WORD}&roomId={room}&after=2000-01-01T00:00:00Z",
    ):  # fmt: skip
        answer = await client.get(question)
        assert answer.status_code == 200, answer.text
        assert WORD not in answer.text, question
        assert "👍" not in answer.text, question
    shown = (await client.get(path)).json()
    assert (shown["withheld"], shown["seq"], shown["mentions"]) == (True, 1, [])
    assert [m["body"] for m in (await client.get(f"{path}/thread")).json()["data"]] == ["", "an answer"]


async def test_resuming_from_before_it_leaves_no_gap(
    crew: Crew, gateway: RunningGateway, ancient: dict[str, Any]
) -> None:
    async with raw_client(gateway, crew.bob, rooms={ancient["roomId"]: 0}) as bob:
        await bob.hear("resumed")
        frames = [frame for frame in bob.seen if frame["type"] == "message"]
        assert [(frame["seq"], frame["body"], frame["withheld"]) for frame in frames] == [
            (1, "", True),
            (2, "an answer", False),
        ]


async def test_it_is_changed_no_more_but_deleted(crew: Crew, ancient: dict[str, Any]) -> None:
    client, path = crew.ada.client, f"/messages/{ancient['id']}"
    refused = problem(await client.patch(path, json={"body": "new"}), 402, "quota_exceeded")
    assert refused["requiredPlan"] == "PRO"
    problem(await client.put(f"{path}/reactions/👎"), 402, "quota_exceeded")
    problem(await client.delete(f"{path}/pin"), 402, "quota_exceeded")
    assert (await client.delete(path)).status_code == 204
    assert (await send(crew.bob, ancient["roomId"], "still here")).status_code == 201


async def test_it_is_back_with_a_greater_plan_unharmed(crew: Crew, ancient: dict[str, Any]) -> None:
    await crew.bob.client.get(f"/rooms/{ancient['roomId']}/messages")
    await crew.ada.client.post("/billing/trial", json={"plan": "PRO"})
    shown = (await crew.bob.client.get(f"/messages/{ancient['id']}")).json()
    assert (shown["body"], shown["reactions"]) == (f"@{crew.bob.id} {WORD}", {"👍": [str(crew.ada.id)]})
    assert not shown["withheld"]
