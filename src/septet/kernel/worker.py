"""The worker: takes jobs from the queue, runs each in a unit of work, and fires schedules.

A job's row is deleted in the same transaction as its effects, on the condition that this worker still holds it. So a
handler's effects in PostgreSQL happen exactly once, though a job may be started several times. Failures are retried
with exponential backoff and jitter; a job that used up its attempts is kept as a dead letter (`septet jobs`).
"""

import asyncio
import random
import time
from datetime import datetime, timedelta
from uuid import UUID

from croniter import croniter
from opentelemetry import propagate
from pgqueuer.core.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context, Job
from sqlalchemy import text

from septet.kernel import journal, telemetry
from septet.kernel.clock import OFFSET_CHANNEL
from septet.kernel.errors import EngineUnavailable
from septet.kernel.identity import system_actor
from septet.kernel.jobs import (
    HANDLERS,
    QUEUE_SETTINGS,
    SCHEDULES,
    Handler,
    RunningJob,
    queue_queries,
)
from septet.kernel.outages import Outages
from septet.kernel.queue_connection import QueueConnection
from septet.kernel.runtime import Runtime
from septet.kernel.telemetry import log
from septet.kernel.uow import UnitOfWork

CONCURRENT_JOBS = 64
BATCH = 32
FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 600.0
RECONNECT_SECONDS = 1.0
SCHEDULE_POLL_SECONDS = 1.0
LONGEST_WAIT = timedelta(seconds=1)  # a job may become due unannounced, by a retry's delay
HEARTBEAT_TIMEOUT = timedelta(seconds=30)

_TAKE_JOB = text(
    "DELETE FROM kernel.pgqueuer WHERE id = :id AND queue_manager_id = :worker AND status = 'picked' RETURNING id"
)

_LET_GO = text(
    """UPDATE kernel.pgqueuer SET status = 'queued', queue_manager_id = NULL, updated = now()
       WHERE queue_manager_id = :worker AND status = 'picked'"""
)


class JobLost(Exception):
    """Another worker has taken the job over (this one was silent for too long); nothing of this attempt is kept."""


class Worker:
    """Runs the jobs and schedules of the chosen services until it is stopped."""

    def __init__(self, runtime: Runtime, services: set[str]) -> None:
        self.runtime = runtime
        self.handlers = [h for h in HANDLERS.values() if h.service in services]
        self._queues: dict[UUID, QueueManager] = {}
        self._stopping = asyncio.Event()
        self._clock_moved = asyncio.Event()
        self._outages = Outages("jobs")
        runtime.broadcast.subscribe(OFFSET_CHANNEL, lambda _: self._clock_moved.set())

    @property
    def in_hand(self) -> int:
        """How many jobs it runs at this moment; one whose effects are committed may still have to be noted."""
        return sum(len(queue.job_context) for queue in self._queues.values())

    async def run(self) -> None:
        """Serve until `stop()`; a lost connection is made anew."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._run_queue())
            group.create_task(self._run_schedules())
            group.create_task(self._measure())

    def stop(self) -> None:
        """Take no further job; those that run are finished."""
        self._stopping.set()
        for queue in self._queues.values():
            queue.shutdown.set()

    async def _run_queue(self) -> None:
        """One queue after the other, each as long as its connection; an old one may still have jobs to finish."""
        async with asyncio.TaskGroup() as queues:
            while not self._stopping.is_set():
                try:
                    async with self.runtime.postgres.dedicated_connection() as bare:
                        connection = QueueConnection(bare)
                        queue = self._queue_on(connection)
                        self._outages.succeeded()
                        queues.create_task(self._serve(queue, connection))
                        await connection.over.wait()
                        queue.shutdown.set()
                except Exception as error:
                    # Whatever it was, jobs wait for a queue that runs again; the library raises many kinds of errors.
                    self._outages.failed(error)
                await self._pause(RECONNECT_SECONDS)

    def _queue_on(self, connection: QueueConnection) -> QueueManager:
        queue = QueueManager(queue_queries(connection), channel=QUEUE_SETTINGS.channel)
        for handler in self.handlers:
            queue.register_executor(handler.name, JobExecutor.of(self.runtime, handler, queue))
        return queue

    async def _serve(self, queue: QueueManager, connection: QueueConnection) -> None:
        """Until it is shut down, or its connection lost: then what it could not finish is let go for the next queue."""
        self._queues[queue.queue_manager_id] = queue
        if self._stopping.is_set():
            queue.shutdown.set()
        try:
            await queue.run(
                batch_size=BATCH,
                max_concurrent_tasks=CONCURRENT_JOBS,
                dequeue_timeout=LONGEST_WAIT,
                heartbeat_timeout=HEARTBEAT_TIMEOUT,
            )
        except Exception as error:
            self._outages.failed(EngineUnavailable("PostgreSQL") if connection.lost else error)
        finally:
            del self._queues[queue.queue_manager_id]
            connection.over.set()
        while not self._stopping.is_set():
            try:
                await self._let_go(queue)
                return
            except Exception as error:
                self._outages.failed(error)
                await self._pause(RECONNECT_SECONDS)

    async def _let_go(self, queue: QueueManager) -> None:
        async with UnitOfWork(self.runtime, system_actor(None)) as uow:
            with self.runtime.postgres.faults_translated():
                await uow.execute(_LET_GO, {"worker": queue.queue_manager_id})
                await uow.commit()

    async def _run_schedules(self) -> None:
        names = {h.name for h in self.handlers}
        expressions = {name: s.expression for name, s in SCHEDULES.items() if name in names}
        noted, outages = False, Outages("schedules")
        while not self._stopping.is_set():
            with outages.survived():
                if not noted:
                    await note_schedules(self.runtime, expressions)
                    noted = True
                await fire_due_schedules(self.runtime, expressions)
            await self._pause(SCHEDULE_POLL_SECONDS, self._clock_moved)
            self._clock_moved.clear()

    async def _measure(self) -> None:
        outages = Outages("the measuring of jobs")
        while not self._stopping.is_set():
            with outages.survived():
                await measure_queue(self.runtime)
            await self._pause(5.0)

    async def _pause(self, seconds: float, wake: asyncio.Event | None = None) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (self._stopping, wake) if event is not None]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()


class JobExecutor(AbstractEntrypointExecutor):
    """How pgqueuer calls one of our handlers."""

    runtime: Runtime
    handler: Handler
    queue: QueueManager

    @classmethod
    def of(cls, runtime: Runtime, handler: Handler, queue: QueueManager) -> "JobExecutor":
        executor = cls(EntrypointExecutorParameters(handler.concurrency, _never_called, on_failure="hold"))
        executor.runtime, executor.handler, executor.queue = runtime, handler, queue
        return executor

    async def execute(self, job: Job, _: Context) -> None:
        headers = {key: str(value) for key, value in (job.headers or {}).items()}
        started = time.perf_counter()
        outcome = "failed"
        with (
            telemetry.bound(request_id=headers.get("requestId"), tenant=headers.get("tenantId"), job=self.handler.name),
            telemetry.tracer.start_as_current_span(f"job {self.handler.name}", propagate.extract(headers)),
        ):
            try:
                await self._run(job, headers)
                outcome = "done"
            except JobLost as error:
                # Returning would let the queue delete a row that is not ours; a retry leaves it to a next turn.
                outcome = "lost"
                raise RetryRequested(retry_delay(job.attempts), repr(error)) from error
            except Exception as error:
                if job.attempts + 1 >= self.handler.max_attempts:
                    log.error("job failed for good", attempts=job.attempts + 1, exc_info=error)
                    raise
                outcome = "retried"
                log.warning("job failed, will be retried", attempt=job.attempts + 1, error=repr(error))
                raise RetryRequested(retry_delay(job.attempts), repr(error)) from error
            finally:
                journal.note("job", outcome=outcome, attempt=job.attempts + 1)
                telemetry.JOBS.labels(self.handler.name, outcome).inc()
                telemetry.JOB_SECONDS.labels(self.handler.name).observe(time.perf_counter() - started)

    async def _run(self, job: Job, headers: dict[str, str]) -> None:
        tenant_id = UUID(headers["tenantId"]) if "tenantId" in headers else None
        running = RunningJob(int(job.id), job.attempts, UUID(headers["eventId"]), headers.get("requestId", ""))
        await self.runtime.catch_up_clock()
        async with UnitOfWork(self.runtime, system_actor(tenant_id), job=running) as uow:
            with self.runtime.postgres.faults_translated():
                async with self.runtime.postgres.watched():
                    await self.handler.run(uow, job.payload or b"")
                    if uow.wrote:
                        await self._take(uow, job)
                        await uow.commit()

    async def _take(self, uow: UnitOfWork, job: Job) -> None:
        taken = await uow.execute(_TAKE_JOB, {"id": int(job.id), "worker": self.queue.queue_manager_id})
        if taken.first() is None:
            raise JobLost


async def _never_called(_: Job) -> None:
    raise AssertionError("JobExecutor.execute runs the handler")


def retry_delay(attempt: int) -> timedelta:
    """1 s, 2 s, 4 s … at most 10 minutes, ±20 % so that failures of one cause do not return together."""
    seconds = min(FIRST_RETRY_SECONDS * 2**attempt, LONGEST_RETRY_SECONDS)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - no secret


def next_occasion(expression: str, after: datetime) -> datetime:
    """The first moment after `after` that the cron expression names."""
    following: datetime = croniter(expression, after).get_next(datetime)  # type: ignore[no-untyped-call]
    return following


async def note_schedules(runtime: Runtime, expressions: dict[str, str]) -> None:
    """Note the first occasion of every schedule that is new, or whose expression has changed."""
    now = runtime.clock.now()
    occasions = [
        {"name": name, "expression": expression, "next": next_occasion(expression, now)}
        for name, expression in expressions.items()
    ]
    async with UnitOfWork(runtime, system_actor(None)) as uow:
        with runtime.postgres.faults_translated():
            if occasions:
                await uow.execute(_ADD_SCHEDULE, occasions)
        await uow.commit()


async def fire_due_schedules(runtime: Runtime, expressions: dict[str, str]) -> None:
    """Enqueue every schedule that is due and note its next occasion; missed occasions are made up for once."""
    now = runtime.clock.now()
    async with UnitOfWork(runtime, system_actor(None)) as uow:
        with runtime.postgres.faults_translated():
            due = await uow.execute(_DUE_SCHEDULES, {"now": now, "names": list(expressions)})
            for name in due.scalars().all():
                following = next_occasion(expressions[name], now)
                await uow.execute(_MOVE_SCHEDULE, {"name": name, "next": following})
                uow.enqueue_scheduled(name)
        await uow.commit()


_ADD_SCHEDULE = text(
    """INSERT INTO kernel.schedules (name, expression, next_run_at) VALUES (:name, :expression, :next)
       ON CONFLICT (name) DO UPDATE SET expression = EXCLUDED.expression, next_run_at = EXCLUDED.next_run_at
       WHERE kernel.schedules.expression <> EXCLUDED.expression"""
)
_DUE_SCHEDULES = text(
    "SELECT name FROM kernel.schedules WHERE name = ANY(:names) AND next_run_at <= :now FOR UPDATE SKIP LOCKED"
)
_MOVE_SCHEDULE = text("UPDATE kernel.schedules SET next_run_at = :next WHERE name = :name")


async def measure_queue(runtime: Runtime) -> None:
    """Refresh the gauges of depth and age."""
    with runtime.postgres.faults_translated():
        async with runtime.postgres.engine.connect() as connection:
            counts = await connection.execute(
                text("SELECT entrypoint, status::text, count(*) FROM kernel.pgqueuer GROUP BY 1, 2")
            )
            oldest = await connection.scalar(
                text(
                    """SELECT extract(epoch FROM now() - min(execute_after)) FROM kernel.pgqueuer
                        WHERE status = 'queued' AND execute_after <= now()"""
                )
            )
            telemetry.JOBS_WAITING.clear()
            for handler, status, count in counts:
                telemetry.JOBS_WAITING.labels(handler, status).set(count)
    telemetry.JOBS_OLDEST_SECONDS.set(float(oldest or 0))
