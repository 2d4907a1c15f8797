"""What is in the queue is stored exactly once, whatever happens to the processor, the batch or ClickHouse meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.conftest import fresh_settings

from septet.app import make_runtime
from septet.kernel.background import beside
from septet.kernel.clickhouse import ClickHouse
from septet.kernel.errors import EngineUnavailable
from septet.kernel.runtime import Runtime
from septet.services.logs.errors import QueueFull
from septet.services.logs.ingest import Ingest
from septet.services.logs.intake import read_text
from septet.services.logs.processor import Processor
from septet.services.logs.queue import Batch, LogQueue
from septet.services.logs.settings import LogsSettings

TENANT = uuid4()


@pytest.fixture
async def runtime(tmp_path: Path, worker_id: str) -> AsyncIterator[Runtime]:
    """A process in which no processor runs but those of the test."""
    async with fresh_settings(tmp_path, f"logs_{worker_id}") as settings, make_runtime(settings).open() as runtime:
        yield runtime


async def put(runtime: Runtime, text: str, tenant: UUID = TENANT) -> None:
    await Ingest.of(runtime).accept(tenant, read_text(text.encode(), 1000), "s", protocol="test")


async def sealed(queue: LogQueue) -> Batch:
    batch = await queue.seal()
    assert batch is not None
    return batch


async def taken_over(queue: LogQueue, batch: Batch) -> Batch:
    """The batch as another processor gets it, once its lease is over."""
    await queue.postpone(batch, 0)
    again = await queue.take_over()
    assert again is not None
    assert (again.name, [entry.id for entry in again.entries]) == (batch.name, [entry.id for entry in batch.entries])
    return again


async def messages(runtime: Runtime) -> list[str]:
    return [row["message"] for row in await runtime.clickhouse.query("SELECT message FROM logs ORDER BY message")]


async def test_an_idle_processor_waits_for_what_nobody_has_taken(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for what another one works on: that would be no waiting."""
    monkeypatch.setattr("septet.services.logs.queue.LONGEST_WAIT_MS", 60_000)
    queue = LogQueue(runtime)
    await put(runtime, "taken")
    await sealed(queue)
    waiting = asyncio.create_task(queue.wait())
    async with asyncio.timeout(10):
        while not await _blocked_clients(runtime):
            await asyncio.sleep(0.01)
        await put(runtime, "new")
        await waiting
        await queue.wait()
        assert len((await sealed(queue)).entries) == 1


async def _blocked_clients(runtime: Runtime) -> int:
    return int((await runtime.valkey.client.info("clients"))["blocked_clients"])


async def test_a_processor_that_dies_between_insert_and_finish_leaves_no_trace(runtime: Runtime) -> None:
    queue, processor = LogQueue(runtime), Processor(runtime)
    await put(runtime, "a\nb")
    await put(runtime, "c")
    batch = await sealed(queue)
    await processor.insert(batch)
    await processor.store(await taken_over(queue, batch))
    assert await messages(runtime) == ["a", "b", "c"]
    assert (await queue.depth()).requests == 0
    assert await queue.seal() is None
    assert await queue.take_over() is None


async def test_two_processors_with_one_batch_store_it_once(runtime: Runtime) -> None:
    queue, processor = LogQueue(runtime), Processor(runtime)
    await put(runtime, "\n".join(map(str, range(1000))))
    batch = await sealed(queue)
    again = await taken_over(queue, batch)
    await asyncio.gather(processor.store(batch), processor.store(again))
    assert len(await messages(runtime)) == 1000
    assert (await queue.depth()).bytes == 0


async def test_lines_that_a_crash_of_clickhouse_swallowed_are_inserted_alone(runtime: Runtime) -> None:
    queue, processor = LogQueue(runtime), Processor(runtime)
    await put(runtime, "a\nb\nc")
    await put(runtime, "d\ne")
    batch = await sealed(queue)
    await processor.insert(batch)
    await runtime.clickhouse.command("DELETE FROM logs WHERE message IN ('b', 'd', 'e')")  # the token stays noted
    await processor.store(await taken_over(queue, batch))
    assert await messages(runtime) == ["a", "b", "c", "d", "e"]


async def test_poison_becomes_a_dead_letter_and_its_neighbours_are_stored(runtime: Runtime) -> None:
    queue, processor = LogQueue(runtime), Processor(runtime)
    await put(runtime, "good")
    await put(runtime, "poison")
    await put(runtime, "also good")
    batch = await sealed(queue)
    entries = [batch.entries[0], replace(batch.entries[1], kind="text", body=b"garbage"), batch.entries[2]]
    await processor.store(replace(batch, entries=entries))
    assert await messages(runtime) == ["also good", "good"]
    (letter,) = await queue.dead_letters(TENANT, 10, None)
    assert letter.fault
    assert await queue.dead_letters(uuid4(), 10, None) == []
    assert not await queue.revive(uuid4(), letter.id)
    assert await queue.revive(TENANT, letter.id)
    await processor.store(await sealed(queue))
    assert await messages(runtime) == ["also good", "good", "poison"]
    assert await queue.dead_letters(TENANT, 10, None) == []


async def test_what_comes_during_an_outage_makes_one_batch(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealed one by one they would be stored one by one: hundreds of small batches took minutes afterwards."""
    monkeypatch.setattr("septet.services.logs.processor.RETRY_SECONDS", 0.01)
    clickhouse, asked = _Away(runtime.clickhouse), []
    monkeypatch.setattr(runtime, "clickhouse", clickhouse)
    processor = Processor(runtime)
    seal = processor._queue.seal

    async def counted() -> Batch | None:
        if batch := await seal():
            asked.append(len(batch.entries))
        return batch

    monkeypatch.setattr(processor._queue, "seal", counted)
    async with beside(processor.store_for_ever(), processor.recover_for_ever()), asyncio.timeout(20):
        await put(runtime, "first")
        for number in range(10):
            await clickhouse.asked_again()
            await put(runtime, f"later {number}")
        clickhouse.away = False
        while len(await messages(runtime)) < 11:
            await asyncio.sleep(0.02)
    assert asked == [1, 10]


@pytest.mark.parametrize(("requests", "rests"), [(1, True), (500, False)], ids=["small batches", "full batches"])
async def test_a_processor_rests_between_small_batches_alone(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, requests: int, rests: bool
) -> None:
    """However few lines it has, an insert costs ClickHouse 50 ms; one after another they took a whole core."""
    await put(runtime, "a line")
    processor = Processor(runtime)
    entries = (await sealed(processor._queue)).entries
    stored_for: list[float] = []

    async def sealed_again() -> Batch:
        return Batch("again", 0, entries * requests)

    async def store(_: Batch) -> bool:
        began = time.monotonic()
        await asyncio.sleep(0.05)
        stored_for.append(time.monotonic() - began)
        return True

    monkeypatch.setattr(processor._queue, "seal", sealed_again)
    monkeypatch.setattr(processor, "store", store)
    began = time.monotonic()
    async with beside(processor.store_for_ever()):
        while len(stored_for) < 5:
            await asyncio.sleep(0.01)
    share = sum(stored_for) / (time.monotonic() - began)
    assert share < 0.5 if rests else share > 0.5


class _Away:
    """A ClickHouse that is away for who writes to it, until `away` is set to False."""

    def __init__(self, real: ClickHouse) -> None:
        self._real = real
        self._pinged = asyncio.Event()
        self.away = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def insert_bytes(self, *arguments: Any, **more: Any) -> None:
        if self.away:
            raise EngineUnavailable("ClickHouse")
        await self._real.insert_bytes(*arguments, **more)

    async def ping(self) -> None:
        self._pinged.set()
        if self.away:
            raise EngineUnavailable("ClickHouse")
        await self._real.ping()

    async def asked_again(self) -> None:
        self._pinged.clear()
        await self._pinged.wait()


async def test_a_full_queue_says_which_setting_and_when_to_return(runtime: Runtime) -> None:
    settings = LogsSettings(queue_bytes=3000, queue_bytes_per_tenant=2000)
    runtime._service_settings[LogsSettings] = settings
    Ingest.of(runtime).queue._settings = settings
    await put(runtime, "x" * 900)
    await put(runtime, "x" * 900)
    with pytest.raises(QueueFull, match="SEPTET_LOGS_QUEUE_BYTES_PER_TENANT") as full:
        await put(runtime, "x" * 900)
    assert int(full.value.headers["Retry-After"]) > 0
    await put(runtime, "x" * 900, uuid4())
    with pytest.raises(QueueFull, match="SEPTET_LOGS_QUEUE_BYTES allows"):
        await put(runtime, "x" * 900, uuid4())
    await Processor(runtime).store(await sealed(LogQueue(runtime)))
    await put(runtime, "there is room again")


async def test_a_batch_ends_at_its_limit(runtime: Runtime) -> None:
    runtime._service_settings[LogsSettings] = LogsSettings(batch_bytes=2000, batch_requests=3)
    queue = LogQueue(runtime)
    for size in (900, 900, 900, 10, 10, 10, 10):
        await put(runtime, "x" * size)
    sizes = []
    while batch := await queue.seal():
        sizes.append(len(batch.entries))
    assert sizes == [3, 3, 1]
