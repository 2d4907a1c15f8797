"""Jobs a second: a worker of its own on the load's core takes trivial jobs from PostgreSQL on the other.

Each round fills the queue first and then measures how long the worker takes to empty it. The two kinds differ in what
they cost: jobs that change nothing are marked done many at a time, a job that writes a row commits with it.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import uvloop
from sqlalchemy import text

from benchmarks.cases import Case, Round, Suite
from benchmarks.installation import Installation
from septet.app import make_runtime
from septet.kernel.config import Settings
from septet.kernel.identity import system_actor
from septet.kernel.jobs import job
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.kernel.worker import Worker
from septet.supervisor.engines import engines_of_running

JOBS_A_TRANSACTION = 500
JOBS_A_SECOND = 2_000  # how full the queue is made for each second of a round


@dataclass(frozen=True)
class Trivial:
    """A job's payload: its number."""

    number: int


@job()
async def pass_by(_: UnitOfWork, __: Trivial) -> None:
    """Change nothing."""


@job()
async def write_row(uow: UnitOfWork, row: Trivial) -> None:
    await uow.execute(_ROW, {"name": f"benchmark {row.number}"})


_ROW = text("INSERT INTO kernel.schedules (name, expression, next_run_at) VALUES (:name, '0 0 1 1 *', 'infinity')")
_WAITING = text("SELECT EXISTS (SELECT FROM kernel.pgqueuer)")
_numbers = itertools.count()
TrivialJob = Callable[[UnitOfWork, Trivial], Awaitable[None]]


def prepare(septet: Installation) -> Sequence[Case]:
    settings = engines_of_running(Settings(data_dir=septet.data_dir))
    return [
        Case("a job that changes nothing", "jobs/s", emptying(settings, pass_by)),
        Case("a job that writes a row, exactly once", "jobs/s", emptying(settings, write_row)),
    ]


def emptying(settings: Settings, handler: TrivialJob) -> Callable[[float], Round]:
    """The `measure` of a case: how fast a full queue is emptied."""
    return lambda seconds: uvloop.run(_round(settings, handler, int(seconds * JOBS_A_SECOND)))


async def _round(settings: Settings, handler: TrivialJob, jobs: int) -> Round:
    async with make_runtime(settings).open() as runtime:
        await _fill(runtime, handler, jobs)
        worker = Worker(runtime, {"benchmarks"})
        started = time.perf_counter()
        working = asyncio.create_task(worker.run())
        await _emptied(runtime)
        passed = time.perf_counter() - started
        worker.stop()
        await working
    return Round(jobs / passed)


async def _fill(runtime: Runtime, handler: TrivialJob, jobs: int) -> None:
    for first in range(0, jobs, JOBS_A_TRANSACTION):
        async with UnitOfWork(runtime, system_actor(None)) as uow:
            for _ in range(first, min(first + JOBS_A_TRANSACTION, jobs)):
                uow.enqueue(handler, Trivial(next(_numbers)))
            await uow.commit()


async def _emptied(runtime: Runtime) -> None:
    async with runtime.postgres.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while await connection.scalar(_WAITING):  # noqa: ASYNC110 - the queue tells nobody that it is empty
            await asyncio.sleep(0.02)


SUITE = Suite("Jobs", prepare)
