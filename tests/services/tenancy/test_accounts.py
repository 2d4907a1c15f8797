"""Sign-up, log-in, sessions, passwords, verification, and the end of an account."""

import asyncio

import pytest
from tests.platform import PASSWORD, Organization, Platform, created, problem
from tests.services.tenancy.mail import newest, received
from tests.services.tenancy.people import log_in, member

from septet.services.tenancy.events import (
    EmailChanged,
    EmailChangeRequested,
    EmailVerificationRequested,
    NewDeviceLoggedIn,
    PasswordResetRequested,
)
from septet.services.tenancy.settings import TenancySettings

NEW_PASSWORD = "a quite different sentence"


async def test_sign_up_answers_with_user_and_session(platform: Platform) -> None:
    body = {"email": "Ada@Example.com", "password": PASSWORD, "name": "Ada"}
    answer = created(await platform.client().post("/auth/signup", json=body))
    assert answer["user"]["email"] == "ada@example.com"
    me = (await platform.client(answer["session"]["token"]).get("/me")).json()
    assert me["user"]["id"] == answer["user"]["id"]
    assert me["memberships"] == []
    assert (await newest(platform, "ada@example.com", EmailVerificationRequested)).token
    problem(await platform.client().post("/auth/signup", json=body), 409, "email_taken")


@pytest.mark.parametrize("password", ["short", "password", "12345678", "qwertyuiop", "x" * 129])
async def test_weak_passwords_are_refused_with_a_hint(platform: Platform, password: str) -> None:
    body = {"email": "weak@example.com", "password": password, "name": "W"}
    assert len(problem(await platform.client().post("/auth/signup", json=body), 422, "weak_password")["detail"]) > 20


async def test_password_made_of_the_address_is_refused(platform: Platform) -> None:
    body = {"email": "zbigniewkowalczyk@example.com", "password": "zbigniewkowalczyk", "name": "Z"}
    problem(await platform.client().post("/auth/signup", json=body), 422, "weak_password")


async def test_unknown_address_and_wrong_password_answer_alike(platform: Platform) -> None:
    person = await platform.person()
    answers = [
        problem(await platform.client().post("/auth/login", json={"email": email, "password": "wrong"}), 401, code)
        for email, code in ((person.email, "invalid_credentials"), ("nobody@example.com", "invalid_credentials"))
    ]
    assert answers[0] == answers[1]


async def test_parallel_guesses_are_throttled_and_success_forgets_failures(platform: Platform) -> None:
    person, client = await platform.person(), platform.client()
    wrong = {"email": person.email, "password": "wrong"}
    allowed = TenancySettings().attempts_per_account
    for _ in range(allowed - 1):
        problem(await client.post("/auth/login", json=wrong), 401, "invalid_credentials")
    await log_in(platform, person.email)
    answers = await asyncio.gather(*[client.post("/auth/login", json=wrong) for _ in range(allowed + 5)])
    assert sorted(answer.status_code for answer in answers) == [401] * allowed + [429] * 5
    assert all(int(a.headers["retry-after"]) <= 901 for a in answers if a.status_code == 429)
    right = {"email": person.email, "password": PASSWORD}
    problem(await client.post("/auth/login", json=right), 429, "too_many_attempts")


async def test_sessions_are_listed_and_revoked_at_once(platform: Platform) -> None:
    person = await platform.person()
    other = await log_in(platform, person.email)
    assert (await other.client.get("/me")).status_code == 200
    sessions = (await person.client.get("/auth/sessions")).json()["data"]
    assert [s["current"] for s in sessions].count(True) == 1
    assert all(s["device"].startswith("python-httpx") for s in sessions)
    other_id = next(s["id"] for s in sessions if not s["current"])
    assert (await person.client.delete(f"/auth/sessions/{other_id}")).status_code == 204
    problem(await other.client.get("/me"), 401, "unauthenticated")
    problem(await person.client.delete(f"/auth/sessions/{other_id}"), 404, "session_not_found")
    third = await log_in(platform, person.email)
    assert (await third.client.delete("/auth/sessions")).status_code == 204
    problem(await person.client.get("/me"), 401, "unauthenticated")
    assert (await third.client.post("/auth/logout")).status_code == 204
    problem(await third.client.get("/me"), 401, "unauthenticated")


async def test_nobody_ends_another_ones_session(platform: Platform) -> None:
    person, thief = await platform.person(), await platform.person()
    session_id = (await person.client.get("/auth/sessions")).json()["data"][0]["id"]
    problem(await thief.client.delete(f"/auth/sessions/{session_id}"), 404, "session_not_found")
    assert (await person.client.get("/me")).status_code == 200


async def test_sessions_end_when_idle_and_in_any_case(own_platform: Platform) -> None:
    idle, busy = await own_platform.person(), await own_platform.person()
    day = 86_400
    for _ in range(6):
        await own_platform.advance(13 * day)
        assert (await busy.client.get("/me")).status_code == 200
    problem(await idle.client.get("/me"), 401, "unauthenticated")
    await own_platform.advance(12 * day)
    problem(await busy.client.get("/me"), 401, "unauthenticated")


async def test_changing_the_password_ends_other_sessions_only(platform: Platform) -> None:
    person = await platform.person()
    other = await log_in(platform, person.email)
    wrong = {"currentPassword": "wrong", "newPassword": NEW_PASSWORD}
    problem(await person.client.post("/auth/password/change", json=wrong), 403, "wrong_password")
    right = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    assert (await person.client.post("/auth/password/change", json=right)).status_code == 204
    problem(await other.client.get("/me"), 401, "unauthenticated")
    assert (await person.client.get("/me")).status_code == 200
    await log_in(platform, person.email, NEW_PASSWORD)


async def test_reset_link_works_once_and_ends_every_session(platform: Platform) -> None:
    person, client = await platform.person(), platform.client()
    for email in (person.email, "unknown@example.com"):
        assert (await client.post("/auth/password/forgot", json={"email": email})).status_code == 202
    token = (await newest(platform, person.email, PasswordResetRequested)).token
    assert not await received(platform, "unknown@example.com", PasswordResetRequested)
    answers = await asyncio.gather(
        *[client.post("/auth/password/reset", json={"token": token, "password": NEW_PASSWORD}) for _ in range(4)]
    )
    assert sorted(answer.status_code for answer in answers) == [204, 410, 410, 410]
    problem(await person.client.get("/me"), 401, "unauthenticated")
    again = await log_in(platform, person.email, NEW_PASSWORD)
    assert (await again.client.get("/me")).json()["user"]["emailVerified"] is True


async def test_reset_link_is_replaced_and_expires(own_platform: Platform) -> None:
    person, client = await own_platform.person(), own_platform.client()
    await client.post("/auth/password/forgot", json={"email": person.email})
    first = (await newest(own_platform, person.email, PasswordResetRequested)).token
    await client.post("/auth/password/forgot", json={"email": person.email})
    second = (await newest(own_platform, person.email, PasswordResetRequested)).token
    reset = {"token": first, "password": NEW_PASSWORD}
    problem(await client.post("/auth/password/reset", json=reset), 410, "token_not_valid")
    await own_platform.advance(30 * 60)
    problem(await client.post("/auth/password/reset", json=reset | {"token": second}), 410, "token_not_valid")


async def test_address_is_verified_by_the_mailed_token(platform: Platform) -> None:
    person = await platform.person()
    assert (await person.client.post("/auth/email/resend-verification")).status_code == 202
    first = (await newest(platform, person.email, EmailVerificationRequested)).token
    assert (await person.client.post("/auth/email/resend-verification")).status_code == 202
    second = (await newest(platform, person.email, EmailVerificationRequested)).token
    client = platform.client()
    problem(await client.post("/auth/email/verify", json={"token": first}), 410, "token_not_valid")
    assert (await client.post("/auth/email/verify", json={"token": second})).status_code == 204
    problem(await client.post("/auth/email/verify", json={"token": second}), 410, "token_not_valid")
    assert (await person.client.get("/me")).json()["user"]["emailVerified"] is True


async def test_new_address_is_taken_once_its_mail_was_read(platform: Platform) -> None:
    person, client = await platform.person(), platform.client()
    await client.post("/auth/password/forgot", json={"email": person.email})
    reset = (await newest(platform, person.email, PasswordResetRequested)).token
    wanted = {"email": f"new-{person.email}", "password": PASSWORD}
    wrong = wanted | {"password": "wrong"}
    problem(await person.client.post("/auth/email/change", json=wrong), 403, "wrong_password")
    assert (await person.client.post("/auth/email/change", json=wanted)).status_code == 202
    assert (await person.client.get("/me")).json()["user"]["email"] == person.email
    token = (await newest(platform, wanted["email"], EmailChangeRequested)).token
    assert (await client.post("/auth/email/confirm-change", json={"token": token})).status_code == 204
    problem(await client.post("/auth/email/confirm-change", json={"token": token}), 410, "token_not_valid")
    me = (await person.client.get("/me")).json()["user"]
    assert (me["email"], me["emailVerified"]) == (wanted["email"], True)
    assert (await newest(platform, wanted["email"], EmailChanged)).old_email == person.email
    await log_in(platform, wanted["email"])
    old = {"email": person.email, "password": PASSWORD}
    problem(await client.post("/auth/login", json=old), 401, "invalid_credentials")
    stale = {"token": reset, "password": NEW_PASSWORD}
    problem(await client.post("/auth/password/reset", json=stale), 410, "token_not_valid")


async def test_address_that_somebody_else_has_is_not_taken(platform: Platform) -> None:
    person, other, client = await platform.person(), await platform.person(), platform.client()
    wanted = {"email": other.email, "password": PASSWORD}
    assert (await person.client.post("/auth/email/change", json=wanted)).status_code == 202
    token = (await newest(platform, other.email, EmailChangeRequested)).token
    problem(await client.post("/auth/email/confirm-change", json={"token": token}), 409, "email_taken")
    assert (await person.client.get("/me")).json()["user"]["email"] == person.email


async def test_log_in_from_a_device_not_seen_before_is_told(platform: Platform) -> None:
    person = await platform.person()
    login = {"email": person.email, "password": PASSWORD}
    assert await received(platform, person.email, NewDeviceLoggedIn) == []
    for device in ("Firefox/128.0 (Linux)", "Firefox/129.0 (Linux)"):
        await platform.client().post("/auth/login", json=login, headers={"User-Agent": device})
    told = await received(platform, person.email, NewDeviceLoggedIn)
    assert [(event.user_id, event.device) for event in told] == [(person.id, "Firefox/128.0 (Linux)")]


async def test_profile_changes_are_seen_at_once(platform: Platform) -> None:
    person = await platform.person()
    changed = await person.client.patch("/me", json={"name": "Ada L.", "locale": "pl"})
    assert (changed.json()["name"], changed.json()["locale"]) == ("Ada L.", "pl")
    assert (await person.client.get("/me")).json()["user"]["name"] == "Ada L."


async def test_account_ends_unless_an_organization_would_lose_its_owner(
    platform: Platform, organization: Organization
) -> None:
    person = await member(platform, organization)
    owner = organization.owner
    problem(await owner.client.request("DELETE", "/me", json={"password": PASSWORD}), 409, "owns_organizations")
    problem(await person.client.request("DELETE", "/me", json={"password": "wrong"}), 403, "wrong_password")
    data = (await person.client.get("/me/export")).json()
    assert data["user"]["email"] == person.email
    assert {event["action"] for event in data["events"]} >= {"session.started", "email.verified"}
    assert (await person.client.request("DELETE", "/me", json={"password": PASSWORD})).status_code == 204
    problem(await person.client.get("/me"), 401, "unauthenticated")
    login = {"email": person.email, "password": PASSWORD}
    problem(await platform.client().post("/auth/login", json=login), 401, "invalid_credentials")
    assert len((await organization.client.get("/members")).json()["data"]) == 1


async def test_cookie_needs_our_origin(platform: Platform) -> None:
    person = await platform.person()
    browser = platform.client()
    own = {"Origin": str(browser.base_url)}
    answer = await browser.post("/auth/login", json={"email": person.email, "password": PASSWORD}, headers=own)
    assert "HttpOnly" in answer.headers["set-cookie"]
    browser.cookies.set("septet_session", answer.json()["session"]["token"])
    problem(await browser.post("/organizations", json={"name": "X"}), 403, "forbidden")
    evil = {"Origin": "https://evil.example"}
    problem(await browser.post("/organizations", json={"name": "X"}, headers=evil), 403, "forbidden")
    created(await browser.post("/organizations", json={"name": "X"}, headers=own))
