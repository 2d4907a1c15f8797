"""Accepting lines: whatever protocol they came by, they end in the queue; the answer is given when they are there."""

import hashlib
from collections.abc import Sequence
from uuid import UUID
from weakref import WeakKeyDictionary

from prometheus_client import Counter

from septet.kernel.clock import Clock
from septet.kernel.runtime import Runtime
from septet.services.logs.codecs import aside, deflate
from septet.services.logs.intake import Intake
from septet.services.logs.policies import Policies
from septet.services.logs.queue import Entry, LogQueue

ACCEPTED = Counter("septet_logs_accepted_lines_total", "Lines accepted", ["protocol"])
REJECTED = Counter("septet_logs_rejected_lines_total", "Lines rejected one by one", ["protocol"])
REPLAYED = Counter("septet_logs_replayed_requests_total", "Requests that were known by their idempotency key")
DEFAULT_SERVICE = "default"
LONGEST_SERVICE = 200

_OF_RUNTIME: WeakKeyDictionary[Runtime, "Ingest"] = WeakKeyDictionary()


def new_request_id(clock: Clock) -> UUID:
    """A UUIDv7 whose last 32 bits are zero: with a line's number there, it is the line's id."""
    return UUID(int=clock.new_id().int >> 32 << 32)


def _fingerprint(sent: bytes) -> bytes:
    return hashlib.blake2b(sent, digest_size=16).digest()


class Ingest:
    """One per process: `Ingest.of(runtime)`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.queue = LogQueue(runtime)
        self.policies = Policies(runtime)

    @classmethod
    def of(cls, runtime: Runtime) -> "Ingest":
        return _OF_RUNTIME.get(runtime) or _OF_RUNTIME.setdefault(runtime, cls(runtime))

    async def accept(
        self,
        tenant: UUID,
        intake: Intake,
        service: str,
        *,
        protocol: str,
        answer: bytes = b"",
        idempotency_key: str | None = None,
        sent: bytes = b"",
        line_ids: Sequence[str] = (),
    ) -> bytes | None:
        """Queue the accepted lines. None when they are queued; the first answer when the key is known already.

        `sent` is what the key stands for. Raises LinesKnown, QueueFull (429), IdempotencyKeyReused (422),
        EngineUnavailable (503), StorageFull (507).
        """
        fingerprint = await aside(len(sent), lambda: _fingerprint(sent)) if idempotency_key is not None else b""
        if intake.accepted or idempotency_key is not None:
            entry = await self._entry(tenant, intake, service)
            known = await self.queue.put(
                entry, idempotency_key=idempotency_key, fingerprint=fingerprint, answer=answer, line_ids=line_ids
            )
            if known is not None:
                REPLAYED.inc()
                return known
        ACCEPTED.labels(protocol).inc(intake.accepted)
        REJECTED.labels(protocol).inc(len(intake.rejections))
        return None

    async def _entry(self, tenant: UUID, intake: Intake, service: str) -> Entry:
        return Entry(
            tenant=tenant,
            request=new_request_id(self._runtime.clock),
            service=service[:LONGEST_SERVICE] or DEFAULT_SERVICE,
            kind=intake.kind,
            encoding="zstd",
            lines=intake.accepted,
            size=len(intake.body),
            body=await aside(len(intake.body), lambda: deflate(intake.body)),
            policy=await self.policies.of(tenant),
        )
