"""A row in every table of notifications."""

import base64
import os
import socket

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.architecture.seeds import SECRET
from tests.platform import Organization, Platform, created

NAME = "zanzibar"  # of what anybody may name alike in an organization of their own
CONTENT = {"title": SECRET, "body": SECRET}


async def seed(platform: Platform, organization: Organization) -> None:
    await _write_templates(organization)
    await _set_rules(organization)
    created(await organization.client.post("/push-subscriptions", json=_browser()))
    # A name of this machine is refused when it is called, so the webhook's row stays as it is from then on.
    hook = {"url": f"http://{socket.gethostname()}:9/{SECRET}", "events": ["notification.message"]}
    created(await organization.client.post("/webhook-endpoints", json=hook))
    me = {"userId": str(organization.owner.id)}
    for more in (
        {"category": NAME, "channels": ["inApp", "email", "webhook"]},
        {"digestKey": SECRET, "channels": ["email"]},
        {"sendAt": "2099-01-01T00:00:00Z", "channels": ["email"]},
    ):
        sent = await organization.client.post("/notifications", json={"content": CONTENT, "to": me, **more})
        assert sent.status_code == 202, sent.text
    await platform.jobs_done()


async def _write_templates(organization: Organization) -> None:
    template = {"key": NAME, "channels": {"inApp": {"en": {"title": SECRET}}}}
    created(await organization.client.post("/templates", json=template))
    published = await organization.client.post(f"/templates/{NAME}/publish")
    assert published.status_code == 200, published.text
    branding = {"layout": {"productName": SECRET}, "partials": {NAME: SECRET}}
    assert (await organization.client.put("/branding", json=branding)).status_code == 200


async def _set_rules(organization: Organization) -> None:
    rules = {"throttleLimit": 10, "throttleWindowSeconds": 60}
    assert (await organization.client.put(f"/notification-categories/{NAME}", json=rules)).status_code == 200
    wish = {"categories": {NAME: {"push": False}}}
    assert (await organization.client.put("/preferences", json=wish)).status_code == 200
    suppressed = {"email": f"{SECRET}@example.com", "detail": SECRET}
    created(await organization.client.post("/suppressions", json=suppressed))


def _browser() -> dict[str, object]:
    point = (
        ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    keys = {"p256dh": _encode(point), "auth": _encode(os.urandom(16))}
    return {"endpoint": f"https://push.example.com/{SECRET}", "keys": keys}


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
