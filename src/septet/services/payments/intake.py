"""Intake of the provider's events: what is acknowledged is stored, once, and a job processes what is followed.

Events that arrive at the same moment are stored together: one transaction for as many as wait, however many that is.
"""

import asyncio
import json
from dataclasses import dataclass

from sqlalchemy import text

from septet.kernel.errors import MalformedBody
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.payments.actions.webhooks import FOLLOWED, Arrived, process_event

MOST_AT_ONCE = 500
_STORE = text(
    """INSERT INTO payments.webhook_events (id, type, payload, received_at, processed_at, outcome)
       SELECT u.id, u.type, u.payload, CAST(:now AS timestamptz),
              CASE WHEN u.type <> ALL (CAST(:followed AS text[])) THEN CAST(:now AS timestamptz) END,
              CASE WHEN u.type <> ALL (CAST(:followed AS text[])) THEN 'kept' END
       FROM unnest(CAST(:ids AS text[]), CAST(:types AS text[]), CAST(:payloads AS text[])) AS u(id, type, payload)
       ON CONFLICT (id) DO NOTHING RETURNING id, processed_at"""
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that is to be stored; `stored` is resolved when it is."""

    id: str
    type: str
    payload: str
    stored: asyncio.Future[None]


class Intake:
    """One per process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._waiting: list[Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def store(self, body: bytes) -> None:
        """Store one verified event; returns when it is durable. Raises MalformedBody, EngineUnavailable."""
        await self.submit(body)

    def submit(self, body: bytes) -> asyncio.Future[None]:
        """Queue one verified event. Raises MalformedBody."""
        event_id, event_type, payload = _read(body)
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(event_id, event_type, payload, stored))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return stored

    async def _write(self) -> None:
        """Store batch after batch until none waits; while one is written, the next gathers."""
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                try:
                    await self._store(batch)
                except Exception as error:  # each caller is told
                    for each in batch:
                        if not each.stored.done():
                            each.stored.set_exception(error)
                else:
                    for each in batch:
                        if not each.stored.done():
                            each.stored.set_result(None)
        finally:
            self._writer = None

    async def _store(self, batch: list[Waiting]) -> None:
        unique = {each.id: each for each in batch}.values()
        parameters = {
            "ids": [each.id for each in unique],
            "types": [each.type for each in unique],
            "payloads": [each.payload for each in unique],
            "now": self._runtime.clock.now(),
            "followed": list(FOLLOWED),
        }
        async with UnitOfWork(self._runtime) as uow:
            with self._runtime.postgres.faults_translated():
                for row in (await uow.execute(_STORE, parameters)).all():
                    if row.processed_at is None:
                        uow.enqueue(process_event, Arrived(row.id))
                await uow.commit()


def _read(body: bytes) -> tuple[str, str, str]:
    try:
        event = json.loads(body)
        event_id, event_type = event["id"], event["type"]
    except (ValueError, TypeError, KeyError):
        raise MalformedBody("The body is no event: a JSON object with `id` and `type`.") from None
    if not isinstance(event_id, str) or not isinstance(event_type, str) or "\\u0000" in body.decode():
        raise MalformedBody("The event's `id` and `type` must be text, without NUL characters.")
    return event_id[:255], event_type[:255], body.decode()


def intake_of(runtime: Runtime) -> Intake:
    """This process's intake."""
    return runtime.shared(Intake)
