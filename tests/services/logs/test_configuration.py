"""What an organization decides about its lines takes effect on them, and on nobody else's."""

from datetime import timedelta

from tests.platform import Organization, Platform, created, problem
from tests.services.logs.lines import search, send, stored

from septet.services.logs.retention import drop_expired


async def test_masks_hide_before_storage(organization: Organization, stranger: Organization) -> None:
    client = organization.client
    created(await client.post("/logs/masks", json={"name": "cards", "kind": "card"}))
    rule = {"name": "ids", "pattern": "secret-[0-9]+", "replacement": "<hidden>"}
    mask = created(await client.post("/logs/masks", json=rule))
    line = {"message": "card 4111 1111 1111 1111, secret-77", "service": "pay"}
    await send(client, line)
    (found,) = await stored(client, 1)
    assert (found["message"], found["service"]) == ("card [card], <hidden>", "pay")
    assert "4111" not in found["raw"]
    await send(stranger.client, line)
    assert (await stored(stranger.client, 1))[0]["message"] == line["message"]
    assert (await client.delete(f"/logs/masks/{mask['id']}")).status_code == 204
    await send(client, line)
    assert "secret-77" in {word for line in await stored(client, 2) for word in line["message"].split()}


async def test_masks_that_cannot_work_are_refused(organization: Organization) -> None:
    for bad in ({"pattern": "("}, {"pattern": "a*"}, {"pattern": "x", "replacement": '"'}, {}, {"kind": "iban"}):
        problem(await organization.client.post("/logs/masks", json={"name": "m", **bad}), 422, "invalid_input")


async def test_retention_counts_from_arrival_by_service(own_platform: Platform) -> None:
    client = (await own_platform.organization()).client
    neighbour = (await own_platform.organization("Neighbour")).client
    assert (await client.get("/logs/retention")).json()["days"] == 30
    wanted = {"days": 5, "perService": {"short": 2}, "maxBytes": None, "maxBytesPerService": {}}
    assert (await client.put("/logs/retention", json=wanted)).json() == wanted
    old = "1999-01-01T00:00:00Z"
    await send(client, {"service": "short", "message": "s", "timestamp": old}, {"service": "long", "message": "l"})
    await send(neighbour, {"service": "short", "message": "n"})
    await stored(client, 2)
    await stored(neighbour, 1)
    await own_platform.advance(timedelta(days=3.1).total_seconds())
    assert [line["message"] for line in await search(client)] == ["l"]
    await own_platform.advance(timedelta(days=3.1).total_seconds())
    await drop_expired(own_platform.runtime, own_platform.runtime.clock.now())
    assert await search(client) == []
    assert [line["message"] for line in await search(neighbour)] == ["n"]


async def test_a_limit_in_bytes_keeps_the_newest(own_platform: Platform) -> None:
    client = (await own_platform.organization()).client
    for number in range(3):
        await send(client, {"message": f"{number} " + "x" * 600_000})
        await stored(client, number + 1)
    await client.put("/logs/retention", json={"days": 30, "maxBytes": 1_300_000})
    await own_platform.jobs_done()
    assert sorted(line["message"][:1] for line in await search(client)) == ["1", "2"]


async def test_an_alert_fires_once_until_it_is_calm(own_platform: Platform) -> None:
    client = (await own_platform.organization()).client
    search_id = created(await client.post("/logs/searches", json={"name": "errors", "query": {"minLevel": "error"}}))[
        "id"
    ]
    alert = {"name": "many errors", "searchId": search_id, "threshold": 1, "windowSeconds": 300}
    created(await client.post("/logs/alerts", json=alert))
    problem(await client.post("/logs/alerts", json=alert), 409, "name_taken")
    await send(client, *({"level": "error", "message": str(n)} for n in range(2)))
    await stored(client, 2)
    fired = []
    for seconds in (70, 61, 400):
        await own_platform.advance(seconds)
        (state,) = (await client.get("/logs/alerts")).json()["data"]
        fired.append((state["state"], state["firedAt"]))
    assert [state for state, _ in fired] == ["firing", "firing", "calm"]
    assert fired[0][1] == fired[1][1] is not None


async def test_a_member_reads_but_does_not_decide(platform: Platform, organization: Organization) -> None:
    reader = await platform.api_client(organization, "logs:read")
    assert (await reader.get("/logs/retention")).status_code == 200
    problem(await reader.put("/logs/retention", json={"days": 1}), 403, "forbidden")
    problem(await reader.post("/logs/masks", json={"name": "m", "kind": "card"}), 403, "forbidden")


async def test_configuration_is_nobody_elses(organization: Organization, stranger: Organization) -> None:
    made = created(await organization.client.post("/logs/searches", json={"name": "mine", "query": {}}))
    assert (await stranger.client.get("/logs/searches")).json()["data"] == []
    problem(await stranger.client.delete(f"/logs/searches/{made['id']}"), 404, "search_not_found")
