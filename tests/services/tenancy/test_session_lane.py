"""A session checked in the fast lane: the ordinary endpoint's answers, and nothing that was revoked."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.platform import Organization, Person, Platform, problem
from tests.serving import served

from septet.kernel.fastlane import FastLane
from septet.services.tenancy.session_lane import hot_routes


@pytest.fixture
async def lane(platform: Platform) -> FastLane:
    return FastLane(hot_routes(platform.runtime))


@pytest.fixture
async def client(platform: Platform, lane: FastLane) -> AsyncIterator[httpx.AsyncClient]:
    async with served(platform.web, lane) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield client


def said_by(person: Person, organization: Organization | None = None) -> dict[str, str]:
    names = {"Septet-Organization": str(organization.id)} if organization else {}
    return {"Authorization": f"Bearer {person.token}"} | names


async def test_the_lane_says_what_the_endpoint_says(
    platform: Platform, client: httpx.AsyncClient, lane: FastLane
) -> None:
    person = await platform.person()
    ordinary = await person.client.get("/auth/session")
    in_lane = await client.get("/auth/session", headers=said_by(person))
    assert lane.counts.declines == 0
    assert (in_lane.status_code, in_lane.content) == (ordinary.status_code, ordinary.content)
    assert in_lane.headers["content-type"] == ordinary.headers["content-type"]
    assert (in_lane.json()["userId"], in_lane.json()["organizationId"]) == (str(person.id), None)


async def test_it_says_the_role_in_the_organization(client: httpx.AsyncClient, organization: Organization) -> None:
    body = (await client.get("/auth/session", headers=said_by(organization.owner, organization))).json()
    assert (body["organizationId"], body["role"]) == (str(organization.id), "OWNER")


async def test_what_the_lane_does_not_know_the_endpoint_answers(
    platform: Platform, client: httpx.AsyncClient, lane: FastLane, stranger: Organization
) -> None:
    person = await platform.person()
    for headers in (said_by(person), {}, {"Authorization": "Bearer nonsense"}, said_by(person, stranger)):
        answer = await client.get("/auth/session", headers=headers)
        named = httpx.Headers(headers)
        expected = await platform.client().get("/auth/session", headers=named)
        assert (answer.status_code, answer.json()) == (expected.status_code, expected.json())
    problem(await client.get("/auth/session", headers=said_by(person, stranger)), 403, "forbidden")
    assert (await client.get("/auth/session", headers=said_by(person))).json()["organizationId"] is None
    assert lane.counts.declines > 0


async def test_a_revoked_session_is_refused_at_once(
    platform: Platform, client: httpx.AsyncClient, organization: Organization
) -> None:
    owner = organization.owner
    for _ in range(2):
        assert (await client.get("/auth/session", headers=said_by(owner))).status_code == 200
    assert (await owner.client.post("/auth/logout")).status_code == 204
    problem(await client.get("/auth/session", headers=said_by(owner)), 401, "unauthenticated")


async def test_an_api_key_is_no_session(
    platform: Platform, client: httpx.AsyncClient, organization: Organization
) -> None:
    key = await platform.api_key(organization)
    answer = await client.get("/auth/session", headers={"Authorization": f"Bearer {key}"})
    assert answer.is_client_error, answer.text
