"""The promise of `integrations/requests_are_limited.py`."""

import pytest
from tests.platform import Organization, Platform, created, problem


async def platform_rule(organization: Organization, **fields: object) -> str:
    rule = {"name": "Narrow", "scope": "user", "algorithm": "fixed_window", "limit": 2, "windowMs": 86_400_000}
    return str(
        created(await organization.client.post("/limits/rules", json=rule | {"audience": "platform"} | fields))["id"]
    )


async def test_a_request_too_many_is_refused_with_headers_and_the_others_carry_them(
    platform: Platform, organization: Organization, stranger: Organization
) -> None:
    await platform_rule(organization, route="/projects")
    for left in (1, 0):
        answer = await organization.client.get("/projects")
        assert answer.status_code == 200
        assert answer.headers["ratelimit"].startswith(f'"Narrow";r={left};')
        assert '"Narrow";q=2;w=86400' in answer.headers["ratelimit-policy"]
    refused = await organization.client.get("/projects")
    problem(refused, 429, "quota_exceeded")
    assert int(refused.headers["retry-after"]) > 0
    assert (await organization.client.get("/members")).status_code == 200
    assert (await stranger.client.get("/projects")).status_code == 200


async def test_a_refused_request_changes_nothing(platform: Platform, organization: Organization) -> None:
    await platform_rule(organization, method="POST", route="/projects", limit=1)
    answers = [await organization.client.post("/projects", json={"name": f"Project {n}"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [201, 429, 429]
    assert len((await organization.client.get("/projects")).json()["data"]) == 1


@pytest.mark.parametrize(
    ("path", "route"),
    [("/logs", "/logs"), ("/notifications", "/notifications"), ("/links", "/links"), ("/rooms", "/rooms")],
)
async def test_services_of_every_kind_pass_it(
    platform: Platform, organization: Organization, path: str, route: str
) -> None:
    await platform_rule(organization, method="POST", route=route, limit=1)
    client = await platform.api_client(organization)
    bodies = {
        "/logs": {"message": "hello"},
        "/notifications": {"content": {"title": "t", "body": "b"}, "to": {"email": "a@example.com"}},
        "/links": {"url": "https://example.com/"},
        "/rooms": {"name": "room"},
    }
    first, second = [await client.post(path, json=bodies[path]) for _ in range(2)]
    assert first.status_code != 429
    assert "ratelimit" in first.headers
    problem(second, 429, "quota_exceeded")


async def test_whoever_shut_the_door_can_open_it(platform: Platform, organization: Organization) -> None:
    rule_id = await platform_rule(organization, scope="tenant", limit=1)
    await organization.client.get("/projects")
    problem(await organization.client.get("/projects"), 429, "quota_exceeded")
    assert (await organization.client.delete(f"/limits/rules/{rule_id}")).status_code == 204
    assert (await organization.client.get("/projects")).status_code == 200
