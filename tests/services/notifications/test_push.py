"""Web Push against a push service of the test's own that decrypts as a browser would; FCM against a local Google."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from py_vapid import Vapid02
from tests.platform import Organization, Platform, created, problem
from tests.services.notifications.conftest import Receiver, platform_with, send, trace_of

HELLO = {"title": "Hello", "body": "there", "link": "https://example.com/x"}


class Browser:
    """The keys that a browser makes, and what it does with a message."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)

    def subscription(self) -> dict[str, Any]:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return {"endpoint": self.endpoint, "keys": {"p256dh": encode(point), "auth": encode(self.secret)}}

    def decrypt(self, body: bytes) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret))
        return message


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def push(organization: Organization, **more: Any) -> dict[str, Any]:
    to = {"userId": str(organization.owner.id)}
    return await send(organization, content=HELLO, to=to, channels=["push"], **more)


async def test_a_browser_that_forgot_its_id_unsubscribes_by_endpoint(wired: Platform, receiver: Receiver) -> None:
    organization, stranger = await wired.organization(), await wired.organization()
    endpoints = [f"{receiver.url}/push/mine", f"{receiver.url}/push/other"]
    for endpoint in endpoints:
        created(await organization.client.post("/push-subscriptions", json=Browser(endpoint).subscription()))
    asked = {"endpoint": endpoints[0]}
    problem(await stranger.client.delete("/push-subscriptions", params=asked), 404, "push_subscription_not_found")
    assert (await organization.client.delete("/push-subscriptions", params=asked)).status_code == 204
    [left] = (await organization.client.get("/push-subscriptions")).json()["data"]
    assert left["endpoint"] == endpoints[1]
    problem(await organization.client.delete("/push-subscriptions", params=asked), 404, "push_subscription_not_found")


async def test_a_browser_can_read_it(wired: Platform, receiver: Receiver) -> None:
    organization = await wired.organization()
    browser = Browser(receiver.url + "/push/1")
    receiver.answers["/push/1"] = [201]
    created(await organization.client.post("/push-subscriptions", json=browser.subscription()))
    again = created(await organization.client.post("/push-subscriptions", json=browser.subscription()))
    assert [s["id"] for s in (await organization.client.get("/push-subscriptions")).json()["data"]] == [again["id"]]
    sent = await push(organization, data={"urgency": "high"})
    await wired.jobs_done()
    [call] = receiver.calls
    assert browser.decrypt(call.body) == {"id": sent["deliveries"][0]["id"], **HELLO}
    assert (call.headers["ttl"], call.headers["urgency"]) == ("86400", "high")
    assert call.headers["content-encoding"] == "aes128gcm"
    key = (await wired.client().get("/push/vapid-public-key")).json()["publicKey"]
    token, _, signer = call.headers["authorization"].removeprefix("vapid t=").partition(",k=")
    assert signer == key and Vapid02.verify(call.headers["authorization"])
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["aud"] == receiver.url and claims["sub"].startswith("mailto:")
    assert (await trace_of(organization, sent, "push"))[-1] == ("sent", "accepted_by_push_service")


async def test_gone_subscriptions_are_removed(wired: Platform, receiver: Receiver) -> None:
    organization = await wired.organization()
    receiver.answers |= {"/gone": [410], "/here": [201]}
    for path in ("/gone", "/here"):
        subscription = Browser(receiver.url + path).subscription()
        created(await organization.client.post("/push-subscriptions", json=subscription))
    sent = await push(organization)
    await wired.jobs_done()
    assert (await trace_of(organization, sent, "push"))[-1] == ("sent", "accepted_by_push_service")
    [left] = (await organization.client.get("/push-subscriptions")).json()["data"]
    assert left["endpoint"].endswith("/here")
    receiver.answers["/here"] = [404]
    sent = await push(organization)
    await wired.jobs_done()
    assert (await trace_of(organization, sent, "push"))[-1] == ("failed", "subscription_gone")
    sent = await push(organization)
    await wired.jobs_done()
    assert (await trace_of(organization, sent, "push"))[-1] == ("suppressed", "missing_address")


async def test_retry_after_is_honoured(wired: Platform, receiver: Receiver) -> None:
    organization = await wired.organization()
    browser = Browser(receiver.url + "/busy")
    receiver.answers["/busy"] = [{"status": 429, "headers": {"Retry-After": "600"}}, 201]
    to = {"pushSubscription": browser.subscription()}
    sent = await send(organization, content=HELLO, to=to)
    await wired.jobs_done()
    assert (await trace_of(organization, sent, "push"))[-1] == ("deferred", "provider_error")
    await wired.advance(590)
    assert len(receiver.calls) == 1
    await wired.advance(15)
    assert (await trace_of(organization, sent, "push"))[-1] == ("sent", "accepted_by_push_service")


async def test_broken_subscriptions_are_refused(platform: Platform, organization: Organization) -> None:
    private = Browser("http://127.0.0.1:1/x").subscription()
    refused = await organization.client.post("/push-subscriptions", json=private)
    problem(refused, 422, "webhook_address_refused")
    broken = Browser("https://push.example.com/x").subscription()
    broken["keys"]["p256dh"] = encode(b"\x04" + bytes(64))
    problem(await organization.client.post("/push-subscriptions", json=broken), 422, "push_subscription_invalid")


async def test_fcm_speaks_as_google_documents(tmp_path: Path, worker_id: str, receiver: Receiver) -> None:
    """A local server stands in for Google: what it gets is checked, nothing leaves the machine."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    account = {
        "project_id": "p",
        "client_email": "a@p.example",
        "private_key": pem,
        "token_uri": receiver.url + "/token",
    }
    (tmp_path / "account.json").write_text(json.dumps(account))
    token = {"text": json.dumps({"access_token": "t0ken", "expires_in": 3600}), "content_type": "application/json"}
    path = "/v1/projects/p/messages:send"
    gone = {"status": 404, "text": '{"error": {"status": "NOT_FOUND", "details": [{"errorCode": "UNREGISTERED"}]}}'}
    receiver.answers |= {"/token": [token], path: [{"text": "{}"}, gone]}
    settings = {
        "fcm_service_account_file": tmp_path / "account.json",
        "fcm_url": receiver.url,
        "webhook_allow_private": "true",
    }
    async with platform_with(tmp_path, f"septet_fcm_{worker_id}", **settings) as platform:
        organization = await platform.organization()
        created(await organization.client.post("/push-subscriptions", json={"fcmToken": "device-token-1"}))
        first = await push(organization)
        await platform.jobs_done()
        assert (await trace_of(organization, first, "push"))[-1][0] == "sent"
        await push(organization)
        await platform.jobs_done()
        assert (await organization.client.get("/push-subscriptions")).json()["data"] == []
    assert len(receiver.to("/token")) == 1
    message = json.loads(receiver.to(path)[0].body)["message"]
    assert (message["token"], message["notification"]) == ("device-token-1", {"title": "Hello", "body": "there"})
    assert receiver.to(path)[0].headers["authorization"] == "Bearer t0ken"
