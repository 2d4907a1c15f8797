"""Schedules: each occasion runs once, however many workers there are; missed ones are made up for once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from tests.platform import Platform

from septet.app import make_runtime
from septet.kernel.background import end
from septet.kernel.jobs import handler_name, schedule
from septet.kernel.uow import UnitOfWork
from septet.kernel.worker import Worker, fire_due_schedules, next_occasion

YEARLY = "0 0 1 1 *"
TOGETHER_SECONDS = 0.3
_rung: list[tuple[str, datetime]] = []


@schedule(YEARLY)
async def ring(uow: UnitOfWork) -> None:
    _rung.append((uow.runtime.postgres.url, uow.now))


RING = {handler_name(ring): YEARLY}


def rung(platform: Platform) -> list[datetime]:
    return [at for url, at in _rung if url == platform.runtime.postgres.url]


@asynccontextmanager
async def another_worker(platform: Platform) -> AsyncIterator[None]:
    async with make_runtime(platform.runtime.settings).open() as runtime:
        worker = Worker(runtime, {"tests"})
        task = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            worker.stop()
            await asyncio.wait({task}, timeout=5)
            await end(task)


async def noted(platform: Platform) -> datetime | None:
    """The schedule's next occasion, once a worker has noted it."""
    async with platform.runtime.postgres.engine.connect() as connection:
        statement = text("SELECT next_run_at FROM kernel.schedules WHERE name = :name")
        found: datetime | None = await connection.scalar(statement, {"name": handler_name(ring)})
        return found


async def next_noted(platform: Platform, after: datetime) -> datetime:
    async with asyncio.timeout(10):
        while (found := await noted(platform)) is None or found <= after:
            await asyncio.sleep(0.01)
    return found


async def test_two_workers_run_each_occasion_once(own_platform: Platform) -> None:
    clock = own_platform.runtime.clock
    async with another_worker(own_platform):
        for years in range(1, 4):
            occasion = await next_noted(own_platform, clock.now())
            await own_platform.advance((occasion - clock.now()).total_seconds() + 1)
            await next_noted(own_platform, clock.now())
            await own_platform.jobs_done()
            assert len(rung(own_platform)) == years
            assert rung(own_platform)[-1] >= occasion


async def test_missed_occasions_are_made_up_for_once(own_platform: Platform) -> None:
    clock = own_platform.runtime.clock
    await next_noted(own_platform, clock.now())
    await own_platform.advance(timedelta(days=5 * 366).total_seconds())
    following = await next_noted(own_platform, clock.now())
    await own_platform.jobs_done()
    assert len(rung(own_platform)) == 1
    assert following == next_occasion(YEARLY, clock.now()).astimezone(UTC)


async def test_workers_that_look_at_the_same_moment_enqueue_one_job(
    own_platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody commits before all have looked: only the row's lock keeps them from enqueueing it four times."""
    runtime, looked, enqueued = own_platform.runtime, asyncio.Barrier(4), []
    occasion = await next_noted(own_platform, runtime.clock.now())
    own_platform.worker.stop()
    runtime.clock.move_to((occasion - runtime.clock.now()).total_seconds() + 1)
    commit, enqueue = UnitOfWork.commit, UnitOfWork.enqueue_scheduled

    async def commit_together(uow: UnitOfWork) -> None:
        if uow.runtime is runtime:  # other tests' platforms go on in this process
            with suppress(TimeoutError, asyncio.BrokenBarrierError):
                await asyncio.wait_for(looked.wait(), TOGETHER_SECONDS)
        await commit(uow)

    def noted(uow: UnitOfWork, name: str) -> None:
        if uow.runtime is runtime:
            enqueued.append(name)
        else:
            enqueue(uow, name)

    monkeypatch.setattr(UnitOfWork, "commit", commit_together)
    monkeypatch.setattr(UnitOfWork, "enqueue_scheduled", noted)
    await asyncio.gather(*(fire_due_schedules(runtime, RING) for _ in range(4)))
    assert enqueued == [handler_name(ring)]
