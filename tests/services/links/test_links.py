"""Making, changing, finding and deleting links."""

import asyncio
from uuid import UUID

import pytest
from tests.platform import Organization, Platform, created, problem
from tests.services.links.conftest import Shortener

from septet.services.links.codes import ALPHABET


async def test_random_code_leads_to_the_target(shortener: Shortener) -> None:
    link = await shortener.link("https://example.com/a?b=c#d")
    assert len(link["code"]) >= 7 and set(link["code"]) <= set(ALPHABET)
    assert link["shortUrl"].endswith(f"/s/{link['code']}")
    answer = await shortener.visit(link["code"])
    assert (answer.status_code, answer.headers["location"]) == (302, "https://example.com/a?b=c#d")
    assert answer.headers["cache-control"] == "private, no-store"


async def test_alias_is_taken_once(shortener: Shortener, stranger: Organization) -> None:
    alias = f"spring-{UUID(int=shortener.organization.id.int).hex[-8:]}"
    link = await shortener.link(alias=alias)
    assert link["code"] == alias
    taken = {"url": "https://example.com/other", "alias": alias}
    problem(await shortener.client.post("/links", json=taken), 409, "alias_taken")
    problem(await stranger.client.post("/links", json=taken), 409, "alias_taken")
    racers = await asyncio.gather(
        *(shortener.client.post("/links", json=taken | {"alias": f"race-{alias}"}) for _ in range(12))
    )
    assert sorted(answer.status_code for answer in racers) == [201] + [409] * 11


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/x",
        "http://127.0.0.1:9000/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.com/",
        "http://user:secret@example.com/",
        "http://septet.test/s/abc",
        "not a url",
        "https://",
        "https://example.com:99999/",
        "https://example.com/" + "x" * 2048,
    ],
)
async def test_unsafe_targets_are_refused(shortener: Shortener, url: str) -> None:
    problem(await shortener.client.post("/links", json={"url": url}), 422, "unsafe_target")
    link = await shortener.link()
    problem(await shortener.client.patch(f"/links/{link['id']}", json={"url": url}), 422, "unsafe_target")
    target = {"url": "https://example.com/", "targets": [{"url": url, "weight": 50}]}
    problem(await shortener.client.post("/links", json=target), 422, "unsafe_target")


async def test_international_names_are_written_in_ascii(shortener: Shortener) -> None:
    link = await shortener.link("https://bücher.example/grün?q=ä b")
    assert link["url"] == "https://xn--bcher-kva.example/gr%C3%BCn?q=%C3%A4%20b"
    assert (await shortener.visit(link["code"])).headers["location"] == link["url"]


async def test_edit_is_seen_at_once_and_guarded_by_its_version(shortener: Shortener) -> None:
    link = await shortener.link(title="Old")
    await shortener.visit(link["code"])
    first = await shortener.client.get(f"/links/{link['id']}")
    path, change = f"/links/{link['id']}", {"url": "https://example.com/new", "title": "New"}
    changed = await shortener.client.patch(path, json=change, headers={"If-Match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["title"]) == (200, "New")
    assert (await shortener.visit(link["code"])).headers["location"] == "https://example.com/new"
    problem(
        await shortener.client.patch(path, json=change, headers={"If-Match": first.headers["etag"]}),
        412,
        "precondition_failed",
    )
    cleared = await shortener.client.patch(path, json={"title": ""})
    assert (cleared.json()["title"], cleared.json()["url"]) == ("", "https://example.com/new")


async def test_fields_that_do_not_go_together_are_refused(shortener: Shortener) -> None:
    link = await shortener.link(expiresAt="2030-01-01T00:00:00Z")
    path = f"/links/{link['id']}"
    problem(await shortener.client.patch(path, json={"startsAt": "2031-01-01T00:00:00Z"}), 422, "invalid_input")
    problem(await shortener.client.patch(path, json={"url": None}), 422, "invalid_input")
    problem(await shortener.client.patch(path, json={"nonsense": 1}), 422, "invalid_input")
    weights = [{"url": "https://example.com/", "weight": 60}] * 2
    problem(await shortener.client.patch(path, json={"targets": weights}), 422, "invalid_input")


async def test_another_alias_moves_the_link(shortener: Shortener) -> None:
    link = await shortener.link()
    new = f"moved-{link['code']}"
    assert (await shortener.client.patch(f"/links/{link['id']}", json={"alias": new})).status_code == 200
    assert (await shortener.visit(new)).status_code == 302
    problem(await shortener.visit(link["code"]), 404, "link_not_found")


async def test_deleted_and_archived_links_lead_nowhere(shortener: Shortener) -> None:
    link = await shortener.link()
    path = f"/links/{link['id']}"
    await shortener.visit(link["code"])
    await shortener.client.patch(path, json={"archived": True})
    problem(await shortener.visit(link["code"]), 410, "link_gone")
    assert link["id"] not in [each["id"] for each in (await shortener.client.get("/links")).json()["data"]]
    archived = (await shortener.client.get("/links", params={"archived": True})).json()["data"]
    assert [each["id"] for each in archived] == [link["id"]]
    await shortener.client.patch(path, json={"archived": False})
    assert (await shortener.visit(link["code"])).status_code == 302
    assert (await shortener.client.delete(path)).status_code == 204
    problem(await shortener.visit(link["code"]), 404, "link_not_found")
    problem(await shortener.client.get(path), 404, "link_not_found")
    again = await shortener.link(alias=link["code"])
    assert (await shortener.visit(link["code"])).status_code == 302 and again["id"] != link["id"]


async def test_list_is_searched_filtered_and_paged(shortener: Shortener) -> None:
    for number in range(5):
        await shortener.link(title=f"Sale {number}", tags=["sale", f"n{number}"])
    await shortener.link("https://example.com/100%25_off", title="Other")
    listed = (await shortener.client.get("/links", params={"tag": "sale", "limit": 2})).json()
    titles = [link["title"] for link in listed["data"]]
    while listed["nextCursor"]:
        query = {"tag": "sale", "limit": "2", "cursor": listed["nextCursor"]}
        listed = (await shortener.client.get("/links", params=query)).json()
        titles += [link["title"] for link in listed["data"]]
    assert titles == [f"Sale {number}" for number in (4, 3, 2, 1, 0)]
    found = (await shortener.client.get("/links", params={"q": "100%25_"})).json()["data"]
    assert [link["title"] for link in found] == ["Other"]
    assert (await shortener.client.get("/links", params={"q": "Sale_"})).json()["data"] == []


async def test_other_organizations_see_nothing(shortener: Shortener, stranger: Organization) -> None:
    link = await shortener.link(tags=["secret"])
    await shortener.visit(link["code"])
    await shortener.counted(link, lambda s: s["totalClicks"] == 1)
    path = f"/links/{link['id']}"
    for answer in (
        await stranger.client.get(path),
        await stranger.client.patch(path, json={"title": "Mine"}),
        await stranger.client.delete(path),
        await stranger.client.get(f"{path}/stats"),
        await stranger.client.get(f"{path}/clicks"),
        await stranger.client.get(f"{path}/qr"),
        await stranger.client.get(f"{path}/reports"),
        await stranger.client.post(f"{path}/disable", json={"reason": "x"}),
        await stranger.client.post(f"{path}/reclassify"),
    ):
        problem(answer, 404, "link_not_found")
    assert (await stranger.client.get("/links")).json()["data"] == []
    assert (await stranger.client.get("/links/stats")).json()["totalClicks"] == 0
    assert (await stranger.client.get("/links/stats", params={"tag": "secret"})).json()["totalClicks"] == 0
    assert link["code"] not in (await stranger.client.get("/links/export")).text


async def test_api_keys_need_their_scope(platform: Platform, organization: Organization) -> None:
    reader = await platform.api_client(organization, "links:read")
    problem(await reader.post("/links", json={"url": "https://example.com/"}), 403, "forbidden")
    assert (await reader.get("/links")).status_code == 200
    writer = await platform.api_client(organization, "links:write")
    created(await writer.post("/links", json={"url": "https://example.com/"}))


async def test_bulk_makes_each_for_itself(shortener: Shortener) -> None:
    own = shortener.organization.id.hex[-6:]
    wanted = [
        {"url": "https://example.com/0"},
        {"url": "http://127.0.0.1/"},
        {"url": "https://example.com/2", "alias": f"b-{own}"},
        {"url": "https://example.com/3", "alias": f"b-{own}"},
        {"url": "https://example.com/4", "domain": "go.example.com"},
    ]
    answer = created(await shortener.client.post("/links/bulk", json={"links": wanted}))
    assert [r["error"] and r["error"]["code"] for r in answer["results"]] == [
        None,
        "unsafe_target",
        None,
        "alias_taken",
        "domain_unverified",
    ]
    assert (answer["created"], answer["failed"]) == (2, 3)
    assert (await shortener.visit(f"b-{own}")).headers["location"] == "https://example.com/2"
    many = [{"url": f"https://example.com/{number}"} for number in range(1000)]
    assert created(await shortener.client.post("/links/bulk", json={"links": many}))["created"] == 1000
    too_many = await shortener.client.post("/links/bulk", json={"links": [*many, many[0]]})
    problem(too_many, 422, "invalid_input")


async def test_qr_codes(shortener: Shortener) -> None:
    link = await shortener.link()
    svg = await shortener.client.get(f"/links/{link['id']}/qr")
    assert svg.headers["content-type"] == "image/svg+xml" and 'width="256.0"' in svg.text
    png = await shortener.client.get(f"/links/{link['id']}/qr", params={"format": "png", "size": 512})
    assert png.headers["content-type"] == "image/png" and png.content.startswith(b"\x89PNG")
    width = int.from_bytes(png.content[16:20])
    assert 400 < width <= 512
