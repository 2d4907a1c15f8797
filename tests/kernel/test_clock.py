"""Jobs and the clock: a job is never run before its time, nor by a clock that says so."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from tests.platform import Platform

from septet.app import make_runtime
from septet.kernel.clock import OFFSET_CHANNEL
from septet.kernel.identity import system_actor
from septet.kernel.jobs import job
from septet.kernel.uow import UnitOfWork

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Appointment:
    name: str


_kept: dict[str, datetime] = {}


@job()
async def keep(uow: UnitOfWork, appointment: Appointment) -> None:
    _kept[appointment.name] = uow.now


async def kept(name: str) -> datetime:
    async with asyncio.timeout(10):
        while name not in _kept:
            await asyncio.sleep(0.01)
    return _kept.pop(name)


async def test_a_long_transaction_brings_no_job_forward(platform: Platform) -> None:
    """PostgreSQL counts from the transaction's begin, an action from the moment in which it speaks."""
    async with UnitOfWork(platform.runtime, system_actor(None)) as uow:
        await uow.execute(text("SELECT pg_sleep(0.5)"))
        due = uow.now + timedelta(seconds=0.4)
        uow.enqueue(keep, Appointment("long"), at=due)
        await uow.commit()
    assert await kept("long") >= due


async def test_a_process_that_did_not_hear_of_the_clock_runs_no_job_in_the_past(own_platform: Platform) -> None:
    """Whom the announcement reaches late, or never: the job that it made due is there all the same."""
    runtime = own_platform.runtime
    runtime.broadcast._callbacks.pop(OFFSET_CHANNEL.encode())
    async with UnitOfWork(runtime, system_actor(None)) as uow:
        due = uow.now + DAY
        uow.enqueue(keep, Appointment("unheard"), at=due)
        await uow.commit()
    async with make_runtime(runtime.settings).open() as other:
        await other.advance_clock(DAY.total_seconds())
    assert await kept("unheard") >= due


async def test_one_move_of_the_clock_makes_due_what_is_due_and_nothing_else(own_platform: Platform) -> None:
    """In no promised order, as after a worker was away; but none of them sees a time before its own."""
    async with UnitOfWork(own_platform.runtime, system_actor(None)) as uow:
        due = {f"in {days} days": uow.now + days * DAY for days in (30, 3, 1, 2)}
        for name, at in due.items():
            uow.enqueue(keep, Appointment(name), at=at)
        await uow.commit()
    await own_platform.advance(3 * DAY.total_seconds())
    assert _kept.keys() & due.keys() == {"in 1 days", "in 2 days", "in 3 days"}
    await own_platform.advance(27 * DAY.total_seconds())
    assert all([await kept(name) >= at for name, at in due.items()])
