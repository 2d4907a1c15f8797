"""Where codes lead: cached in the process, then in Valkey, then read from PostgreSQL; unknown codes too.

An edit puts a tombstone into Valkey first (see `changes`). While one stands, PostgreSQL is asked and the answer is kept
for half a second at most; filling the cache never overwrites what is there (`SET … NX`). So a lost call costs half a
second, never a stale link.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from septet.kernel.errors import EngineUnavailable
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.kernel.valkey import key
from septet.services.links.destinations import host_of, is_below, with_parameters
from septet.services.links.models import Link
from septet.services.links.settings import LinksSettings
from septet.services.links.store import places

CHANNEL = "links.changed"
CACHE_SECONDS = 3600
MISSING_SECONDS = 60
UNSURE_SECONDS = 0.5
LARGEST_CACHE = 200_000
TOMBSTONE = b"-"
_MISSING = b"0"

Place = tuple[str, str]
"""Host (empty for the platform's own) and code."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a link's other targets; conditions that are empty always hold."""

    url: str
    device: str = ""
    os: str = ""
    country: str = ""
    language: str = ""
    weight: int = 0


@dataclass(slots=True)
class Destination:
    """All that answering a visitor needs; times in milliseconds since 1970."""

    tenant_id: UUID
    link_id: UUID
    url: str
    status: int = 302
    active: bool = True
    title: str = ""
    disabled_reason: str = ""
    forward_query: bool = False
    starts_at: int = 0
    expires_at: int = 0
    max_clicks: int = 0
    password_hash: str = ""
    fallback_url: str = ""
    choices: list[Choice] = field(default_factory=list)
    source: str = ""

    @property
    def reference(self) -> bytes:
        """How a click's record begins: tenant, link and source."""
        return f"{self.tenant_id.hex}{self.link_id.hex}\0{self.source}".encode()


_DESTINATION = TypeAdapter(Destination)


def destination_of(link: Link) -> Destination:
    """What visitors of this link need."""
    utm = {f"utm_{name}": value for name, value in link.utm.items() if value}
    return Destination(
        tenant_id=link.tenant_id,
        link_id=link.id,
        url=with_parameters(link.url, utm),
        status=link.redirect_status,
        active=link.status == "active",
        title=link.title,
        disabled_reason=(link.disabled_reason or "") if link.status == "disabled" else "",
        forward_query=link.forward_query,
        starts_at=int(link.starts_at.timestamp() * 1000) if link.starts_at else 0,
        expires_at=int(link.expires_at.timestamp() * 1000) if link.expires_at else 0,
        max_clicks=link.max_clicks or 0,
        password_hash=link.password_hash or "",
        fallback_url=link.fallback_url or "",
        choices=[Choice(**{**target, "url": with_parameters(target["url"], utm)}) for target in link.targets],
        source=link.source,
    )


@dataclass(slots=True)
class Entry:
    """What is kept of a place: `destination` is None for an unknown code. `headers` are the lane's, once rendered."""

    destination: Destination | None
    good_until: float
    reference: bytes = b""
    headers: bytes = b""


class Directory:
    """One per process. `good_until` counts in the event loop's seconds."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._blocked = frozenset(runtime.service_settings(LinksSettings).blocked_domains)
        self._entries: dict[Place, Entry] = {}
        self._loading: dict[Place, asyncio.Task[Entry]] = {}
        runtime.broadcast.subscribe(CHANNEL, self._changed)
        runtime.broadcast.on_gap(self._forget_all)

    def cached(self, place: Place) -> Entry | None:
        """What this process knows, None when it must be looked up."""
        entry = self._entries.get(place)
        if entry is None or entry.good_until < asyncio.get_running_loop().time():
            return None
        return entry

    async def look_up(self, place: Place) -> Entry:
        """Raises EngineUnavailable when neither the cache nor PostgreSQL can tell. Simultaneous ones share a load."""
        if entry := self.cached(place):
            return entry
        task = self._loading.get(place)
        if task is None:
            task = self._loading[place] = asyncio.create_task(self._load(place))
        return await asyncio.shield(task)

    async def _load(self, place: Place) -> Entry:
        this = asyncio.current_task()
        try:
            stored = await self._stored(place)
            buried = stored is not None and stored.startswith(TOMBSTONE)
            unsure = buried or not self._runtime.broadcast.healthy
            if stored is None or buried:
                destination = await self._read(place)
                if not unsure:
                    await self._store(place, destination)
            else:
                destination = None if stored == _MISSING else _DESTINATION.validate_json(stored)
            return self._keep(place, destination, unsure=unsure, announced=self._loading.get(place) is not this)
        finally:
            if self._loading.get(place) is this:
                del self._loading[place]

    def _keep(self, place: Place, destination: Destination | None, *, unsure: bool, announced: bool) -> Entry:
        """`announced`: a change was called out while this was loading, so it may be the old state."""
        now = asyncio.get_running_loop().time()
        good = UNSURE_SECONDS if unsure else MISSING_SECONDS if destination is None else CACHE_SECONDS
        if destination is not None and is_below(host_of(destination.url), self._blocked):
            destination.active, destination.disabled_reason = False, "It leads to a domain that is blocked here."
        entry = Entry(destination, now + good, destination.reference if destination else b"")
        if not announced:
            if len(self._entries) >= LARGEST_CACHE:
                del self._entries[next(iter(self._entries))]
            self._entries[place] = entry
        return entry

    async def _stored(self, place: Place) -> bytes | None:
        """None also while Valkey is away: PostgreSQL knows as well."""
        try:
            reply: Any = await self._runtime.pipeline.call(b"GET", cache_key(place))
        except EngineUnavailable:
            return None
        return reply if isinstance(reply, bytes) else None

    async def _store(self, place: Place, destination: Destination | None) -> None:
        value, seconds = cached_as(destination)
        try:
            await self._runtime.pipeline.call(b"SET", cache_key(place), value, b"NX", b"EX", seconds)
        except EngineUnavailable:
            return

    async def _read(self, place: Place) -> Destination | None:
        async with UnitOfWork(self._runtime) as uow:
            with self._runtime.postgres.faults_translated():
                async with self._runtime.postgres.watched():
                    link = await places.link_at(uow, *place)
        return destination_of(link) if link else None

    def _changed(self, payload: bytes) -> None:
        for line in payload.decode().split():
            host, _, code = line.partition("/")
            self._entries.pop((host, code), None)
            self._loading.pop((host, code), None)

    def _forget_all(self) -> None:
        self._entries.clear()
        self._loading.clear()


def cache_key(place: Place) -> str:
    return key("links", "links", "at", *place)


def cached_as(destination: Destination | None) -> tuple[bytes, int]:
    """The value in Valkey, and for how many seconds it is kept."""
    return (_DESTINATION.dump_json(destination), CACHE_SECONDS) if destination else (_MISSING, MISSING_SECONDS)
