"""Sign-in with an OpenID Connect provider, which these tests run."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from tests.conftest import fresh_settings
from tests.platform import Platform, problem, running_platform
from tests.services.tenancy.oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProvider, running_provider

from septet.services.tenancy.settings import TenancySettings


@pytest.fixture(scope="module")
async def connected(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> AsyncIterator[tuple[Platform, OidcProvider]]:
    """A platform that is set up for a running provider."""
    directory: Path = tmp_path_factory.mktemp("oidc")
    async with (
        running_provider() as provider,
        fresh_settings(directory, f"septet_{worker_id}_oidc") as settings,
        running_platform(settings) as platform,
    ):
        platform.runtime._service_settings[TenancySettings] = TenancySettings(
            oidc_issuer=provider.issuer, oidc_client_id=CLIENT_ID, oidc_client_secret=SecretStr(CLIENT_SECRET)
        )
        yield platform, provider


async def sign_in(platform: Platform, provider: OidcProvider, email: str, **more: object) -> httpx.Response:
    """What a browser does: to the provider, and back."""
    provider.person = {"sub": f"sub-{email}", "email": email, "email_verified": True, "name": "Olga"}
    provider.person |= {"now": int(platform.runtime.clock.unix())} | more
    start = await platform.client().get("/auth/oidc/start")
    assert start.status_code == 302, start.text
    async with httpx.AsyncClient() as browser:
        back = (await browser.get(start.headers["location"])).headers["location"]
    return await platform.client().get(back)


async def who(platform: Platform, signed_in: httpx.Response) -> dict[str, object]:
    assert signed_in.status_code == 302, signed_in.text
    token = signed_in.cookies["septet_session"]
    return dict((await platform.client(token).get("/me")).json()["user"])


async def test_new_and_returning_people(connected: tuple[Platform, OidcProvider]) -> None:
    platform, provider = connected
    first = await who(platform, await sign_in(platform, provider, "olga@example.com"))
    assert (first["email"], first["name"], first["emailVerified"]) == ("olga@example.com", "Olga", True)
    again = await who(platform, await sign_in(platform, provider, "other@example.com", sub="sub-olga@example.com"))
    assert again["id"] == first["id"], "who they are is the subject, not the address"
    login = {"email": "olga@example.com", "password": "anything at all"}
    problem(await platform.client().post("/auth/login", json=login), 401, "invalid_credentials")


async def test_address_must_be_verified_on_both_sides(connected: tuple[Platform, OidcProvider]) -> None:
    platform, provider = connected
    unproven = await platform.person()
    problem(await sign_in(platform, provider, unproven.email), 401, "external_sign_in_refused")
    refused = await sign_in(platform, provider, "new@example.com", email_verified=False)
    problem(refused, 401, "external_sign_in_refused")


@pytest.mark.parametrize(
    "claims", [{"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}, {"nonce": "another"}]
)
async def test_token_for_others_is_refused(connected: tuple[Platform, OidcProvider], claims: dict[str, object]) -> None:
    platform, provider = connected
    provider.claims = claims
    try:
        problem(await sign_in(platform, provider, "x@example.com"), 401, "external_sign_in_refused")
    finally:
        provider.claims = {}


async def test_token_of_another_key_is_refused(connected: tuple[Platform, OidcProvider]) -> None:
    platform, provider = connected
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "1"})
    try:
        problem(await sign_in(platform, provider, "x@example.com"), 401, "external_sign_in_refused")
    finally:
        provider.signing_key = provider.key


async def test_state_works_once(connected: tuple[Platform, OidcProvider]) -> None:
    platform, _ = connected
    path = "/auth/oidc/callback?code=x&state=unknown"
    problem(await platform.client().get(path), 401, "external_sign_in_refused")
    problem(
        await platform.client().get("/auth/oidc/callback?error=access_denied&state=x"), 401, "external_sign_in_refused"
    )


async def test_off_unless_set_up(platform: Platform) -> None:
    problem(await platform.client().get("/auth/oidc/start"), 404, "external_sign_in_off")
