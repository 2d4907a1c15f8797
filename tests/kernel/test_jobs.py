"""Jobs and events: they commit with their cause, happen once in PostgreSQL, are retried, and die visibly."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from tests.engines_of_run import owner_url
from tests.platform import Platform
from tests.sql import run_sql

from septet.kernel import worker as worker_module
from septet.kernel.errors import EngineUnavailable
from septet.kernel.events import event, on
from septet.kernel.identity import system_actor
from septet.kernel.jobs import dead_letters, job, retry_dead_letters
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.kernel.worker import FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS, JobExecutor, Worker, retry_delay


@dataclass(frozen=True)
class Errand:
    """Something slow outside, without effects here."""

    name: str


@dataclass(frozen=True)
class Note:
    """A row to write; the first `failures` attempts fail after writing it."""

    name: str
    failures: int = 0


@event("tests.noted")
class Noted:
    tenant_id: UUID
    name: str


_failed: dict[str, int] = {}


@job(max_attempts=3)
async def write_note(uow: UnitOfWork, note: Note) -> None:
    await uow.execute(text("INSERT INTO kernel.notes (name) VALUES (:name)"), {"name": note.name})
    if _failed.setdefault(note.name, 0) < note.failures:
        _failed[note.name] += 1
        raise RuntimeError("this attempt fails after it wrote")


_errands: list[str] = []
_errands_may_end = asyncio.Event()


@job()
async def run_errand(uow: UnitOfWork, errand: Errand) -> None:
    _errands.append(errand.name)
    await _errands_may_end.wait()


@on(Noted)
async def note_first(uow: UnitOfWork, event: Noted) -> None:
    await uow.execute(text("INSERT INTO kernel.notes (name) VALUES (:name)"), {"name": f"first {event.name}"})


@on(Noted)
async def note_second(uow: UnitOfWork, event: Noted) -> None:
    await uow.execute(text("INSERT INTO kernel.notes (name) VALUES (:name)"), {"name": f"second {event.name}"})


@pytest.fixture
async def notes(own_platform: Platform) -> Platform:
    """A platform with a table for what the handlers above write."""
    await run_sql(owner_url(own_platform.runtime.postgres.url), "CREATE TABLE kernel.notes (name text)")
    return own_platform


async def written(platform: Platform, name: str) -> int:
    async with platform.runtime.postgres.engine.connect() as connection:
        statement = text("SELECT count(*) FROM kernel.notes WHERE name = :name")
        return int(await connection.scalar(statement, {"name": name}) or 0)


def unit_of_work(platform: Platform) -> UnitOfWork:
    return UnitOfWork(platform.runtime, system_actor(uuid4()))


async def test_job_runs_after_commit(notes: Platform) -> None:
    async with unit_of_work(notes) as uow:
        uow.enqueue(write_note, Note("committed"))
        await uow.commit()
    await notes.jobs_done()
    assert await written(notes, "committed") == 1


async def test_rolled_back_work_leaves_no_job(notes: Platform) -> None:
    async with unit_of_work(notes) as uow:
        uow.enqueue(write_note, Note("rolled back"))
        uow.emit(Noted(uow.tenant_id, "rolled back"))
    await notes.jobs_done()
    assert await written(notes, "rolled back") == await written(notes, "first rolled back") == 0


async def test_event_becomes_one_job_a_subscriber(notes: Platform) -> None:
    async with unit_of_work(notes) as uow:
        uow.emit(Noted(uow.tenant_id, "event"))
        await uow.commit()
    await notes.jobs_done()
    assert await written(notes, "first event") == await written(notes, "second event") == 1


async def test_event_is_no_job_for_webhooks_where_nobody_listens(notes: Platform) -> None:
    async with unit_of_work(notes) as uow:
        uow.emit(Noted(uow.tenant_id, "unheard"))
        await uow.commit()
    await notes.jobs_done()
    assert await written(notes, "first unheard") == 1
    async with notes.runtime.postgres.engine.connect() as connection:
        seen = set(await connection.scalars(text("SELECT DISTINCT entrypoint FROM kernel.pgqueuer_log")))
    assert "tests.kernel.test_jobs.note_first" in seen
    assert "notifications.send_event_to_webhooks" not in seen


async def test_failed_attempt_leaves_nothing_and_is_retried(notes: Platform) -> None:
    async with unit_of_work(notes) as uow:
        uow.enqueue(write_note, Note("retried", failures=1))
        await uow.commit()
    await notes.jobs_done()
    assert await written(notes, "retried") == 0
    await notes.advance(2 * FIRST_RETRY_SECONDS)
    assert await written(notes, "retried") == 1


async def test_job_that_always_fails_is_kept_and_can_be_retried(notes: Platform) -> None:
    async with unit_of_work(notes) as uow:
        uow.enqueue(write_note, Note("hopeless", failures=3))
        await uow.commit()
    await notes.jobs_done()
    await notes.advance(LONGEST_RETRY_SECONDS)
    with pytest.raises(AssertionError, match="failed for good"):
        await notes.advance(LONGEST_RETRY_SECONDS)
    async with notes.runtime.postgres.dedicated_connection() as connection:
        (letter,) = await dead_letters(connection)
        assert letter.handler == "tests.kernel.test_jobs.write_note"
        assert "this attempt fails" in letter.error
        await retry_dead_letters(connection, [letter.id])
    await notes.jobs_done()
    assert await written(notes, "hopeless") == 1


async def test_delayed_job_waits_for_the_clock(notes: Platform) -> None:
    async with unit_of_work(notes) as uow:
        uow.enqueue(write_note, Note("later"), at=uow.now + timedelta(days=3))
        await uow.commit()
    await notes.advance(2 * 86400)
    assert await written(notes, "later") == 0
    await notes.advance(86400)
    assert await written(notes, "later") == 1


async def test_waiting_job_with_the_same_key_is_not_doubled(notes: Platform) -> None:
    async with unit_of_work(notes) as uow:
        for _ in range(2):
            uow.enqueue(write_note, Note("once"), at=uow.now + timedelta(hours=1), dedupe_key="once")
        await uow.commit()
    await notes.advance(3600)
    assert await written(notes, "once") == 1


async def test_effects_of_a_worker_that_lost_the_job_are_rolled_back(
    notes: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker takes the job over while the handler runs: only one of the two may leave its row."""
    take = JobExecutor._take
    stolen = asyncio.Event()

    async def take_too_late(self: JobExecutor, uow: UnitOfWork, job_taken: object) -> None:
        if not stolen.is_set():
            stolen.set()
            async with notes.runtime.postgres.engine.begin() as connection:
                await connection.execute(
                    text(
                        "UPDATE kernel.pgqueuer SET status = 'queued', queue_manager_id = NULL WHERE status = 'picked'"
                    )
                )
        await take(self, uow, job_taken)  # type: ignore[arg-type]

    monkeypatch.setattr(JobExecutor, "_take", take_too_late)
    async with unit_of_work(notes) as uow:
        uow.enqueue(write_note, Note("stolen"))
        await uow.commit()
    await asyncio.wait_for(stolen.wait(), 10)
    await notes.jobs_done()
    await notes.advance(2 * FIRST_RETRY_SECONDS)
    assert await written(notes, "stolen") == 1


async def test_a_worker_outlives_what_it_only_measures(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = asyncio.Event()

    async def fail(_: Runtime) -> None:
        measured.set()
        raise LookupError("a defect, or a driver's error that nobody knew")

    monkeypatch.setattr(worker_module, "measure_queue", fail)
    worker = Worker(platform.runtime, set())
    running = asyncio.create_task(worker.run())
    await measured.wait()
    done, _ = await asyncio.wait({running}, timeout=0.2)
    worker.stop()
    await asyncio.wait_for(running, 5)
    assert not done


def test_retry_delays_grow_to_ten_minutes() -> None:
    delays = [retry_delay(attempt).total_seconds() for attempt in range(20)]
    assert FIRST_RETRY_SECONDS * 0.8 <= delays[0] <= FIRST_RETRY_SECONDS * 1.2
    assert LONGEST_RETRY_SECONDS * 0.8 <= delays[-1] <= LONGEST_RETRY_SECONDS * 1.2


async def test_a_slow_job_does_not_hold_up_others_when_connections_are_lost(notes: Platform) -> None:
    """The queue that lost its connection waits for its job; another one runs the rest, and then what was let go."""
    _errands.clear()
    _errands_may_end.clear()
    async with unit_of_work(notes) as uow:
        uow.enqueue(run_errand, Errand("slow"))
        await uow.commit()
    async with asyncio.timeout(10):
        while not _errands:
            await asyncio.sleep(0.01)
    await run_sql(notes.runtime.postgres.url, _END_CONNECTIONS)
    async with asyncio.timeout(10):
        while not await committed_after_outage(notes):
            await asyncio.sleep(0.05)
        while not await written(notes, "meanwhile"):
            await asyncio.sleep(0.05)
    _errands_may_end.set()
    await notes.jobs_done()
    assert set(_errands) == {"slow"}


_END_CONNECTIONS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                      WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"""


async def committed_after_outage(platform: Platform) -> bool:
    try:
        async with unit_of_work(platform) as uow:
            with platform.runtime.postgres.faults_translated():
                uow.enqueue(write_note, Note("meanwhile"))
                await uow.commit()
    except EngineUnavailable:
        return False
    return True
