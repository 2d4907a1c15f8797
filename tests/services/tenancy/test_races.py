"""Races with real concurrency over HTTP. `make soak` runs a thousand rounds of each; here a few."""

import asyncio
import os
from uuid import UUID

import pytest
from tests.platform import PASSWORD, Organization, Person, Platform, created
from tests.services.tenancy.people import invite, join, member

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "2"))
pytestmark = pytest.mark.soak


async def test_two_last_owners_leave_at_once(platform: Platform) -> None:
    people = [await platform.person() for _ in range(3)]
    for _ in range(ROUNDS):
        first, second, witness = await organization_of(platform, people, "OWNER", "MEMBER")
        answers = await asyncio.gather(*[p.client.delete(f"/members/{p.id}") for p in (first, second)])
        assert sorted(answer.status_code for answer in answers) == [204, 409]
        left = (await witness.client.get("/members")).json()["data"]
        assert sorted(m["role"] for m in left) == ["MEMBER", "OWNER"]


async def organization_of(platform: Platform, people: list[Person], *roles: str) -> list[Person]:
    """A new organization of the first of these people, in which the others have these roles."""
    new = UUID(created(await people[0].client.post("/organizations", json={"name": "Race"}))["id"])
    founder = Person(platform.client(people[0].token, new), people[0].id, people[0].email, people[0].token)
    return [founder, *[await join(platform, new, p, role) for p, role in zip(people[1:], roles, strict=True)]]


async def test_owners_demote_each_other_while_one_deletes_the_account(platform: Platform) -> None:
    founder = await platform.person()
    for _ in range(ROUNDS):
        first, second = await organization_of(platform, [founder, await platform.person()], "OWNER")
        await asyncio.gather(
            first.client.patch(f"/members/{second.id}", json={"role": "MEMBER"}),
            second.client.patch(f"/members/{first.id}", json={"role": "MEMBER"}),
            second.client.request("DELETE", "/me", json={"password": PASSWORD}),
        )
        left = (await first.client.get("/members")).json()["data"]
        assert [m["role"] for m in left].count("OWNER") >= 1


async def test_one_invitation_accepted_by_two(platform: Platform, organization: Organization) -> None:
    for number in range(ROUNDS):
        email = f"race{number}@example.com"
        token = await invite(platform, organization, email)
        body = {"token": token, "name": "R", "password": PASSWORD}
        answers = await asyncio.gather(*[platform.client().post("/invitations/accept", json=body) for _ in range(2)])
        assert sorted(answer.status_code for answer in answers) == [200, 409], [a.text for a in answers]
        assert {a.json().get("code") for a in answers} == {None, "invitation_used"}
        members = (await organization.client.get("/members?limit=200")).json()["data"]
        assert [m["email"] for m in members].count(email) == 1
        me = next(m["userId"] for m in members if m["email"] == email)
        await organization.client.delete(f"/members/{me}")


async def test_last_free_seat_taken_by_two(platform: Platform) -> None:
    founder, *people = [await platform.person() for _ in range(3)]
    for _ in range(ROUNDS):
        (owner,) = await organization_of(platform, [founder])
        organization = Organization(UUID(owner.client.headers["Septet-Organization"]), owner)
        await owner.client.post("/billing/change", json={"plan": "PRO", "seats": 2})
        tokens = [await invite(platform, organization, person.email) for person in people]
        answers = await asyncio.gather(
            *[p.client.post("/invitations/accept", json={"token": t}) for p, t in zip(people, tokens, strict=True)]
        )
        assert sorted(answer.status_code for answer in answers) == [200, 402], [a.text for a in answers]
        assert (await owner.client.get("/billing")).json()["seats"] == {"used": 2, "limit": 2}


async def test_one_idempotency_key_used_by_ten(organization: Organization) -> None:
    project = created(await organization.client.post("/projects", json={"name": "P"}))["id"]
    path = f"/projects/{project}/tasks"
    for number in range(ROUNDS):
        headers, body = {"Idempotency-Key": f"race-{number}"}, {"title": f"Once {number}"}
        answers = await asyncio.gather(*[organization.client.post(path, json=body, headers=headers) for _ in range(10)])
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"request_in_flight"}
        assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1
        after = await organization.client.post(path, json=body, headers=headers)
        assert after.headers["idempotency-replayed"] == "true"
        assert after.json()["number"] == number + 1


async def test_role_demoted_while_it_acts(platform: Platform, organization: Organization) -> None:
    """Whatever overlaps may win or lose; whatever begins after the demotion was answered is refused."""
    admin = await member(platform, organization, "ADMIN")
    role = f"/members/{admin.id}"
    for number in range(ROUNDS):
        demoted, begun_after = asyncio.Event(), list[int]()

        async def act(
            turn: int, number: int = number, demoted: asyncio.Event = demoted, after: list[int] = begun_after
        ) -> None:
            for step in range(3):
                late = demoted.is_set()
                invitation = {"email": f"d{number}-{turn}-{step}@example.com"}
                status = (await admin.client.post("/invitations", json=invitation)).status_code
                after += [status] if late else []

        async def demote(demoted: asyncio.Event = demoted) -> None:
            assert (await organization.client.patch(role, json={"role": "MEMBER"})).status_code == 200
            demoted.set()

        await asyncio.gather(*[act(turn) for turn in range(3)], demote())
        await act(9)
        assert begun_after
        assert set(begun_after) == {403}
        for invitation in (await organization.client.get("/invitations?status=pending&limit=200")).json()["data"]:
            await organization.client.delete(f"/invitations/{invitation['id']}")
        assert (await organization.client.patch(role, json={"role": "ADMIN"})).status_code == 200


async def test_tasks_get_their_numbers_while_they_are_moved(organization: Organization) -> None:
    project = created(await organization.client.post("/projects", json={"name": "P"}))["id"]
    first = created(await organization.client.post(f"/projects/{project}/tasks", json={"title": "first"}))
    for _ in range(ROUNDS):
        make = [organization.client.post(f"/projects/{project}/tasks", json={"title": "t"}) for _ in range(4)]
        move = [organization.client.post(f"/tasks/{first['id']}/move", json={}) for _ in range(4)]
        answers = await asyncio.gather(*make, *move)
        assert {answer.status_code for answer in answers} <= {200, 201}
    tasks = (await organization.client.get(f"/projects/{project}/tasks?limit=200&sort=number")).json()["data"]
    assert [task["number"] for task in tasks] == list(range(1, len(tasks) + 1))[:200]
