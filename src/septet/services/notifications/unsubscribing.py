"""The token in a mail's unsubscribe link: whose preferences it opens, sealed, so that nobody needs to log in."""

import base64
import json
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from septet.kernel.runtime import Runtime
from septet.kernel.secrets import Secrets
from septet.services.notifications.errors import UnsubscribeTokenInvalid

_NONCE = bytes(12)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose preferences, and for which category the mail was."""

    tenant_id: UUID
    recipient: str
    category: str


def unsubscribe_url(runtime: Runtime, subject: Subject) -> str:
    return f"{runtime.settings.public_url.rstrip('/')}/unsubscribe/{seal(runtime, subject)}"


def seal(runtime: Runtime, subject: Subject) -> str:
    """The same subject gives the same token (AES-GCM-SIV bears a fixed nonce); it says nothing to whoever reads it."""
    content = json.dumps([str(subject.tenant_id), subject.recipient, subject.category]).encode()
    sealed = _cipher(runtime).encrypt(_NONCE, content, None)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(runtime: Runtime, token: str) -> Subject:
    """Raises UnsubscribeTokenInvalid (404)."""
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        tenant, recipient, category = json.loads(_cipher(runtime).decrypt(_NONCE, sealed, None))
        return Subject(UUID(tenant), recipient, category)
    except (ValueError, InvalidTag):
        raise UnsubscribeTokenInvalid("Use the whole link of the mail.") from None


def _cipher(runtime: Runtime) -> AESGCMSIV:
    return _cipher_of(runtime.secrets)


@lru_cache(maxsize=4)
def _cipher_of(secrets: Secrets) -> AESGCMSIV:
    return AESGCMSIV(secrets.derive("unsubscribe"))
