"""The console's chaos panel: faults of the provider through the public API."""

from tests.platform import Platform, problem
from tests.services.payments.conftest import Shop

FAULTS = "/payments/simulator/faults"


async def test_owners_make_things_go_wrong(own_shop: Shop) -> None:
    client = own_shop.client
    wanted = {"operation": "payment_intents.confirm", "kind": "timeout_after_success", "next": 1, "delayMs": 10}
    made = await client.post(FAULTS, json=wanted)
    assert made.status_code == 201, made.text
    assert wanted.items() <= made.json().items()
    listed = (await client.get(FAULTS)).json()["data"]
    assert [each["id"] for each in listed] == [made.json()["id"]]
    assert (await own_shop.paid())["status"] == "SUCCESS"
    (draw,) = (await client.get("/payments/simulator/trace")).json()["data"]
    assert (draw["operation"], draw["kind"], draw["applied"]) == ("payment_intents.confirm", wanted["kind"], True)
    await client.post(FAULTS, json={"kind": "latency"})
    assert (await client.delete(FAULTS)).status_code == 204
    assert (await client.get(FAULTS)).json()["data"] == []


async def test_what_is_no_fault_is_refused(shop: Shop, platform: Platform) -> None:
    problem(await shop.client.post(FAULTS, json={"kind": "earthquake"}), 422, "invalid_input")
    problem(await shop.client.post(FAULTS, json={"kind": "latency", "probability": 2}), 422, "invalid_input")
    member = await platform.api_client(shop.organization, "payments:read")
    problem(await member.post(FAULTS, json={"kind": "latency"}), 403, "forbidden")
    assert (await shop.client.get(FAULTS)).json()["data"] == []
