"""The durable queue between ingest and ClickHouse: one Valkey Stream, one entry a request.

Entries are delivered in *batches*. Taking entries and noting which of them form the batch is one atomic step, so a
batch that outlives its processor is inserted again with the same lines under the same name, by which ClickHouse
knows it. The mark of an `Idempotency-Key` is set in the step that queues the request: neither exists without the other.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from septet.kernel.errors import IdempotencyKeyReused
from septet.kernel.runtime import Runtime
from septet.kernel.valkey import key
from septet.services.logs import queue_scripts as scripts
from septet.services.logs.errors import QueueFull
from septet.services.logs.policy import Policy
from septet.services.logs.settings import LogsSettings

SLOT = "logs"
GROUP = "processors"
KEY_SECONDS = 24 * 3600
LONGEST_WAIT_MS = 500

_STREAM = key(SLOT, "queue", "requests")
_BYTES = key(SLOT, "queue", "bytes")
_BATCHES = key(SLOT, "queue", "batches")
_LEASES = key(SLOT, "queue", "leases")
_ATTEMPTS = key(SLOT, "queue", "attempts")
_DEAD = key(SLOT, "queue", "dead") + ":"


@dataclass(frozen=True, slots=True)
class Entry:
    """One request's lines, with the policy of the moment of acceptance. `size`: bytes when decompressed."""

    tenant: UUID
    request: UUID
    service: str
    kind: str
    encoding: str
    lines: int
    size: int
    body: bytes
    policy: Policy
    id: str = ""

    def fields(self) -> list[Any]:
        """As the stream keeps it."""
        named = {name: getattr(self, name) for name in ("tenant", "request", "service", "kind", "encoding", "lines")}
        pairs = [part for name, value in named.items() for part in (name, str(value))]
        return [*pairs, "bytes", self.size, "policy", self.policy.dump(), "body", self.body]


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that are inserted together, always under the same `name`; `attempt` 0 is the first."""

    name: str
    attempt: int
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Depth:
    """What waits: requests and bytes (decompressed), and since when the oldest does (milliseconds since 1970)."""

    requests: int
    bytes: int
    oldest_ms: int | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A request that ClickHouse refused for good, with its reason."""

    id: str
    fault: str
    entry: Entry


class LinesKnown(Exception):
    """Lines with these ids (by their places in what was given) are stored already."""

    def __init__(self, places: list[int]) -> None:
        super().__init__(places)
        self.places = set(places)


class LogQueue:
    """One per process. Every method raises EngineUnavailable (503) or StorageFull (507) when Valkey does."""

    def __init__(self, runtime: Runtime) -> None:
        self._client: Any = runtime.valkey.client
        self._settings = runtime.service_settings(LogsSettings)
        self._enqueue = runtime.valkey.script(scripts.ENQUEUE)
        self._seal = runtime.valkey.script(scripts.SEAL)
        self._take_over = runtime.valkey.script(scripts.TAKE_OVER)
        self._postpone = runtime.valkey.script(scripts.POSTPONE)
        self._finish = runtime.valkey.script(scripts.FINISH)
        self._revive = runtime.valkey.script(scripts.REVIVE)

    async def put(
        self,
        entry: Entry,
        *,
        idempotency_key: str | None = None,
        fingerprint: bytes = b"",
        answer: bytes = b"",
        line_ids: Sequence[str] = (),
    ) -> bytes | None:
        """Queue it, durably. With a key that was used before, nothing is queued and the first answer comes back.

        `line_ids`: of lines that are stored once however often they are sent. Raises LinesKnown (nothing is queued),
        QueueFull (429) and IdempotencyKeyReused (422, the key stands for another body).
        """
        mark = fingerprint + answer if idempotency_key is not None else b""
        limits = [self._settings.queue_bytes, self._settings.queue_bytes_per_tenant, KEY_SECONDS]
        reply = await self._enqueue(
            keys=[
                _STREAM,
                _BYTES,
                _mark_key(entry.tenant, "keys", idempotency_key or ""),
                *(_mark_key(entry.tenant, "lines", line_id) for line_id in line_ids),
            ],
            args=[mark, entry.size, str(entry.tenant), *limits, *entry.fields()],
        )
        if reply[0] == b"full":
            per_tenant = "_PER_TENANT" if reply[1] == b"tenant" else ""
            raise QueueFull(f"SEPTET_LOGS_QUEUE_BYTES{per_tenant}")
        if reply[0] == b"taken":
            raise LinesKnown(reply[1])
        if reply[0] != b"known":
            return None
        if reply[1][: len(fingerprint)] != fingerprint:
            raise IdempotencyKeyReused("This `Idempotency-Key` was used for other lines; choose a new one.")
        return bytes(reply[1][len(fingerprint) :])

    async def seal(self) -> Batch | None:
        """A new batch of what nobody has taken yet; None when nothing waits."""
        name = str(uuid4())
        limits = [self._settings.batch_bytes, self._settings.batch_requests, self._settings.lease_seconds]
        entries = await self._seal(keys=[_STREAM, _BATCHES, _LEASES], args=[GROUP, name, *limits])
        return Batch(name, 0, _entries(entries)) if entries else None

    def is_full(self, batch: Batch) -> bool:
        """Whether it was closed because no more may be in it; then more is waiting, most likely."""
        size = sum(entry.size for entry in batch.entries)
        return len(batch.entries) >= self._settings.batch_requests or size >= self._settings.batch_bytes

    async def wait(self) -> None:
        """Until something is queued that nobody has taken, or half a second long; after `seal` found nothing."""
        [group] = await self._client.xinfo_groups(_STREAM)
        await self._client.xread({_STREAM: group["last-delivered-id"]}, count=1, block=LONGEST_WAIT_MS)

    async def take_over(self) -> Batch | None:
        """A batch whose processor has died, or which was postponed until now; None when there is none."""
        reply = await self._take_over(keys=[_STREAM, _BATCHES, _LEASES, _ATTEMPTS], args=[self._settings.lease_seconds])
        return Batch(reply[0].decode(), reply[1], _entries(reply[2])) if reply else None

    async def postpone(self, batch: Batch, seconds: float) -> None:
        """Have it taken over in so many seconds."""
        await self._postpone(keys=[_LEASES], args=[batch.name, seconds])

    async def finish(self, batch: Batch, faults: dict[str, str] | None = None) -> None:
        """Forget it: everything is stored, but for the entries (by id) in `faults`, which become dead letters."""
        faults = faults or {}
        args: list[Any] = [GROUP, batch.name]
        for entry in batch.entries:
            args += [entry.id, str(entry.tenant), entry.size, faults.get(entry.id, "")]
        await self._finish(keys=[_STREAM, _BYTES, _BATCHES, _LEASES, _ATTEMPTS, _DEAD], args=args)

    async def depth(self) -> Depth:
        requests = await self._client.xlen(_STREAM)
        size = await self._client.hget(_BYTES, "all")
        oldest = await self._client.xrange(_STREAM, count=1)
        return Depth(int(requests), int(size or 0), int(oldest[0][0].partition(b"-")[0]) if oldest else None)

    async def waiting_bytes(self, tenant: UUID) -> int:
        """Bytes of this organization that wait."""
        return int(await self._client.hget(_BYTES, str(tenant)) or 0)

    async def dead_letters(self, tenant: UUID, limit: int, after: str | None) -> list[DeadLetter]:
        """The oldest first, `after` an id."""
        found = await self._client.xrange(_DEAD + str(tenant), min=f"({after}" if after else "-", count=limit)
        return [_dead_letter(item) for item in found]

    async def revive(self, tenant: UUID, letter_id: str) -> bool:
        """Queue a dead letter again; False when there is no such letter."""
        keys = [_DEAD + str(tenant), _STREAM, _BYTES]
        return bool(await self._revive(keys=keys, args=[letter_id, str(tenant)]))

    async def discard(self, tenant: UUID, letter_id: str) -> bool:
        """Delete a dead letter; False when there is no such letter."""
        return bool(await self._client.xdel(_DEAD + str(tenant), letter_id))

    async def discard_all(self, tenant: UUID) -> None:
        """Delete all dead letters of the organization."""
        await self._client.delete(_DEAD + str(tenant))


def _mark_key(tenant: UUID, kind: str, name: str) -> str:
    digest = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
    return key(SLOT, "queue", kind, tenant, digest)


def _entries(found: Sequence[Any]) -> list[Entry]:
    return [_entry(id_.decode(), dict(zip(fields[::2], fields[1::2], strict=True))) for id_, fields in found]


def _entry(id_: str, fields: dict[bytes, bytes]) -> Entry:
    return Entry(
        tenant=UUID(fields[b"tenant"].decode()),
        request=UUID(fields[b"request"].decode()),
        service=fields[b"service"].decode(),
        kind=fields[b"kind"].decode(),
        encoding=fields[b"encoding"].decode(),
        lines=int(fields[b"lines"]),
        size=int(fields[b"bytes"]),
        body=fields[b"body"],
        policy=Policy.load(fields[b"policy"]),
        id=id_,
    )


def _dead_letter(item: tuple[bytes, dict[bytes, bytes]]) -> DeadLetter:
    id_, fields = item
    return DeadLetter(id_.decode(), fields[b"fault"].decode(), _entry(id_.decode(), fields))
