"""Logs: ingest, queue, derive, store, search and tail.

A request's bytes go into a durable queue as they came; a processor hands them to ClickHouse, which splits lines and
derives timestamp, level, service, message and attributes at insert. Acknowledged means stored exactly once.

What the rest of the platform may ask stands in `actions/platform.py`:

    async def write(runtime: Runtime, tenant_id: UUID, service: str, lines: Sequence[Mapping[str, Any]]) -> None
    async def arrived(runtime: Runtime, day: date) -> dict[UUID, Arrived]   # Arrived(lines: int, bytes: int)
    async def purge(uow: UnitOfWork) -> None
"""
