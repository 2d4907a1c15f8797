"""Placeholder."""

from tests.platform import Organization, Platform, problem


async def test_owner_is_member(platform: Platform, organization: Organization, stranger: Organization) -> None:
    members = (await organization.client.get("/members")).json()["data"]
    assert [m["role"] for m in members] == ["OWNER"]
    key = await platform.api_key(organization)
    assert (await platform.client(key).get("/members")).status_code == 200
    problem(await stranger.client.get(f"/organizations/{organization.id}"), 404, "organization_not_found")
    await platform.jobs_done()


async def test_clock(own_platform: Platform) -> None:
    await own_platform.advance(86400)
    org = await own_platform.organization()
    await own_platform.advance(86400 * 89)
    assert (await org.client.get("/me")).status_code == 401
