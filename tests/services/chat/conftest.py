"""A crew: people of one organization, as chat needs several."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.platform import Organization, Person, Platform, created
from tests.services.chat.gateways import RunningGateway, running_gateway

from septet.kernel.config import Settings
from septet.kernel.events import on
from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.chat.events import MessageMissed

_ids = itertools.count(1)
_ADD_MEMBERSHIP = text(
    "INSERT INTO tenancy.memberships (tenant_id, user_id, role, joined_at) VALUES (:tenant, :user, 'MEMBER', :now)"
)


@dataclass(frozen=True)
class Crew:
    """Ada owns the organization; Bob and Cem are ordinary members of it; Eve belongs to another organization."""

    platform: Platform
    organization: Organization
    ada: Person
    bob: Person
    cem: Person
    eve: Person

    async def room(self, owner: Person, *members: Person, **fields: Any) -> str:
        """A new room with these members; returns its id."""
        body = {"name": "general", "memberIds": [str(member.id) for member in members], **fields}
        return str(created(await owner.client.post("/rooms", json=body))["id"])


@pytest.fixture
async def crew(platform: Platform, organization: Organization, stranger: Organization) -> Crew:
    return await make_crew(platform, organization, stranger)


async def make_crew(platform: Platform, organization: Organization, stranger: Organization) -> Crew:
    bob, cem = [await platform.person(organization.id) for _ in range(2)]
    await join(platform, organization, bob, cem)
    return Crew(platform, organization, organization.owner, bob, cem, stranger.owner)


async def send(person: Person, room: str, body: str = "hello", **fields: Any) -> httpx.Response:
    """Send a message under a new clientMessageId, unless one is given."""
    message = {"clientMessageId": f"c-{next(_ids)}", "body": body, **fields}
    return await person.client.post(f"/rooms/{room}/messages", json=message)


async def sent(person: Person, room: str, body: str = "hello", **fields: Any) -> dict[str, Any]:
    return created(await send(person, room, body, **fields))


async def history(person: Person, room: str, **query: Any) -> list[dict[str, Any]]:
    answer = await person.client.get(f"/rooms/{room}/messages", params={"limit": 200, **query})
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def room_of(person: Person, room: str) -> dict[str, Any]:
    """The room as GET /rooms shows it to its member."""
    rooms = (await person.client.get("/rooms", params={"limit": 200})).json()["data"]
    return next(each for each in rooms if each["id"] == room)


async def join(platform: Platform, organization: Organization, *people: Person) -> None:
    """Make accounts members of the organization."""
    async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
        for person in people:
            values = {"tenant": organization.id, "user": person.id, "now": uow.now}
            await uow.execute(_ADD_MEMBERSHIP, values)
        await uow.commit()


_missed: list[MessageMissed] = []


@on(MessageMissed)
async def note_missed(_: UnitOfWork, event: MessageMissed) -> None:
    """What a notification service would hear."""
    _missed.append(event)


def missed_messages() -> list[MessageMissed]:
    return _missed


@pytest.fixture(scope="session")
async def gateway(platform_urls: Settings) -> AsyncIterator[RunningGateway]:
    """The gateway that tests share."""
    async with running_gateway(platform_urls) as running:
        yield running


@pytest.fixture(scope="session")
async def other_gateway(platform_urls: Settings) -> AsyncIterator[RunningGateway]:
    """A second gateway of the same installation."""
    async with running_gateway(platform_urls) as running:
        yield running
