"""From the queue into ClickHouse: takes batches, inserts them, and is sure of each before the queue forgets it.

Every insert carries its batch's name as deduplication token, so a batch that is inserted again (after a crash, a lost
answer) is stored once, even while the first insert still runs. What was inserted again is counted, and lines that a
crash of ClickHouse swallowed after it noted the token are inserted alone. A batch that ClickHouse refuses is tried
request by request; those it refuses for good become dead letters.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from prometheus_client import Counter, Gauge, Histogram

from septet.kernel.background import beside
from septet.kernel.errors import EngineUnavailable, Problem, StorageFull
from septet.kernel.outages import Outages
from septet.kernel.runtime import Runtime
from septet.kernel.telemetry import log
from septet.services.logs import derivation
from septet.services.logs.queue import Batch, Entry, LogQueue
from septet.services.logs.rows import request_row
from septet.services.logs.settings import LogsSettings
from septet.services.logs.tail import announce

GATHER_SECONDS = 0.05
REST, LONGEST_REST_SECONDS = 3, 0.5
RETRY_SECONDS = 1.0
TAKE_OVER_SECONDS = 1.0
MEASURE_SECONDS = 5.0

STORED = Counter("septet_logs_stored_lines_total", "Lines stored in ClickHouse")
STORED_BYTES = Counter("septet_logs_stored_bytes_total", "Bytes of lines stored in ClickHouse")
BATCH_SECONDS = Histogram("septet_logs_batch_seconds", "Time to store one batch")
BATCH_FAILURES = Counter("septet_logs_batch_failures_total", "Batches that were not stored at the first try")
DEAD_LETTERS = Counter("septet_logs_dead_letters_total", "Requests that ClickHouse refused for good")
QUEUE_REQUESTS = Gauge("septet_logs_queue_requests", "Requests that wait for storage")
QUEUE_BYTES = Gauge("septet_logs_queue_bytes", "Bytes that wait for storage, decompressed")
QUEUE_SECONDS = Gauge("septet_logs_queue_oldest_seconds", "Age of the oldest request that waits")

_STORED_LINES = "SELECT request, count() AS lines FROM logs WHERE request IN ({requests:Array(UUID)}) GROUP BY request"


@asynccontextmanager
async def processing(runtime: Runtime) -> AsyncIterator[None]:
    """Run this process's processors for as long as the block lasts."""
    processor = Processor(runtime)
    count = runtime.service_settings(LogsSettings).processors
    work = [processor.store_for_ever() for _ in range(count)]
    if work:
        work += [processor.recover_for_ever(), processor.measure_for_ever()]
    async with beside(*work):
        yield


class Processor:
    """Several may run, in one process or many: a batch belongs to one at a time."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._queue = LogQueue(runtime)
        self._queue_outages = Outages("the queue of logs")
        self._outages = Outages("the storing of logs")
        self._rests_until = 0.0

    async def store_for_ever(self) -> None:
        """Store what comes in."""
        while True:
            await asyncio.sleep(self._rests_until - time.monotonic())
            with self._queue_outages.survived():
                if batch := await self._queue.seal():
                    began = time.monotonic()
                    if not await self.store(batch):
                        await self._clickhouse_answers()
                    elif not self._queue.is_full(batch):
                        self._rest(time.monotonic() - began)
                    continue
                await self._queue.wait()
            await asyncio.sleep(GATHER_SECONDS)  # what comes together is stored together

    def _rest(self, stored_for: float) -> None:
        """Let lines gather. The smallest insert costs ClickHouse 50 ms of a core: one after another took all of it."""
        self._rests_until = time.monotonic() + min(REST * stored_for, LONGEST_REST_SECONDS)

    async def _clickhouse_answers(self) -> None:
        """Wait for it. What comes meanwhile then makes few large batches: each of many small ones costs an insert."""
        answers = False
        while not answers:
            await asyncio.sleep(RETRY_SECONDS)
            with contextlib.suppress(EngineUnavailable):
                await self._runtime.clickhouse.ping()
                answers = True

    async def recover_for_ever(self) -> None:
        """Store what other processors left behind, and what was postponed."""
        while True:
            with self._queue_outages.survived():
                if batch := await self._queue.take_over():
                    await self.store(batch)
                    continue
            await asyncio.sleep(TAKE_OVER_SECONDS)

    async def measure_for_ever(self) -> None:
        """Keep the queue's gauges up to date."""
        while True:
            with contextlib.suppress(Problem):
                depth = await self._queue.depth()
                QUEUE_REQUESTS.set(depth.requests)
                QUEUE_BYTES.set(depth.bytes)
                now = self._runtime.clock.unix_ms() / 1000 - self._runtime.clock.offset_seconds
                QUEUE_SECONDS.set(now - depth.oldest_ms / 1000 if depth.oldest_ms else 0)
            await asyncio.sleep(MEASURE_SECONDS)

    async def store(self, batch: Batch) -> bool:
        """Store a batch and let the queue forget it, or have it tried again; whether it is stored."""
        try:
            with BATCH_SECONDS.time():
                faults = await self.insert(batch)
        except Exception as error:
            BATCH_FAILURES.inc()
            self._outages.failed(error, batch=batch.name)
            await self._queue.postpone(batch, RETRY_SECONDS)
            return False
        self._outages.succeeded()
        await self._queue.finish(batch, faults)
        await announce(self._runtime, [(e.tenant, e.request) for e in batch.entries if e.id not in faults])
        _count(entry for entry in batch.entries if entry.id not in faults)
        DEAD_LETTERS.inc(len(faults))
        return True

    async def insert(self, batch: Batch) -> dict[str, str]:
        """Insert a batch; returns the faults of entries (by id) that are refused for good, whose lines are not stored.

        Raises EngineUnavailable, StorageFull: then nothing is decided yet.
        """
        try:
            await self._insert_whole(batch)
        except (EngineUnavailable, StorageFull):
            raise
        except Exception as error:
            log.warning("ClickHouse refuses a batch of logs, trying each request", error=str(error)[:500])
            return await self._insert_missing(batch, batch.entries)
        if batch.attempt > 0:
            return await self._insert_missing(batch, await self._incomplete(batch))
        return {}

    async def _insert_whole(self, batch: Batch) -> None:
        """One insert for each kind of line and each set of masks, always the same ones for the same batch."""
        groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in filter(_has_lines, batch.entries):
            groups[entry.kind, entry.policy.masks_as_text].append(entry)
        for number, (_, members) in enumerate(sorted(groups.items())):
            await self._send(_statement(members[0]), members, f"{batch.name}:{number}")

    async def _incomplete(self, batch: Batch) -> list[Entry]:
        """The entries of which fewer lines are stored than they have."""
        rows = await self._runtime.clickhouse.query(_STORED_LINES, {"requests": [e.request for e in batch.entries]})
        stored = {row["request"]: row["lines"] for row in rows}
        return [entry for entry in batch.entries if stored.get(entry.request, 0) < entry.lines]

    async def _insert_missing(self, batch: Batch, entries: list[Entry]) -> dict[str, str]:
        """Insert the lines of each request that are not stored; returns the faults of those refused."""
        faults = {}
        for entry in entries:
            statement = derivation.missing_only(_statement(entry), entry.request)
            try:
                await self._send(statement, [entry], f"{batch.name}:{batch.attempt}:{entry.id}")
            except (EngineUnavailable, StorageFull):
                raise
            except Exception as error:
                log.exception("a request's logs became a dead letter", tenant=str(entry.tenant))
                faults[entry.id] = str(error)[:2000]
        return faults

    async def _send(self, statement: str, entries: list[Entry], token: str) -> None:
        rows = await asyncio.to_thread(_rows, entries)
        await self._runtime.clickhouse.insert_bytes(
            statement, rows, "RowBinary", token=token, settings=derivation.SETTINGS
        )


def _has_lines(entry: Entry) -> bool:
    """A request all of whose lines were rejected may be queued for its idempotency key alone."""
    return entry.lines > 0


def _statement(entry: Entry) -> str:
    return derivation.insert(entry.kind, entry.policy.masks)


def _rows(entries: Iterable[Entry]) -> bytes:
    return b"".join(map(request_row, entries))


def _count(entries: Iterable[Entry]) -> None:
    for entry in entries:
        STORED.inc(entry.lines)
        STORED_BYTES.inc(entry.size)
