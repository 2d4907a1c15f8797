"""Invitations: who may invite whom, what becomes of them, who may accept."""

import pytest
from sqlalchemy import text
from tests.platform import PASSWORD, Organization, Platform, created, problem
from tests.services.tenancy.mail import newest
from tests.services.tenancy.people import invite, log_in, member

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.events import InvitationMailRequested


async def test_new_account_by_invitation(platform: Platform, organization: Organization) -> None:
    token = await invite(platform, organization, "fresh@example.com", "ADMIN")
    client = platform.client()
    problem(await client.post("/invitations/accept", json={"token": token}), 422, "name_and_password_needed")
    body = {"token": token, "name": "Fresh", "password": PASSWORD}
    accepted = await client.post("/invitations/accept", json=body)
    assert accepted.status_code == 200, accepted.text
    assert (accepted.json()["organizationId"], accepted.json()["role"]) == (str(organization.id), "ADMIN")
    me = (await platform.client(accepted.json()["session"]["token"]).get("/me")).json()
    assert me["user"]["emailVerified"] is True
    assert [m["role"] for m in me["memberships"]] == ["ADMIN"]
    problem(await client.post("/invitations/accept", json=body), 409, "invitation_used")


async def test_existing_account_accepts_by_session_or_password(platform: Platform, organization: Organization) -> None:
    person, other = await platform.person(), await platform.person()
    token = await invite(platform, organization, person.email)
    accept = {"token": token}
    problem(await other.client.post("/invitations/accept", json=accept), 403, "invitation_for_other_email")
    problem(await platform.client().post("/invitations/accept", json=accept), 401, "log_in_to_accept")
    wrong = accept | {"password": "wrong"}
    problem(await platform.client().post("/invitations/accept", json=wrong), 401, "invalid_credentials")
    accepted = await platform.client().post("/invitations/accept", json=accept | {"password": PASSWORD})
    assert accepted.json()["session"]["token"]
    problem(await organization.client.post("/invitations", json={"email": person.email}), 409, "already_member")


async def test_one_is_pending_and_a_resend_replaces_the_token(platform: Platform, organization: Organization) -> None:
    email = "twice@example.com"
    first = await invite(platform, organization, email)
    problem(await organization.client.post("/invitations", json={"email": email}), 409, "invitation_pending")
    invitation = (await organization.client.get("/invitations?status=pending")).json()["data"][0]
    again = (await organization.client.post(f"/invitations/{invitation['id']}/resend")).json()
    assert again["id"] == invitation["id"]
    assert again["expiresAt"] > invitation["expiresAt"]
    second = (await newest(platform, email, InvitationMailRequested)).token
    body = {"name": "T", "password": PASSWORD}
    client = platform.client()
    problem(await client.post("/invitations/accept", json=body | {"token": first}), 404, "invitation_not_found")
    assert (await client.post("/invitations/accept", json=body | {"token": second})).status_code == 200


async def test_states_never_go_back(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    revoked, expired = [await invite(own_platform, organization, f"{name}@example.com") for name in ("r", "e")]
    found = (await organization.client.get("/invitations")).json()["data"]
    ids = {i["email"]: i["id"] for i in found}
    assert (await organization.client.delete(f"/invitations/{ids['r@example.com']}")).status_code == 204
    body = {"name": "X", "password": PASSWORD}
    client = own_platform.client()
    problem(await client.post("/invitations/accept", json=body | {"token": revoked}), 410, "invitation_revoked")
    problem(await organization.client.delete(f"/invitations/{ids['r@example.com']}"), 410, "invitation_revoked")
    await own_platform.advance(7 * 86_400)
    organization = type(organization)(organization.id, await log_in(own_platform, organization.owner.email))
    problem(await client.post("/invitations/accept", json=body | {"token": expired}), 410, "invitation_expired")
    resent = await organization.client.post(f"/invitations/{ids['e@example.com']}/resend")
    problem(resent, 410, "invitation_expired")
    statuses = {i["email"]: i["status"] for i in (await organization.client.get("/invitations")).json()["data"]}
    assert statuses == {"r@example.com": "revoked", "e@example.com": "expired"}
    await invite(own_platform, organization, "e@example.com")


async def test_nobody_invites_above_their_own_role(platform: Platform, organization: Organization) -> None:
    admin, plain = await member(platform, organization, "ADMIN"), await member(platform, organization)
    owner = {"email": "boss@example.com", "role": "OWNER"}
    problem(await admin.client.post("/invitations", json=owner), 403, "role_above_own")
    problem(await plain.client.post("/invitations", json={"email": "x@example.com"}), 403, "forbidden")
    created(await admin.client.post("/invitations", json=owner | {"role": "ADMIN"}))


@pytest.mark.parametrize("token", ["", "inv_x", "inv_0000000000000000000000_abc", "sk_0000000000000000000000_abc"])
async def test_tokens_of_no_invitation_are_refused(platform: Platform, token: str) -> None:
    answer = await platform.client().post("/invitations/accept", json={"token": token})
    assert answer.status_code in (404, 422), answer.text


async def test_a_hundred_are_pending_at_most(platform: Platform, organization: Organization) -> None:
    async with UnitOfWork(platform.runtime, system_actor(organization.id)) as uow:
        await uow.execute(text(
            """INSERT INTO tenancy.invitations
                 (tenant_id, id, email, role, status, token_digest, created_at, expires_at)
               SELECT :tenant, gen_random_uuid(), n || '@example.com', 'MEMBER', 'pending', sha256(n::text::bytea),
                 CAST(:now AS timestamptz), CAST(:now AS timestamptz) + interval '7 days'
               FROM generate_series(1, 99) n"""
        ), {"tenant": organization.id, "now": uow.now})  # fmt: skip
        await uow.commit()
    created(await organization.client.post("/invitations", json={"email": "p100@example.com"}))
    problem(
        await organization.client.post("/invitations", json={"email": "p@example.com"}), 409, "too_many_invitations"
    )
