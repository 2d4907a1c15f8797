"""What could not be stored can be looked at, sent again and thrown away, by its organization alone."""

from tests.platform import Organization, Platform, problem
from tests.services.logs.lines import bury, search, stored


async def test_a_dead_letter_is_looked_at_and_retried(
    platform: Platform, organization: Organization, stranger: Organization
) -> None:
    for text in ("first", "second", "third"):
        await bury(platform, organization, text)
    client = organization.client
    page = (await client.get("/logs/dead-letters", params={"limit": 2})).json()
    assert [(letter["beginning"], letter["fault"]) for letter in page["data"]] == [
        ("first", "made for a test"),
        ("second", "made for a test"),
    ]
    rest = (await client.get("/logs/dead-letters", params={"cursor": page["nextCursor"]})).json()
    assert ([letter["beginning"] for letter in rest["data"]], rest["nextCursor"]) == (["third"], None)
    first, second = (letter["id"] for letter in page["data"])

    assert (await stranger.client.get("/logs/dead-letters")).json()["data"] == []
    problem(await stranger.client.post(f"/logs/dead-letters/{first}/retry"), 404, "dead_letter_not_found")
    problem(await stranger.client.delete(f"/logs/dead-letters/{first}"), 404, "dead_letter_not_found")

    assert (await client.post(f"/logs/dead-letters/{first}/retry")).status_code == 202
    assert (await client.delete(f"/logs/dead-letters/{second}")).status_code == 204
    problem(await client.post(f"/logs/dead-letters/{first}/retry"), 404, "dead_letter_not_found")
    assert [line["message"] for line in await stored(client, 1)] == ["first"]
    left = (await client.get("/logs/dead-letters")).json()["data"]
    assert [letter["beginning"] for letter in left] == ["third"]
    assert await search(stranger.client) == []


async def test_only_who_configures_logs_sees_dead_letters(platform: Platform, organization: Organization) -> None:
    reader = await platform.api_client(organization, "logs:read")
    problem(await reader.get("/logs/dead-letters"), 403, "forbidden")
