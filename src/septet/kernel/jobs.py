"""Jobs: work that happens after the commit that asked for it. pgqueuer's tables hold them, in the same PostgreSQL.

    @job(max_attempts=5)
    async def purge(uow: UnitOfWork, payload: Purge) -> None: ...      # payload: a Pydantic model or dataclass

    await uow.enqueue(purge, Purge(...), at=clock.now() + timedelta(days=14))

    @schedule("*/5 * * * *")
    async def sweep(uow: UnitOfWork) -> None: ...                      # a cron expression, in UTC of our clock

This file declares and inserts; `kernel.worker` runs them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, get_type_hints
from uuid import UUID

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings
from pydantic import TypeAdapter
from sqlalchemy import text

if TYPE_CHECKING:
    from septet.kernel.uow import UnitOfWork

P = TypeVar("P")
F = TypeVar("F", bound=Callable[..., Awaitable[None]])
Rest = ParamSpec("Rest")

QUEUE_SETTINGS = DBSettings(db_schema="kernel", channel="septet_jobs")
# pgqueuer's trigger announces insertions; whoever makes waiting jobs due by an UPDATE announces that itself.
WAKE_WORKERS = text(
    """SELECT pg_notify('septet_jobs', json_build_object('channel', 'septet_jobs', 'operation', 'update',
         'sent_at', now(), 'table', 'pgqueuer', 'type', 'table_changed_event')::text)"""
)


@dataclass(frozen=True, slots=True)
class Handler:
    """A named piece of work. `priority`: higher first. A job that failed `max_attempts` times becomes a dead letter."""

    name: str
    run: Callable[["UnitOfWork", bytes], Awaitable[None]]
    max_attempts: int = 12
    priority: int = 0
    concurrency: int = 0
    adapter: TypeAdapter[Any] | None = None

    @property
    def service(self) -> str:
        """The service (or `integrations`) that the handler belongs to."""
        return self.name.split(".", 1)[0]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A handler that runs when the cron expression says so, by our clock."""

    handler: str
    expression: str


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job about to be inserted, for now or for `at`."""

    handler: str
    payload: bytes
    at: datetime | None
    priority: int
    dedupe_key: str | None
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class RunningJob:
    """The job that a unit of work runs for. `event_id` is the same on every repetition."""

    id: int
    attempt: int
    event_id: UUID
    request_id: str


HANDLERS: dict[str, Handler] = {}
SCHEDULES: dict[str, Schedule] = {}


def handler_name(function: Callable[..., Any]) -> str:
    """`septet.services.links.jobs.expire` is `links.expire`; `septet.integrations.x.f` is `integrations.x.f`."""
    module = function.__module__
    for prefix in ("septet.", "services."):
        module = module.removeprefix(prefix)
    module = module.removesuffix(".jobs")
    return f"{module}.{function.__name__}"


def declare_handler(handler: Handler) -> None:
    if handler.name in HANDLERS:
        raise ValueError(f"two handlers are named {handler.name}")
    HANDLERS[handler.name] = handler


def job(*, max_attempts: int = 12, priority: int = 0, concurrency: int = 0) -> Callable[[F], F]:
    """Declare a job; its payload's type is the second parameter's annotation. `concurrency`: 0 is unlimited."""

    def declare(function: F) -> F:
        payload_type = list(get_type_hints(function).values())[1]
        adapter: TypeAdapter[Any] = TypeAdapter(payload_type)

        async def run(uow: "UnitOfWork", payload: bytes) -> None:
            await function(uow, adapter.validate_json(payload))

        declare_handler(Handler(handler_name(function), run, max_attempts, priority, concurrency, adapter))
        return function

    return declare


def schedule(
    expression: str,
) -> Callable[[Callable[["UnitOfWork"], Awaitable[None]]], Callable[["UnitOfWork"], Awaitable[None]]]:
    """Run a function on a cron expression (five fields, UTC). One process runs each occasion; missed ones run once."""

    def declare(function: Callable[["UnitOfWork"], Awaitable[None]]) -> Callable[["UnitOfWork"], Awaitable[None]]:
        async def run(uow: "UnitOfWork", _: bytes) -> None:
            await function(uow)

        declare_handler(Handler(handler_name(function), run))
        SCHEDULES[handler_name(function)] = Schedule(handler_name(function), expression)
        return function

    return declare


def queue_queries(driver: AsyncpgDriver) -> Queries:
    """pgqueuer's queries on this driver's connection, in the schema `kernel`."""
    return Queries(
        driver,
        QueryBuilderEnvironment(QUEUE_SETTINGS),
        QueryQueueBuilder(QUEUE_SETTINGS),
        QuerySchedulerBuilder(QUEUE_SETTINGS),
    )


async def insert_jobs(connection: asyncpg.Connection, jobs: list[NewJob], now: datetime) -> None:
    """Insert within the connection's transaction. A job whose `dedupe_key` is already waiting is left out."""
    delays = await _delays(connection, jobs, now)
    await queue_queries(AsyncpgDriver(connection)).enqueue(
        [j.handler for j in jobs],
        [j.payload for j in jobs],
        [j.priority for j in jobs],
        delays,
        [j.dedupe_key for j in jobs],
        [dict(j.headers) for j in jobs],
        on_conflict="skip",
    )


async def _delays(connection: asyncpg.Connection, jobs: list[NewJob], now: datetime) -> list[timedelta | None]:
    """Counted from the transaction's begin, as pgqueuer does: without its age, a long one's jobs would be early."""
    if all(j.at is None or j.at <= now for j in jobs):
        return [timedelta()] * len(jobs)
    age: timedelta = await connection.fetchval("SELECT clock_timestamp() - now()")  # type: ignore[no-untyped-call]
    return [age + j.at - now if j.at is not None and j.at > now else timedelta() for j in jobs]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that failed for good, kept until it is retried or deleted."""

    id: int
    handler: str
    created_at: datetime
    attempts: int
    error: str
    headers: dict[str, Any]


async def dead_letters(connection: asyncpg.Connection, limit: int = 100) -> list[DeadLetter]:
    """The newest dead letters first, each with its last error."""
    rows = await connection.fetch(
        """SELECT q.id, q.entrypoint, q.created, q.attempts, q.headers,
                  (SELECT l.traceback->>'exception_message' FROM kernel.pgqueuer_log l
                   WHERE l.job_id = q.id AND l.traceback IS NOT NULL ORDER BY l.id DESC LIMIT 1) AS error
           FROM kernel.pgqueuer q WHERE q.status = 'failed' ORDER BY q.created DESC LIMIT $1""",
        limit,
    )
    adapter = TypeAdapter(dict[str, Any])
    return [
        DeadLetter(
            r["id"],
            r["entrypoint"],
            r["created"],
            r["attempts"],
            r["error"] or "",
            adapter.validate_json(r["headers"] or "{}"),
        )
        for r in rows
    ]


async def retry_dead_letters(connection: asyncpg.Connection, ids: list[int]) -> None:
    """Give them all their attempts again, from now."""
    await queue_queries(AsyncpgDriver(connection)).requeue_jobs(ids)  # type: ignore[arg-type]
