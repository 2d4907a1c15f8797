"""API keys verified in microseconds, for hot paths: what Valkey and PostgreSQL said, kept in this process.

A revocation writes its mark to Valkey, then announces itself on the broadcast bus, then commits. An entry is kept
only when Valkey, asked last, still held the key without a mark and nothing was announced meanwhile; so whatever is
kept is dropped by the announcement. After a gap in the bus everything is dropped. A process that is cut off from Valkey
asks PostgreSQL and may honour a key for `CACHE_SECONDS` after another process revoked it.
"""

import asyncio
import hashlib
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from septet.kernel.authentication import API_KEY_MARK, CACHE_SECONDS, REVOKED_CHANNEL, ApiKeyIdentity
from septet.kernel.errors import EngineUnavailable, Unauthenticated
from septet.kernel.identity import tenant_of_api_key
from septet.kernel.uow import UnitOfWork

if TYPE_CHECKING:
    from septet.kernel.runtime import Runtime

MOST_ENTRIES = 100_000


class ApiKeyCache:
    """One per process. `find` never waits; `verify` asks where it must, once for all who ask at the same time."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        # Keyed BLAKE2 takes a fifth of the digest's time; its key never leaves the process, and no token is kept.
        self._fingerprint_key = os.urandom(32)
        self._kept: dict[bytes, tuple[ApiKeyIdentity, float]] = {}  # by fingerprint, until when (monotonic)
        self._fingerprints: dict[bytes, bytes] = {}  # by digest
        self._asking: dict[bytes, asyncio.Task[ApiKeyIdentity]] = {}
        self._announcements = 0
        runtime.broadcast.subscribe(REVOKED_CHANNEL, self._revoked)
        runtime.broadcast.on_gap(self._drop_all)

    def find(self, token: str) -> ApiKeyIdentity | None:
        """What is known of a key; None: ask `verify`, which says whether it is valid."""
        kept = self._kept.get(self._fingerprint(token))
        if kept is None or kept[1] <= time.monotonic():
            return None
        identity = kept[0]
        if identity.expires_at is not None and identity.expires_at <= self._runtime.clock.unix():
            return None
        return identity

    async def verify(self, token: str) -> ApiKeyIdentity:
        """Raises Unauthenticated, EngineUnavailable."""
        if (found := self.find(token)) is not None:
            return found
        tenant_id = tenant_of_api_key(token)
        if tenant_id is None:
            raise Unauthenticated("This is no API key of Septet; POST /api-keys makes one.")
        digest = self._runtime.authenticator.digest(token)
        asking = self._asking.get(digest)
        if asking is None:
            asking = self._asking[digest] = asyncio.create_task(self._ask(tenant_id, token, digest))
            asking.add_done_callback(self._asked(digest))
        return await asyncio.shield(asking)

    def _asked(self, digest: bytes) -> Callable[[asyncio.Task[ApiKeyIdentity]], None]:
        def forget(task: asyncio.Task[ApiKeyIdentity]) -> None:
            del self._asking[digest]
            if not task.cancelled():
                task.exception()  # whoever waited has it; if all have gone, nobody needs it

        return forget

    async def _ask(self, tenant_id: UUID, token: str, digest: bytes) -> ApiKeyIdentity:
        announcements = self._announcements
        authenticator = self._runtime.authenticator
        async with UnitOfWork(self._runtime) as uow:
            with self._runtime.postgres.faults_translated():
                identity, may_be_kept = await self._through_valkey(uow, tenant_id, digest), True
                if identity is None:
                    identity = await authenticator.stored_api_key(uow, tenant_id, digest)
                else:
                    may_be_kept = await authenticator.holds_api_key(tenant_id, digest)
                await uow.commit()
        if may_be_kept and announcements == self._announcements:
            self._keep(self._fingerprint(token), digest, identity)
        return identity

    async def _through_valkey(self, uow: UnitOfWork, tenant_id: UUID, digest: bytes) -> ApiKeyIdentity | None:
        """None while Valkey is away."""
        if not self._runtime.broadcast.healthy:
            return None
        try:
            return await self._runtime.authenticator.api_key(uow, tenant_id, digest)
        except EngineUnavailable as error:
            if error.engine != "Valkey":
                raise
            return None

    def _fingerprint(self, token: str) -> bytes:
        return hashlib.blake2b(token.encode(errors="replace"), digest_size=16, key=self._fingerprint_key).digest()

    def _keep(self, fingerprint: bytes, digest: bytes, identity: ApiKeyIdentity) -> None:
        if len(self._fingerprints) >= MOST_ENTRIES:
            self._forget(next(iter(self._fingerprints)))
        self._fingerprints[digest] = fingerprint
        self._kept[fingerprint] = identity, time.monotonic() + CACHE_SECONDS

    def _forget(self, digest: bytes) -> None:
        if (fingerprint := self._fingerprints.pop(digest, None)) is not None:
            del self._kept[fingerprint]

    def _revoked(self, payload: bytes) -> None:
        self._announcements += 1
        for key in payload.decode().split("\n"):
            _, mark, digest = key.partition(API_KEY_MARK)
            if mark:
                self._forget(bytes.fromhex(digest))

    def _drop_all(self) -> None:
        self._announcements += 1
        self._kept.clear()
        self._fingerprints.clear()
