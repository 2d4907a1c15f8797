"""Events: facts that a service publishes. Emitted in a unit of work, they become jobs in the same transaction.

    @event("tenancy.invitation_created", version=1)
    class InvitationCreated:
        tenant_id: UUID
        invitation_id: UUID

    @on(InvitationCreated)
    async def send_invitation(uow: UnitOfWork, event: InvitationCreated) -> None: ...

One job per subscriber; delivery is at least once, and a subscriber's effects in PostgreSQL commit exactly once (see
`kernel.worker`). Fields are scalars; a change of meaning is a new version. `tenant_id` is mandatory.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform
from uuid import UUID

from pydantic import TypeAdapter

from septet.kernel.jobs import Handler, declare_handler, handler_name

if TYPE_CHECKING:
    from septet.kernel.uow import UnitOfWork

E = TypeVar("E")
Wanted = Callable[["UnitOfWork"], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class EventType:
    """What is known of an event class: its stable name and version, and how it is written and read."""

    name: str
    version: int
    model: type
    public: bool
    adapter: TypeAdapter[Any]


EVENT_TYPES: dict[type, EventType] = {}
_SUBSCRIBERS: dict[type, list[str]] = defaultdict(list)
_EVERY_EVENT: dict[str, Wanted] = {}


@dataclass_transform(frozen_default=True)
def event(name: str, *, version: int = 1, public: bool = True) -> Callable[[type[E]], type[E]]:
    """Declare a frozen event. `public` ones are offered to the tenants' webhooks."""

    def declare(cls: type[E]) -> type[E]:
        model = dataclass(frozen=True, slots=True)(cls)
        if "tenant_id" not in model.__dataclass_fields__:  # type: ignore[attr-defined]
            raise TypeError(f"{cls.__name__} needs a field tenant_id")
        EVENT_TYPES[model] = EventType(name, version, model, public, TypeAdapter(model))
        return model

    return declare


def on(
    event_class: type[E], *, max_attempts: int = 12
) -> Callable[[Any], Callable[["UnitOfWork", E], Awaitable[None]]]:
    """Subscribe a handler to one event class."""

    def subscribe(handle: Callable[["UnitOfWork", E], Awaitable[None]]) -> Callable[["UnitOfWork", E], Awaitable[None]]:
        name = handler_name(handle)
        adapter = EVENT_TYPES[event_class].adapter

        async def run(uow: "UnitOfWork", payload: bytes) -> None:
            await handle(uow, adapter.validate_json(payload))

        declare_handler(Handler(name, run, max_attempts=max_attempts))
        _SUBSCRIBERS[event_class].append(name)
        return handle

    return subscribe


def on_every_event(
    wanted: Wanted,
) -> Callable[[Callable[["UnitOfWork", UUID, str, bytes], Awaitable[None]]], None]:
    """Subscribe to all public events as they are on the wire: (uow, event id, event name, JSON).

    `wanted` is asked at the commit, as the tenant: without it each event of each tenant would be a job that finds
    nobody who listens.
    """

    def subscribe(handle: Callable[["UnitOfWork", UUID, str, bytes], Awaitable[None]]) -> None:
        async def run(uow: "UnitOfWork", payload: bytes) -> None:
            event_name, _, body = payload.partition(b"\n")
            assert uow.job is not None
            await handle(uow, uow.job.event_id, event_name.decode(), body)

        declare_handler(Handler(handler_name(handle), run))
        _EVERY_EVENT[handler_name(handle)] = wanted

    return subscribe


def jobs_of(published: object) -> list[tuple[str, bytes, Wanted | None]]:
    """The (handler, payload, condition) triples that an emitted event becomes."""
    event_type = EVENT_TYPES[type(published)]
    body = event_type.adapter.dump_json(published)
    jobs: list[tuple[str, bytes, Wanted | None]] = [(name, body, None) for name in _SUBSCRIBERS[type(published)]]
    if event_type.public:
        named = event_type.name.encode() + b"\n" + body
        jobs += [(name, named, wanted) for name, wanted in _EVERY_EVENT.items()]
    return jobs
