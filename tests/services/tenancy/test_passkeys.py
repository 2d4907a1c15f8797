"""Passkeys: registered and used with an authenticator in software; forged answers are refused."""

from typing import Any

from tests.platform import BASE_URL, Person, Platform, created, problem
from tests.services.tenancy.authenticator import Authenticator


async def registered(person: Person) -> Authenticator:
    authenticator = Authenticator(BASE_URL, "septet.test")
    options = (await person.client.post("/auth/passkeys/options")).json()
    body = {
        "challengeId": options["challengeId"],
        "credential": authenticator.create(options["publicKey"]),
        "name": "Phone",
    }
    created(await person.client.post("/auth/passkeys", json=body))
    return authenticator


async def login_body(platform: Platform, authenticator: Authenticator) -> dict[str, Any]:
    options = (await platform.client().post("/auth/passkeys/login/options")).json()
    return {"challengeId": options["challengeId"], "credential": authenticator.get(options["publicKey"])}


async def test_passkey_logs_in_without_an_address(platform: Platform) -> None:
    person = await platform.person()
    authenticator = await registered(person)
    body = await login_body(platform, authenticator)
    answer = await platform.client().post("/auth/passkeys/login", json=body)
    assert answer.json()["user"]["id"] == str(person.id)
    me = await platform.client(answer.json()["session"]["token"]).get("/me")
    assert me.json()["user"]["email"] == person.email
    problem(await platform.client().post("/auth/passkeys/login", json=body), 401, "passkey_refused")
    listed = (await person.client.get("/auth/passkeys")).json()["data"]
    assert (listed[0]["name"], bool(listed[0]["lastUsedAt"])) == ("Phone", True)
    assert (await person.client.delete(f"/auth/passkeys/{listed[0]['id']}")).status_code == 204
    body = await login_body(platform, authenticator)
    problem(await platform.client().post("/auth/passkeys/login", json=body), 401, "passkey_refused")


async def test_forged_answers_are_refused(platform: Platform) -> None:
    person = await platform.person()
    authenticator = await registered(person)
    client = platform.client()
    authenticator.origin = "https://evil.example"
    body = await login_body(platform, authenticator)
    problem(await client.post("/auth/passkeys/login", json=body), 401, "passkey_refused")
    authenticator.origin = BASE_URL
    thief = Authenticator(BASE_URL, "septet.test")
    thief.id = authenticator.id
    body = await login_body(platform, thief)
    problem(await client.post("/auth/passkeys/login", json=body), 401, "passkey_refused")
    assert (await client.post("/auth/passkeys/login", json=await login_body(platform, authenticator))).is_success
    authenticator.counter = 0
    body = await login_body(platform, authenticator)
    problem(await client.post("/auth/passkeys/login", json=body), 401, "passkey_refused")
    for credential in ({}, {"rawId": 1}, {"rawId": "AAAA"}):
        body = await login_body(platform, authenticator) | {"credential": credential}
        problem(await client.post("/auth/passkeys/login", json=body), 401, "passkey_refused")


async def test_challenge_of_one_is_not_anothers(platform: Platform) -> None:
    person, other = await platform.person(), await platform.person()
    options = (await person.client.post("/auth/passkeys/options")).json()
    authenticator = Authenticator(BASE_URL, "septet.test")
    body = {"challengeId": options["challengeId"], "credential": authenticator.create(options["publicKey"])}
    problem(await other.client.post("/auth/passkeys", json=body), 401, "passkey_refused")
