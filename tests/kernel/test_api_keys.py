"""The in-process cache of API keys: it answers without waiting, and never longer than the key is valid."""

import asyncio
from datetime import timedelta

import pytest
from tests.platform import Organization, Platform, created

from septet.app import make_runtime
from septet.kernel.errors import Unauthenticated
from septet.kernel.runtime import Runtime


async def issue(organization: Organization, **fields: object) -> tuple[str, str]:
    body = {"name": "x", "scopes": ["limits:check"], **fields}
    issued = created(await organization.client.post("/api-keys", json=body))
    return issued["key"], issued["id"]


async def forgotten(runtime: Runtime, token: str) -> None:
    async with asyncio.timeout(2):
        while runtime.api_keys.find(token) is not None:
            await asyncio.sleep(0.001)


async def test_found_at_once_after_the_first_time(platform: Platform, organization: Organization) -> None:
    token, key_id = await issue(organization)
    keys = platform.runtime.api_keys
    assert keys.find(token) is None
    verified = await keys.verify(token)
    assert (verified.tenant_id, str(verified.key_id)) == (organization.id, key_id)
    assert keys.find(token) == verified


@pytest.mark.parametrize("token", ["", "x", "sess_x", "sk_x_y"])
async def test_no_key_of_ours(platform: Platform, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await platform.runtime.api_keys.verify(token)


async def test_a_revoked_key_is_forgotten_everywhere(platform: Platform, organization: Organization) -> None:
    token, key_id = await issue(organization)
    async with make_runtime(platform.runtime.settings).open() as elsewhere:
        for runtime in (platform.runtime, elsewhere):
            await runtime.api_keys.verify(token)
        await organization.client.delete(f"/api-keys/{key_id}")
        for runtime in (platform.runtime, elsewhere):
            await forgotten(runtime, token)
            with pytest.raises(Unauthenticated):
                await runtime.api_keys.verify(token)


async def test_verifying_while_it_is_revoked_keeps_nothing(platform: Platform, organization: Organization) -> None:
    keys = platform.runtime.api_keys
    for _ in range(5):
        token, key_id = await issue(organization)

        async def verify_often(token: str) -> None:
            for _ in range(20):
                await asyncio.gather(keys.verify(token), return_exceptions=True)
                keys._drop_all()  # so that the next one asks again, in the middle of the revocation

        await asyncio.gather(organization.client.delete(f"/api-keys/{key_id}"), verify_often(token))
        await forgotten(platform.runtime, token)


async def test_an_expired_key_is_not_found(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    expires = own_platform.runtime.clock.now() + timedelta(hours=1)
    token, _ = await issue(organization, expiresAt=expires.isoformat())
    await own_platform.runtime.api_keys.verify(token)
    await own_platform.advance(3601)
    assert own_platform.runtime.api_keys.find(token) is None
    with pytest.raises(Unauthenticated):
        await own_platform.runtime.api_keys.verify(token)


async def test_without_valkey_postgresql_is_asked(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    token, _ = await issue(organization)
    await own_platform.runtime.valkey.client.execute_command("CLIENT", "PAUSE", 10_000)
    async with asyncio.timeout(8):
        assert (await own_platform.runtime.api_keys.verify(token)).tenant_id == organization.id
    assert own_platform.runtime.api_keys.find(token) is not None


async def test_after_a_gap_in_the_bus_everything_is_asked_again(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    token, _ = await issue(organization)
    await own_platform.runtime.api_keys.verify(token)
    await own_platform.runtime.valkey.client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    await forgotten(own_platform.runtime, token)
