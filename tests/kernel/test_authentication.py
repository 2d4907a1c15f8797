"""Tokens: what is no longer valid stops working with the next request; what is not ours never works."""

import asyncio
import os
from collections import Counter
from uuid import uuid4

import pytest
from tests.platform import BASE_URL, PASSWORD, Organization, Platform, created, problem

from septet.kernel.authentication import revoke_cached, role_cache_key
from septet.kernel.identity import API_KEY_PREFIX, format_tenant_token, tenant_of_api_key
from septet.kernel.ids import uuid_from_base62, uuid_to_base62
from septet.kernel.uow import UnitOfWork


@pytest.mark.parametrize(
    "token", ["x", "sess_", "sess_x", "sk_", "sk_x_y", "sk_" + "0" * 22 + "_x", "ü", "sess_" + "a" * 5000]
)
async def test_foreign_token(platform: Platform, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}".encode()}
    problem(await platform.client().get("/me", headers=headers), 401, "unauthenticated")  # type: ignore[arg-type]


async def test_no_credentials(platform: Platform) -> None:
    answer = await platform.client().get("/me")
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_revoked_key_stops_with_the_next_request(platform: Platform, organization: Organization) -> None:
    issued = created(await organization.client.post("/api-keys", json={"name": "x", "scopes": ["*"]}))
    client = platform.client(issued["key"])
    for _ in range(3):
        assert (await client.get("/members")).status_code == 200
    assert (await organization.client.delete(f"/api-keys/{issued['id']}")).status_code == 204
    problem(await client.get("/members"), 401, "unauthenticated")


async def test_revocation_beats_concurrent_use(platform: Platform, organization: Organization) -> None:
    """Requests that fill the cache while the key is revoked must not bring it back."""
    for _ in range(5):
        issued = created(await organization.client.post("/api-keys", json={"name": "x", "scopes": ["*"]}))
        client = platform.client(issued["key"])
        await asyncio.gather(
            organization.client.delete(f"/api-keys/{issued['id']}"), *[client.get("/members") for _ in range(10)]
        )
        problem(await client.get("/members"), 401, "unauthenticated")


async def test_nothing_is_cached_while_any_revocation_is_under_way(
    platform: Platform, organization: Organization
) -> None:
    """One that ends sooner than another leaves the other's mark; after the last, what is read is cached again."""
    key = role_cache_key(organization.id, organization.owner.id)

    async def found_after_a_request() -> bytes:
        assert (await organization.client.get("/members")).status_code == 200
        return bytes(await platform.runtime.valkey.client.get(key))

    async with UnitOfWork(platform.runtime) as slow, UnitOfWork(platform.runtime) as quick:
        revoke_cached(slow, key)
        revoke_cached(quick, key)
        for begin in slow._before_commit:
            await begin()
        await quick.commit()
        assert (await found_after_a_request()).startswith(b"-")
        await slow.commit()
    assert (await found_after_a_request()).startswith(b"{")


async def test_what_was_read_before_a_revocation_ended_is_not_cached(
    platform: Platform, organization: Organization
) -> None:
    authenticator, key = platform.runtime.authenticator, role_cache_key(organization.id, organization.owner.id)
    for _ in range(2):  # once from nothing or an entry, once from the mark that the first left
        found = await authenticator._found(key)
        async with UnitOfWork(platform.runtime) as revoking:
            revoke_cached(revoking, key)
            await revoking.commit()
        await authenticator._fill(key, found, b"stale")
        assert (await authenticator._found(key)).startswith(b"+")


async def test_logged_out_session_stops(platform: Platform) -> None:
    person = await platform.person()
    assert (await person.client.get("/me")).status_code == 200
    assert (await person.client.post("/auth/logout")).status_code == 204
    problem(await person.client.get("/me"), 401, "unauthenticated")


async def test_scope_and_role_are_named(platform: Platform, organization: Organization) -> None:
    reader = await platform.api_client(organization, "tenancy:read")
    assert (await reader.get("/members")).status_code == 200
    refused = await reader.post("/api-keys", json={"name": "x", "scopes": ["*"]})
    assert problem(refused, 403, "forbidden")["requiredScope"] == "tenancy:write"


async def test_organization_header(platform: Platform, organization: Organization, stranger: Organization) -> None:
    for header in (str(stranger.id), str(uuid4())):
        answer = await organization.client.get("/members", headers={"Septet-Organization": header})
        problem(answer, 403, "forbidden")
    answer = await organization.client.get("/members", headers={"Septet-Organization": "acme"})
    problem(answer, 400, "bad_parameter")
    key = await platform.api_client(organization)
    problem(await key.get("/members", headers={"Septet-Organization": str(stranger.id)}), 403, "forbidden")


async def test_user_of_several_organizations_must_name_one(platform: Platform) -> None:
    person = await platform.person()
    first = created(await person.client.post("/organizations", json={"name": "One"}))
    assert (await person.client.get("/members")).status_code == 200
    created(await person.client.post("/organizations", json={"name": "Two"}))
    problem(await person.client.get("/members"), 400, "organization_required")
    answer = await person.client.get("/members", headers={"Septet-Organization": first["id"]})
    assert answer.status_code == 200


async def test_cookie_needs_our_origin(platform: Platform) -> None:
    person = await platform.person()
    browser = platform.client()
    login = {"email": person.email, "password": PASSWORD}
    answer = await browser.post("/auth/login", json=login, headers={"Origin": BASE_URL})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert (await browser.get("/me")).status_code == 200
    problem(await browser.post("/organizations", json={"name": "Evil"}), 403, "forbidden")
    evil = {"Origin": "https://evil.example"}
    problem(await browser.post("/organizations", json={"name": "Evil"}, headers=evil), 403, "forbidden")
    created(await browser.post("/organizations", json={"name": "Good"}, headers={"Origin": BASE_URL}))


async def test_program_gets_no_cookie(platform: Platform) -> None:
    person = await platform.person()
    answer = await platform.client().post("/auth/login", json={"email": person.email, "password": PASSWORD})
    assert "set-cookie" not in answer.headers


def test_key_carries_its_tenant() -> None:
    tenant = uuid4()
    assert tenant_of_api_key(format_tenant_token(API_KEY_PREFIX, tenant, "secret")) == tenant
    assert tenant_of_api_key("sk_" + "z" * 22 + "_secret") is None
    assert uuid_from_base62(uuid_to_base62(tenant)) == tenant


@pytest.mark.soak
async def test_of_many_sign_ups_with_one_address_one_wins(platform: Platform) -> None:
    """`make soak ROUNDS=1000`: a thousand at once."""
    attempts = max(10, int(os.environ.get("SOAK_ROUNDS", "10")))
    body = {"email": "wanted@example.com", "password": PASSWORD, "name": "Ada"}
    client = platform.client()
    answers = await asyncio.gather(*(client.post("/auth/signup", json=body) for _ in range(attempts)))
    codes = Counter(answer.json().get("code", "created") for answer in answers)
    assert codes["created"] == 1
    assert set(codes) <= {"created", "email_taken", "engine_unavailable"}
    login = await client.post("/auth/login", json={"email": body["email"], "password": PASSWORD})
    assert login.status_code == 200
