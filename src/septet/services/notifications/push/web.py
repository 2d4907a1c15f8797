"""Web Push: encrypts for the browser (RFC 8291), signs with the installation's VAPID key (RFC 8292).

The VAPID key is derived from the installation's signing key, so all processes have the same and nothing is to be set.
"""

import base64
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pywebpush import WebPusher, WebPushException

from septet.kernel.secrets import Secrets
from septet.services.notifications.webhooks.calling import Answer, Caller

VALID_SECONDS = 12 * 3600
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the curve P-256


class SubscriptionBroken(Exception):
    """The subscription's keys are none that a browser can have made."""


@lru_cache(maxsize=4)
def _vapid(secrets: Secrets) -> Vapid02:
    number = int.from_bytes(secrets.derive("vapid", 48)) % (_ORDER - 1) + 1
    return Vapid02(ec.derive_private_key(number, ec.SECP256R1()))  # type: ignore[no-untyped-call]


def public_key(secrets: Secrets) -> str:
    """What browsers want as `applicationServerKey`."""
    point = _vapid(secrets).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


async def send_web_push(
    caller: Caller,
    secrets: Secrets,
    subscription: Mapping[str, object],
    payload: bytes,
    *,
    subject: str,
    ttl: int,
    urgency: str,
    topic: str | None,
    now: datetime,
) -> Answer:
    """`ttl` in seconds; `topic`: a later message of the same topic replaces this one; `now` is the machine's time.

    Raises SubscriptionBroken.
    """
    endpoint = str(subscription["endpoint"])
    parts = urlsplit(endpoint)
    claims = {
        "sub": subject,
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(now.timestamp()) + VALID_SECONDS,
    }
    try:
        encoded = WebPusher(subscription).encode(payload, "aes128gcm")
    except (WebPushException, ValueError, TypeError) as error:
        raise SubscriptionBroken(str(error)) from None
    headers = {
        **_vapid(secrets).sign(claims),  # type: ignore[no-untyped-call]
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(ttl),
        "urgency": urgency,
    }
    if topic is not None:
        headers["topic"] = _topic(topic)
    return await caller.post(endpoint, bytes(encoded["body"]), headers, now)


def _topic(key: str) -> str:
    """At most 32 characters of URL-safe base64 (RFC 8030, section 5.4)."""
    return base64.urlsafe_b64encode(blake2b(key.encode(), digest_size=24).digest()).decode()


def require_usable_keys(endpoint: str, p256dh: str, auth: str) -> None:
    """Raises SubscriptionBroken for keys that nothing can be encrypted with."""
    try:
        WebPusher({"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}).encode(b"?", "aes128gcm")
    except (WebPushException, ValueError, TypeError) as error:
        raise SubscriptionBroken(str(error) or type(error).__name__) from None
