"""The promise of `integrations/platform_logs_itself.py`."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.integrations.people import colleague
from tests.platform import Organization, Platform, created

from septet.integrations.platform_logs_itself import store, storing


@pytest.fixture
async def logging(platform: Platform) -> AsyncIterator[Platform]:
    async with storing(platform.runtime):
        yield platform


async def lines(platform: Platform, organization: Organization, query: str, expected: int) -> list[dict[str, Any]]:
    """What the organization reads of Septet's own lines, once there are as many as expected."""
    async with asyncio.timeout(20):
        while True:
            await store(platform.runtime)
            answer = await organization.client.get(f"/logs/platform?{query}")
            assert answer.status_code == 200, answer.text
            found: list[dict[str, Any]] = answer.json()["data"]
            if len(found) >= expected:
                return found


async def test_a_request_id_leads_through_requests_jobs_and_notifications(
    logging: Platform, organization: Organization
) -> None:
    answer = await organization.client.post("/invitations", json={"email": "guest@example.org", "role": "MEMBER"})
    request_id = answer.headers["x-request-id"]
    await logging.jobs_done()
    found = await lines(logging, organization, f"attr.request_id={request_id}&limit=100", 4)
    kinds = {line["message"] for line in found}
    assert {"request", "audit", "job", "notification"} <= kinds
    (request,) = [line for line in found if line["message"] == "request"]
    assert (request["attributes"]["route"], request["attributes"]["status"]) == ("/invitations", 201)
    assert request["attributes"]["actor"] == f"user:{organization.owner.id}"


async def test_nobody_reads_lines_of_somebody_else(
    logging: Platform, organization: Organization, stranger: Organization
) -> None:
    created(await organization.client.post("/projects", json={"name": "Mine"}))
    await lines(logging, organization, "attr.route=/projects", 1)
    query = f"attr.route=/projects&attr.tenant={organization.id}"
    assert await lines(logging, stranger, query, 0) == []
    tenants = {line["attributes"]["tenant"] for line in await lines(logging, stranger, "limit=100", 1)}
    assert tenants == {str(stranger.id)}


async def test_only_administrators_read_them_and_they_are_not_among_the_own_lines(
    logging: Platform, organization: Organization
) -> None:
    member = await colleague(logging, organization)
    assert (await member.client.get("/logs/platform")).status_code == 403
    await lines(logging, organization, "limit=100", 1)
    assert (await organization.client.get("/logs")).json()["data"] == []
