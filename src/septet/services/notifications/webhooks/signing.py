"""Standard Webhooks 1.0: secrets and signatures, `v1` (HMAC-SHA256) and `v1a` (Ed25519), several while one is rotated.

The timestamp is the machine's own, never a virtual clock's: receivers compare it with theirs.
"""

import base64
import binascii
import secrets as randomness
from datetime import datetime

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from standardwebhooks import Webhook

from septet.kernel.secrets import Secrets
from septet.services.notifications.errors import WebhookSecretInvalid

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64


def new_secret() -> str:
    return PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()


def checked_secret(secret: str) -> str:
    """A secret of the customer's own. Raises WebhookSecretInvalid (422)."""
    try:
        length = len(base64.b64decode(secret.removeprefix(PREFIX), validate=True))
    except (ValueError, binascii.Error):
        length = 0
    if not secret.startswith(PREFIX) or not SHORTEST <= length <= LONGEST:
        raise WebhookSecretInvalid(f"`secret` must be `{PREFIX}` and the base64 of {SHORTEST} to {LONGEST} bytes.")
    return secret


def seal(secrets: Secrets, secret: str) -> bytes:
    """Encrypted, as it is stored."""
    return _cipher(secrets).encrypt(secret.encode())


def unseal(secrets: Secrets, sealed: bytes) -> str:
    return _cipher(secrets).decrypt(sealed).decode()


def _cipher(secrets: Secrets) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(secrets.derive("webhook secrets")))


def public_key(secrets: Secrets, secret: str) -> str:
    """What receivers verify `v1a` with."""
    key = _asymmetric(secrets, secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return "whpk_" + base64.b64encode(key).decode()


def _asymmetric(secrets: Secrets, secret: str) -> Ed25519PrivateKey:
    """The pair that belongs to a secret, so that both are rotated together."""
    return Ed25519PrivateKey.from_private_bytes(secrets.derive(f"webhook ed25519 {secret}"))


def signed_headers(secrets: Secrets, valid: list[str], message_id: str, at: datetime, body: str) -> dict[str, str]:
    """The three headers; one signature of each kind for every valid secret, the newest first."""
    stamp = int(at.timestamp())
    text = f"{message_id}.{stamp}.{body}".encode()
    symmetric = [Webhook(secret).sign(message_id, at, body) for secret in valid]
    asymmetric = ["v1a," + base64.b64encode(_asymmetric(secrets, secret).sign(text)).decode() for secret in valid]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": " ".join(symmetric + asymmetric),
    }
