"""Webhooks against receivers that verify with the unmodified standardwebhooks library, and that misbehave."""

import asyncio
import base64
import json
import socket
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook
from tests.platform import Organization, Platform, created, problem
from tests.services.notifications.conftest import Call, Receiver, send, trace_of

PING = {"title": "ping", "body": "pong"}


async def add_endpoint(
    organization: Organization, receiver: Receiver, path: str = "/hook", events: list[str] | None = None
) -> dict[str, Any]:
    body = {"url": receiver.url + path, "events": events or ["notification.message"]}
    return created(await organization.client.post("/webhook-endpoints", json=body))


async def say(organization: Organization) -> dict[str, Any]:
    return await send(organization, content=PING, to={"email": "x@example.com"}, channels=["webhook"])


async def log_of(organization: Organization, endpoint: dict[str, Any]) -> list[dict[str, Any]]:
    return (await organization.client.get(f"/webhook-endpoints/{endpoint['id']}/deliveries")).json()["data"]


def verify(call: Call, secret: str) -> dict[str, Any]:
    body: dict[str, Any] = Webhook(secret).verify(call.body, call.headers)
    return body


async def test_signed_for_the_unmodified_library(wired: Platform, receiver: Receiver) -> None:
    organization = await wired.organization()
    endpoint = await add_endpoint(organization, receiver)
    sent = await say(organization)
    await wired.jobs_done()
    [call] = receiver.to("/hook")
    body = verify(call, endpoint["secret"])
    assert (body["type"], body["data"]["title"]) == ("notification.message", "ping")
    asymmetric = next(s for s in call.headers["webhook-signature"].split() if s.startswith("v1a,"))
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(endpoint["publicKey"].removeprefix("whpk_")))
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    key.verify(base64.b64decode(asymmetric.removeprefix("v1a,")), signed)
    assert (await trace_of(organization, sent, "webhook"))[-1] == ("delivered", "accepted_by_endpoint")
    assert "secret" not in (await organization.client.get("/webhook-endpoints")).json()["data"][0]


async def test_receipts_and_other_services_events_go_out_once(wired: Platform, receiver: Receiver) -> None:
    organization = await wired.organization()
    await wired.jobs_done()  # what its founding set off is no event of this test
    everything = await add_endpoint(organization, receiver, "/all", ["*"])
    await add_endpoint(organization, receiver, "/tenancy", ["tenancy.*"])
    await add_endpoint(organization, receiver, "/read", ["notification.read"])
    await send(organization, content=PING, to={"userId": str(organization.owner.id)}, channels=["inApp"])
    await wired.jobs_done()
    assert (await organization.client.post("/inbox/read-all")).json() == {"read": 1}
    removed = await organization.client.delete(f"/members/{organization.owner.id}")
    assert removed.status_code == 409
    second = await wired.organization()
    await wired.jobs_done()
    types = [json.loads(call.body)["type"] for call in receiver.to("/all")]
    assert sorted(types) == ["notification.delivered", "notification.read"]
    assert len(receiver.to("/read")) == 1
    await add_endpoint(second, receiver, "/second", ["tenancy.*"])
    renamed = await second.client.patch(f"/organizations/{second.id}", json={"name": "New"})
    assert renamed.status_code == 200
    ids = [call.headers["webhook-id"] for call in receiver.to("/all")]
    assert len(set(ids)) == len(ids)
    assert everything["enabled"]


async def test_a_removed_endpoint_is_not_called_any_more(wired: Platform, receiver: Receiver) -> None:
    organization, stranger = await wired.organization(), await wired.organization()
    gone = await add_endpoint(organization, receiver, "/gone")
    await add_endpoint(organization, receiver, "/stays")
    path = f"/webhook-endpoints/{gone['id']}"
    problem(await stranger.client.delete(path), 404, "webhook_endpoint_not_found")
    assert (await organization.client.delete(path)).status_code == 204
    await say(organization)
    await wired.jobs_done()
    assert (len(receiver.to("/gone")), len(receiver.to("/stays"))) == (0, 1)
    problem(await organization.client.delete(path), 404, "webhook_endpoint_not_found")


async def test_the_published_schedule_in_virtual_time(wired: Platform, receiver: Receiver) -> None:
    organization = await wired.organization()
    endpoint = await add_endpoint(organization, receiver)
    receiver.answers["/hook"] = [500]
    sent = await say(organization)
    await wired.jobs_done()
    for expected in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400):
        [row] = await log_of(organization, endpoint)
        tried = datetime.fromisoformat(row["log"][-1]["at"])
        wait = (datetime.fromisoformat(row["nextAttemptAt"]) - tried).total_seconds()
        assert 0.8 * expected <= wait <= 1.2 * expected
        await wired.advance(0.7 * expected)
        assert len((await log_of(organization, endpoint))[0]["log"]) == len(row["log"])
        await wired.advance(0.5 * expected + 1)
    [row] = await log_of(organization, endpoint)
    assert (row["status"], row["attempts"], len(receiver.to("/hook"))) == ("failed", 10, 10)
    assert len({call.headers["webhook-id"] for call in receiver.to("/hook")}) == 1
    assert row["log"][0]["responseBody"] == "answered 500"
    assert row["log"][0]["requestHeaders"]["webhook-signature"]
    assert (await trace_of(organization, sent, "webhook"))[-1] == ("failed", "webhook_failed")
    receiver.answers["/hook"] = [200]
    assert (await organization.client.post(f"/webhook-deliveries/{row['id']}/retry")).status_code == 202
    await wired.jobs_done()
    [row] = await log_of(organization, endpoint)
    assert (row["status"], len(row["log"])) == ("delivered", 11)


async def test_answers_that_misbehave(wired: Platform, receiver: Receiver) -> None:
    organization = await wired.organization()
    retry_after = {"status": 429, "headers": {"Retry-After": "120"}}
    redirect = {"status": 302, "headers": {"Location": receiver.url + "/elsewhere"}}
    receiver.answers |= {"/429": [retry_after, 204], "/302": [redirect, 204], "/reset": [0, 204], "/410": [410]}
    endpoints = {path: await add_endpoint(organization, receiver, path) for path in receiver.answers}
    await say(organization)
    await wired.jobs_done()
    logs = {path: (await log_of(organization, endpoint))[0] for path, endpoint in endpoints.items()}
    assert logs["/302"]["log"][0]["status"] == 302 and receiver.to("/elsewhere") == []
    assert logs["/reset"]["log"][0]["status"] is None and logs["/reset"]["log"][0]["error"]
    wait = datetime.fromisoformat(logs["/429"]["nextAttemptAt"]) - datetime.fromisoformat(logs["/429"]["log"][0]["at"])
    assert wait >= timedelta(seconds=119)
    gone = (await organization.client.get(f"/webhook-endpoints/{endpoints['/410']['id']}")).json()
    assert (gone["enabled"], logs["/410"]["status"]) == (False, "failed")
    assert "410" in gone["disabledReason"]
    inbox = (await organization.client.get("/inbox")).json()["data"]
    assert inbox[0]["title"] == "A webhook endpoint was disabled"
    await wired.advance(121)
    for path in ("/429", "/302", "/reset"):
        assert (await log_of(organization, endpoints[path]))[0]["status"] == "delivered", path


async def test_one_that_fails_for_days_is_disabled_and_replayed(wired: Platform, receiver: Receiver) -> None:
    organization = await wired.organization()
    endpoint = await add_endpoint(organization, receiver)
    receiver.answers["/hook"] = [503]
    started = wired.runtime.clock.now()
    for _ in range(7):
        await say(organization)
        await wired.advance(86_400)
    path = f"/webhook-endpoints/{endpoint['id']}"
    assert (await organization.client.get(path)).json()["enabled"] is False
    receiver.answers["/hook"] = [200]
    receiver.calls.clear()
    await organization.client.patch(path, json={"enabled": True})
    answer = await organization.client.post(f"{path}/replay", json={"since": started.isoformat()})
    count = answer.json()["count"]
    assert count >= 2
    await wired.jobs_done()
    assert len(receiver.to("/hook")) == count


async def test_a_rotated_secret_overlaps(wired: Platform, receiver: Receiver) -> None:
    organization = await wired.organization()
    endpoint = await add_endpoint(organization, receiver)
    rotated = (await organization.client.post(f"/webhook-endpoints/{endpoint['id']}/rotate-secret")).json()
    assert rotated["secret"] != endpoint["secret"]
    await say(organization)
    await wired.jobs_done()
    verify(receiver.calls[-1], endpoint["secret"])
    verify(receiver.calls[-1], rotated["secret"])
    await wired.advance(86_401)
    await say(organization)
    await wired.jobs_done()
    verify(receiver.calls[-1], rotated["secret"])
    assert len(receiver.calls[-1].headers["webhook-signature"].split()) == 2


async def test_private_addresses_and_bad_input_are_refused(platform: Platform, organization: Organization) -> None:
    for url in (
        "http://127.0.0.1/x", "http://localhost:8000", "http://169.254.169.254/latest", "http://10.0.0.1",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "ftp://example.com",
        "https://user:pass@example.com", "http://0.0.0.0/", "//x", "http://127.1/", "http://0x7f000001/",
        "http://2130706433/", "http://db.internal",
    ):  # fmt: skip
        answer = await organization.client.post("/webhook-endpoints", json={"url": url})
        problem(answer, 422, "webhook_address_refused")
    body = {"url": "https://example.com", "secret": "whsec_c2hvcnQ="}
    problem(await organization.client.post("/webhook-endpoints", json=body), 422, "webhook_secret_invalid")
    body = {"url": "https://example.com", "events": ["no.such_event"]}
    problem(await organization.client.post("/webhook-endpoints", json=body), 422, "unknown_event_type")


async def test_a_name_that_resolves_to_a_private_address_is_not_called(
    platform: Platform, organization: Organization, receiver: Receiver
) -> None:
    """The check is at the connection, so a public name for a private address gains nothing."""
    port = receiver.url.rpartition(":")[2]
    body = {"url": f"http://{socket.gethostname()}:{port}/hook", "events": ["notification.message"]}
    endpoint = created(await organization.client.post("/webhook-endpoints", json=body))
    await say(organization)
    await platform.jobs_done()
    [row] = await log_of(organization, endpoint)
    assert row["status"] == "failed" and "not a public address" in row["log"][0]["error"]
    assert receiver.calls == []


async def test_a_dead_endpoint_does_not_hold_up_the_others(wired: Platform, receiver: Receiver) -> None:
    organization = await wired.organization()
    release = asyncio.Event()

    async def stall() -> web.Response:
        await release.wait()
        return web.Response()

    receiver.answers["/dead"] = [stall]
    await add_endpoint(organization, receiver, "/dead")
    await add_endpoint(organization, receiver, "/alive")
    for _ in range(40):
        await say(organization)
    async with asyncio.timeout(10):
        while len(receiver.to("/alive")) < 40:
            await asyncio.sleep(0.02)
    assert len(receiver.to("/dead")) == 8
    release.set()
    await wired.jobs_done()
    assert len(receiver.to("/dead")) == 40


async def test_the_catalogue_has_an_example_of_each_event(platform: Platform, organization: Organization) -> None:
    catalogue = {e["type"]: e for e in (await organization.client.get("/event-types")).json()["data"]}
    assert {"notification.delivered", "notification.failed", "notification.read", "tenancy.member_removed"} <= set(
        catalogue
    )
    for name, entry in catalogue.items():
        assert entry["description"] and entry["example"]["type"] == name
        assert entry["example"]["data"]["tenantId"]
