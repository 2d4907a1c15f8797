"""Signatures of the provider's events, and the secrets that they are checked with.

The SDK checks the signature, we the age by our own clock. Several secrets are valid at once, so one can be rotated.
"""

import base64
from datetime import timedelta

import stripe
from cryptography.fernet import Fernet
from sqlalchemy import text

from septet.kernel.runtime import Runtime
from septet.services.payments.errors import BadSignature
from septet.services.payments.settings import PaymentsSettings

RELOAD_AFTER = timedelta(seconds=1)
LONGEST_HEADER = 4096
_SECRETS = text("SELECT secret FROM payments.webhook_registrations ORDER BY created_at DESC")


class Signatures:
    """One per process; secrets are read again when none of those known fits."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._settings = runtime.service_settings(PaymentsSettings)
        self._stored: list[str] = []
        self._loaded_at = runtime.clock.unix() - 3600

    async def require_valid(self, header: str | None, body: bytes) -> None:
        """Raises BadSignature for one that is missing, wrong, too old or from the future."""
        if self.fits_now(header, body):
            return
        if header and await self._reload() and self._fits(header, body):
            return
        raise BadSignature("No signature in `Stripe-Signature` matches the body under any of our signing secrets.")

    def fits_now(self, header: str | None, body: bytes) -> bool:
        """Whether it fits a secret that is known already. Raises BadSignature where none could make it valid."""
        if not header or len(header) > LONGEST_HEADER:
            raise BadSignature("Send the provider's `Stripe-Signature` header.")
        self._require_recent(header)
        return self._fits(header, body)

    def _require_recent(self, header: str) -> None:
        timestamp = next((part[2:] for part in header.split(",") if part.startswith("t=")), "")
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            raise BadSignature("`Stripe-Signature` holds no timestamp.")
        age = self._runtime.clock.unix() - int(timestamp)
        if abs(age) > self._settings.webhook_tolerance_seconds:
            raise BadSignature(
                f"The signature is {age:.0f} s old; SEPTET_PAYMENTS_WEBHOOK_TOLERANCE_SECONDS allows less."
            )

    def _fits(self, header: str, body: bytes) -> bool:
        for secret in (*self._settings.webhook_secrets, *self._stored):
            try:
                stripe.WebhookSignature.verify_header(body.decode(), header, secret)
            except (stripe.SignatureVerificationError, UnicodeDecodeError):
                continue
            return True
        return False

    async def _reload(self) -> bool:
        now = self._runtime.clock.unix()
        if now - self._loaded_at < RELOAD_AFTER.total_seconds():
            return False
        self._loaded_at = now
        async with self._runtime.postgres.engine.connect() as connection:
            stored = (await connection.execute(_SECRETS)).scalars().all()
        cipher = cipher_of(self._runtime)
        self._stored = [cipher.decrypt(bytes(secret)).decode() for secret in stored]
        return True


def cipher_of(runtime: Runtime) -> Fernet:
    """What the stored signing secrets are encrypted with."""
    return Fernet(base64.urlsafe_b64encode(runtime.secrets.derive("payments webhook secrets")))


def signatures_of(runtime: Runtime) -> Signatures:
    """This process's signatures."""
    return runtime.shared(Signatures)
