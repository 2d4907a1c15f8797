"""A connection lives no longer than its credential."""

import pytest
from tests.platform import Organization, Person, Platform
from tests.services.chat.conftest import Crew
from tests.services.chat.gateways import RunningGateway, raw_client


@pytest.fixture
def quick_gateway(gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> RunningGateway:
    """The gateway, verifying each connection at every sweep."""
    often = gateway.gateway.settings.model_copy(update={"recheck_seconds": 0.01})
    monkeypatch.setattr(gateway.gateway, "settings", often)
    return gateway


async def test_logging_out_closes_the_connection(crew: Crew, quick_gateway: RunningGateway) -> None:
    room = await crew.room(crew.ada, crew.bob)
    async with raw_client(quick_gateway, crew.bob) as bob, raw_client(quick_gateway, crew.ada) as ada:
        await bob.hear("room")
        assert (await crew.bob.client.post("/auth/logout")).status_code == 204
        assert await bob.closed() == (4409, {"code": "token_expired", "resume": True})
        await ada.say("typing", roomId=room)
        await ada.hear("typing")


async def test_a_revoked_api_key_closes_the_connection(
    platform: Platform, crew: Crew, quick_gateway: RunningGateway
) -> None:
    key = await platform.api_key(crew.organization, "chat:read")
    program = Person(platform.client(key, crew.organization.id), crew.ada.id, "", key)
    async with raw_client(quick_gateway, program) as client:
        keys = (await crew.ada.client.get("/api-keys")).json()["data"]
        for each in keys:
            await crew.ada.client.delete(f"/api-keys/{each['id']}")
        assert (await client.closed())[0] == 4409


async def test_leaving_the_organization_closes_the_connection(
    crew: Crew, organization: Organization, quick_gateway: RunningGateway
) -> None:
    async with raw_client(quick_gateway, crew.bob) as bob:
        answer = await organization.client.delete(f"/members/{crew.bob.id}")
        assert answer.status_code == 204, answer.text
        assert (await bob.closed())[0] == 4403
