"""Races with real concurrency over HTTP. `make soak` runs a thousand rounds of each; here a few."""

import asyncio
import os

import pytest
from tests.platform import PASSWORD, Organization, Platform, created
from tests.services.tenancy.people import invite, member

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "3"))
pytestmark = pytest.mark.soak


async def test_two_last_owners_leave_at_once(platform: Platform) -> None:
    for _ in range(ROUNDS):
        organization = await platform.organization()
        second = await member(platform, organization, "OWNER")
        witness = await member(platform, organization)
        answers = await asyncio.gather(
            organization.client.delete(f"/members/{organization.owner.id}"),
            second.client.delete(f"/members/{second.id}"),
        )
        assert sorted(answer.status_code for answer in answers) == [204, 409]
        left = (await witness.client.get("/members")).json()["data"]
        assert sorted(m["role"] for m in left) == ["MEMBER", "OWNER"]


async def test_owners_demote_each_other_at_once(platform: Platform) -> None:
    for _ in range(ROUNDS):
        organization = await platform.organization()
        second = await member(platform, organization, "OWNER")
        await asyncio.gather(
            organization.client.patch(f"/members/{second.id}", json={"role": "MEMBER"}),
            second.client.patch(f"/members/{organization.owner.id}", json={"role": "MEMBER"}),
            second.client.request("DELETE", "/me", json={"password": PASSWORD}),
        )
        left = (await organization.client.get("/members")).json()["data"]
        assert [m["role"] for m in left].count("OWNER") >= 1


async def test_one_invitation_accepted_by_two(platform: Platform, organization: Organization) -> None:
    for number in range(ROUNDS):
        token = await invite(platform, organization, f"race{number}@example.com")
        body = {"token": token, "name": "R", "password": PASSWORD}
        answers = await asyncio.gather(*[platform.client().post("/invitations/accept", json=body) for _ in range(2)])
        assert sorted(answer.status_code for answer in answers) == [200, 409], [a.text for a in answers]
        assert {a.json().get("code") for a in answers} == {None, "invitation_used"}
        members = (await organization.client.get("/members?limit=200")).json()["data"]
        assert [m["email"] for m in members].count(f"race{number}@example.com") == 1
        me = next(m["userId"] for m in members if m["email"] == f"race{number}@example.com")
        await organization.client.delete(f"/members/{me}")


async def test_last_free_seat_taken_by_two(platform: Platform) -> None:
    for _ in range(ROUNDS):
        organization = await platform.organization()
        await organization.client.post("/billing/change", json={"plan": "PRO", "seats": 2})
        people = [await platform.person() for _ in range(2)]
        tokens = [await invite(platform, organization, person.email) for person in people]
        answers = await asyncio.gather(
            *[p.client.post("/invitations/accept", json={"token": t}) for p, t in zip(people, tokens, strict=True)]
        )
        assert sorted(answer.status_code for answer in answers) == [200, 402], [a.text for a in answers]
        assert (await organization.client.get("/billing")).json()["seats"] == {"used": 2, "limit": 2}


async def test_one_idempotency_key_used_by_ten(organization: Organization) -> None:
    for number in range(ROUNDS):
        headers, body = {"Idempotency-Key": f"race-{number}"}, {"name": "Once", "key": f"R{number}"}
        answers = await asyncio.gather(
            *[organization.client.post("/projects", json=body, headers=headers) for _ in range(10)]
        )
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"request_in_flight"}
        assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1
        after = await organization.client.post("/projects", json=body, headers=headers)
        assert after.headers["idempotency-replayed"] == "true"


async def test_role_demoted_while_it_acts(platform: Platform, organization: Organization) -> None:
    """Whatever overlaps may win or lose; whatever begins after the demotion was answered is refused."""
    for number in range(ROUNDS):
        admin = await member(platform, organization, "ADMIN")
        demoted = asyncio.Event()
        begun_after: list[int] = []

        async def act(turn: int, admin=admin, demoted=demoted, begun_after=begun_after, number=number) -> None:  # type: ignore[no-untyped-def]
            for step in range(6):
                late = demoted.is_set()
                email = f"d{number}-{turn}-{step}@example.com"
                answer = await admin.client.post("/invitations", json={"email": email})
                if late:
                    begun_after.append(answer.status_code)

        async def demote(admin=admin, demoted=demoted) -> None:  # type: ignore[no-untyped-def]
            answer = await organization.client.patch(f"/members/{admin.id}", json={"role": "MEMBER"})
            assert answer.status_code == 200
            demoted.set()

        await asyncio.gather(*[act(turn) for turn in range(3)], demote())
        await act(9)
        assert begun_after
        assert set(begun_after) == {403}
        for invitation in (await organization.client.get("/invitations?status=pending&limit=200")).json()["data"]:
            await organization.client.delete(f"/invitations/{invitation['id']}")


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
