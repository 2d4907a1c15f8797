"""One API request at work: the account, the objects it read and changed, and the events it caused.

Nothing is written before the operation has ended: what it changed is saved with one statement, together with the answer
that its idempotency key will replay. An operation that raises has therefore changed nothing, without a rollback.
"""

from dataclasses import dataclass, field
from typing import Any

from septet.kernel.uow import UnitOfWork
from septet.services.provider import store
from septet.services.provider.errors import ResourceMissing
from septet.services.provider.identifiers import new_id

Json = dict[str, Any]
API_VERSION = "2025-03-31.basil"


@dataclass(slots=True)
class Call:
    """`now`: the account's time in seconds since 1970. `path`: the ids in the URL. `base_url`: as the client wrote it.

    `endpoints`: the account's webhook endpoints, as a JSON array.
    """

    uow: UnitOfWork
    account: str
    now: int
    operation: str
    request_id: str
    idempotency_key: str | None
    path: dict[str, str]
    base_url: str
    chaotic: bool = False
    endpoints: str | None = None
    changed: dict[str, Json] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    _read: dict[str, Json] = field(default_factory=dict)

    async def find(self, kind: str, object_id: str | None, *, lock: bool = False) -> Json | None:
        """The object, as this request has left it."""
        if object_id is None:
            return None
        if object_id not in self._read or lock:
            found = await store.find(self.uow, self.account, kind, object_id, lock=lock)
            if found is None:
                return self._of_kind(kind, object_id)
            if object_id not in self.changed:
                self._read[object_id] = found
        return self._of_kind(kind, object_id)

    def _of_kind(self, kind: str, object_id: str) -> Json | None:
        found = self._read.get(object_id)
        return found if found is not None and found["object"] == kind else None

    async def get(self, kind: str, object_id: str, *, param: str = "id", lock: bool = False) -> Json:
        """The object. Raises ResourceMissing."""
        found = await self.find(kind, object_id, lock=lock)
        if found is None:
            raise ResourceMissing(kind, object_id, param)
        return found

    async def target(self, kind: str, *, lock: bool = True) -> Json:
        """The object that the URL names, locked. Raises ResourceMissing."""
        return await self.get(kind, self.path["id"], param="intent" if kind.endswith("intent") else "id", lock=lock)

    def new(self, kind: str, **fields: Any) -> Json:
        """A new object with the fields that all have; stored with the rest."""
        made = {"id": new_id(kind), "object": kind, "created": self.now, "livemode": False, **fields}
        self.save(made)
        return made

    def save(self, changed: Json) -> Json:
        self._read[changed["id"]] = self.changed[changed["id"]] = changed
        return changed

    def discard(self) -> None:
        """Forget all changes: the operation failed."""
        self.changed.clear()
        self.deleted.clear()
        self.events.clear()

    def emit(self, event_type: str, subject: Json, **previous: Any) -> None:
        """Publish an event about the object as it is now; `previous` holds what changed fields were before."""
        data: Json = {"object": dict(subject)}
        if previous:
            data["previous_attributes"] = previous
        self.events.append(
            {
                "id": new_id("event"),
                "object": "event",
                "api_version": API_VERSION,
                "created": self.now,
                "data": data,
                "livemode": False,
                "pending_webhooks": 0,
                "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
                "type": event_type,
            }
        )
