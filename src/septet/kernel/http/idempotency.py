"""`Idempotency-Key` on creations: the first answer is stored in the same transaction as its effect, and replayed.

A key belongs to its organization (or user, or to the public for requests before log-in) for 24 hours. While the first
request runs, a second gets 409 `request_in_flight`: an advisory lock that ends with the transaction marks it, so a
crash leaves nothing behind. Stored answers may hold what is shown once (tokens), so they are encrypted.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta

from cryptography.fernet import Fernet
from fastapi import Request, Response
from sqlalchemy import text

from septet.kernel.errors import BadParameter, IdempotencyKeyReused, RequestInFlight
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork

KEPT = timedelta(hours=24)
LONGEST_KEY = 255
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock)")
_FIND = text(
    """SELECT fingerprint, status, media_type, body FROM kernel.idempotency_keys
       WHERE owner = :owner AND key = :key AND expires_at > :now"""
)
_STORE = text(
    """INSERT INTO kernel.idempotency_keys (owner, key, fingerprint, status, media_type, body, expires_at)
       VALUES (:owner, :key, :fingerprint, :status, :media_type, :body, :expires_at)
       ON CONFLICT (owner, key) DO UPDATE SET fingerprint = EXCLUDED.fingerprint, status = EXCLUDED.status,
         media_type = EXCLUDED.media_type, body = EXCLUDED.body, expires_at = EXCLUDED.expires_at"""
)


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request that holds its key's lock until its transaction ends."""

    owner: str
    key: str
    fingerprint: bytes


async def replay_or_claim(request: Request, uow: UnitOfWork) -> Response | IdempotentRequest | None:
    """The stored answer, or a claim on the key, or None when the request has no key or is no POST.

    Raises RequestInFlight (409), IdempotencyKeyReused (422), BadParameter (400).
    """
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return None
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise BadParameter(f"`Idempotency-Key` must have 1 to {LONGEST_KEY} printable characters.")
    claim = IdempotentRequest(_owner(uow), key, await _fingerprint(request))
    lock = int.from_bytes(hashlib.blake2b(f"{claim.owner}\0{key}".encode(), digest_size=8).digest(), signed=True)
    if not (await uow.execute(_TRY_LOCK, {"lock": lock})).scalar():
        raise RequestInFlight
    found = (await uow.execute(_FIND, {"owner": claim.owner, "key": key, "now": uow.now})).first()
    if found is None:
        return claim
    if bytes(found.fingerprint) != claim.fingerprint:
        raise IdempotencyKeyReused("This `Idempotency-Key` was used for a different request; choose a new one.")
    body = _cipher(uow.runtime).decrypt(bytes(found.body))
    return Response(body, found.status, {"Idempotency-Replayed": "true"}, found.media_type)


async def remember(claim: IdempotentRequest, uow: UnitOfWork, response: Response) -> None:
    """Store the answer, to be committed with its effect."""
    await uow.execute(
        _STORE,
        {
            "owner": claim.owner,
            "key": claim.key,
            "fingerprint": claim.fingerprint,
            "status": response.status_code,
            "media_type": response.headers.get("content-type", "").partition(";")[0] or None,
            "body": _cipher(uow.runtime).encrypt(bytes(response.body)),
            "expires_at": uow.now + KEPT,
        },
    )


def _owner(uow: UnitOfWork) -> str:
    return str(uow.actor.tenant_id or uow.actor.id or "public")


async def _fingerprint(request: Request) -> bytes:
    digest = hashlib.blake2b(digest_size=32)
    digest.update(f"{request.method} {request.url.path}?{request.url.query}\0".encode())
    digest.update(await request.body())
    return digest.digest()


def _cipher(runtime: Runtime) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(runtime.secrets.derive("idempotency")))
