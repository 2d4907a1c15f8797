"""Logs: lines over HTTP until they are durable in ClickHouse, beside the same rows inserted raw and beside PostgreSQL.

Lines are made here: 12 batches of 5,000 of each form, sent over and over, so the ratio on disk flatters; of lines that
never repeat it is several times higher. BENCH_LOGS_ROWS says how many rows there are when queries are measured (default
1,000,000), while ingest goes on at up to 37,500 rows/s.
"""

import asyncio
import http.client
import json
import os
import random
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

import asyncpg
from clickhouse_connect import get_client

from benchmarks.cases import Case, Round, Suite
from benchmarks.installation import Installation
from septet.supervisor.directory import Running

ROWS = int(os.environ.get("BENCH_LOGS_ROWS", "1000000"))
BATCH = 5000
SENDERS = 3
WORDS = [
    "payment",
    "order",
    "customer",
    "timeout",
    "retry",
    "connected",
    "declined",
    "shipped",
    "invoice",
    "gateway",
    "session",
    "expired",
    "token",
]


def json_batch(dice: random.Random, first: int) -> bytes:
    """NDJSON as a web service writes it, about 290 bytes a line."""
    return "\n".join(
        json.dumps(
            {
                "timestamp": f"2026-11-{1 + number % 20:02d}T{_time_of_day(number)}Z",
                "level": dice.choice(["info", "info", "info", "debug", "warn", "error"]),
                "service": dice.choice(["checkout", "api", "worker", "auth"]),
                "message": " ".join(dice.choices(WORDS, k=8)) + f" id {number}",
                "userId": dice.randrange(100_000),
                "durationMs": round(dice.random() * 100, 3),
                "http": {"method": "GET", "status": dice.choice([200, 200, 404, 500])},
                "requestId": f"{dice.getrandbits(64):016x}",
            }
        )
        for number in range(first, first + BATCH)
    ).encode()


def access_batch(dice: random.Random, first: int) -> bytes:
    """An access log in combined format, about 200 bytes a line."""
    agents = ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "curl/8.5.0", "bot/1.0"]
    return "\n".join(
        f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(256)} - - "
        f"[{1 + number % 20:02d}/Nov/2026:{_time_of_day(number)} +0000] "
        f'"GET /{dice.choice(WORDS)}/{dice.choice(WORDS)}?id={dice.randrange(10**6)} HTTP/1.1" '
        f"{dice.choice([200, 200, 200, 304, 404, 500])} {dice.randrange(10**5)} "
        f'"https://example.com/" "{dice.choice(agents)}"'
        for number in range(first, first + BATCH)
    ).encode()


def _time_of_day(number: int) -> str:
    return f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"


class Bench:
    """One organization that sends and asks."""

    def __init__(self, septet: Installation) -> None:
        self.septet = septet
        person = {"email": "bench@example.com", "password": "plenty of correct horses", "name": "Bench"}
        token = septet.call("POST", "/auth/signup", person)[1]["session"]["token"]
        septet.call("POST", "/organizations", {"name": "Bench"}, token=token)
        self.key: str = septet.call("POST", "/api-keys", {"name": "k", "scopes": ["*"]}, token=token)[1]["key"]
        running = Running.find(septet.data_dir)
        assert running
        self.clickhouse = get_client(dsn=running.engines.clickhouse)
        self.postgres_url = running.engines.postgres_owner
        dice = random.Random(1)
        self.json = [json_batch(dice, number * BATCH) for number in range(12)]
        self.access = [access_batch(dice, number * BATCH) for number in range(12)]

    def stored(self) -> int:
        return int(self.clickhouse.command("SELECT count() FROM logs"))

    def ingest(self, bodies: Sequence[bytes], content_type: str, seconds: float) -> Round:
        """Send for so long, then wait until all is in ClickHouse."""
        before, started = self.stored(), time.perf_counter()
        sent = self.send(bodies, content_type, lambda: time.perf_counter() - started > seconds)
        while self.stored() < before + sent:
            time.sleep(0.02)
        return Round(sent / (time.perf_counter() - started))

    def send(self, bodies: Sequence[bytes], content_type: str, enough: Callable[[], bool], pause: float = 0.0) -> int:
        counts = [0] * SENDERS

        def sender(number: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.septet.web_port, timeout=60)
            headers = {"Authorization": f"Bearer {self.key}", "Content-Type": content_type}
            while not enough():
                connection.request(
                    "POST", "/logs?service=web", bodies[(counts[number] + number) % len(bodies)], headers
                )
                answer = connection.getresponse()
                answer.read()
                if answer.status == 429:
                    time.sleep(0.1)
                    continue
                assert answer.status == 202, answer.status
                counts[number] += 1
                time.sleep(pause)

        threads = [threading.Thread(target=sender, args=(number,)) for number in range(SENDERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts) * BATCH

    def raw_insert(self, seconds: float) -> Round:
        """The same JSON rows, columns named by the client, straight into an equal table."""
        self.clickhouse.command("CREATE TABLE IF NOT EXISTS raw_logs AS logs")
        rows = [self._as_columns(body) for body in self.json]
        started, inserted = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            for data in rows:
                self.clickhouse.raw_insert("raw_logs", insert_block=data, fmt="JSONEachRow")
                inserted += BATCH
        return Round(inserted / (time.perf_counter() - started))

    def _as_columns(self, body: bytes) -> bytes:
        lines = []
        for number, line in enumerate(body.split(b"\n")):
            said = json.loads(line)
            named = {name: said.pop(name) for name in ("timestamp", "level", "service", "message")}
            named["timestamp"] = named["timestamp"].replace("T", " ").removesuffix("Z")
            lines.append(json.dumps({**named, "line": number, "expires_on": "2027-01-01", "timestamp_from": "line",
                                     "raw": line.decode(), "attributes": said, "bytes": len(line)}))  # fmt: skip
        return "\n".join(lines).encode()

    def query(self, path: str, seconds: float) -> Round:
        """One question over and over, while lines arrive."""
        stopping = threading.Event()
        noise = threading.Thread(target=self.send, args=(self.json, "application/x-ndjson", stopping.is_set, 0.4))
        noise.start()
        latencies, started = [], time.perf_counter()
        try:
            while time.perf_counter() - started < seconds:
                begun = time.perf_counter()
                status, _ = self.septet.call("GET", path, token=self.key)
                assert status == 200
                latencies.append((time.perf_counter() - begun) * 1000)
        finally:
            stopping.set()
            noise.join()
        return Round(1000 / statistics.median(latencies), sorted(latencies)[int(len(latencies) * 0.99)])

    def fill(self) -> None:
        before = self.stored()
        target = max(0, ROWS - before)
        sent = 0
        while sent < target:
            sent += self.send(self.json, "application/x-ndjson", iter([False] * 8 + [True] * 10**6).__next__)
        while self.stored() < before + sent:
            time.sleep(0.1)

    def disk(self, _: float) -> Round:
        """Bytes on disk per byte as sent, times a thousand."""
        on_disk, sent = self.clickhouse.query(
            "SELECT (SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'logs'), "
            "(SELECT sum(bytes) FROM logs)"
        ).result_rows[0]
        return Round(1000 * on_disk / sent)

    def postgres(self, seconds: float) -> Round:
        return asyncio.run(self._postgres(seconds))

    async def _postgres(self, seconds: float) -> Round:
        """What one writes without Septet: a table with a GIN index on words and attributes, filled by COPY."""
        connection = await asyncpg.connect(self.postgres_url)
        await connection.execute(
            """CREATE SCHEMA IF NOT EXISTS bench;
               CREATE TABLE IF NOT EXISTS bench.logs (
                 at timestamptz, level text, service text, message text, attributes jsonb);
               CREATE INDEX IF NOT EXISTS words ON bench.logs USING gin (to_tsvector('simple', message));
               CREATE INDEX IF NOT EXISTS attributes ON bench.logs USING gin (attributes);
               CREATE INDEX IF NOT EXISTS newest ON bench.logs (service, level, at)"""
        )
        started, inserted = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            body = self.json[inserted // BATCH % len(self.json)]
            await connection.copy_records_to_table(
                "logs", schema_name="bench", records=[*map(_record, body.split(b"\n"))]
            )
            inserted += BATCH
        rate = inserted / (time.perf_counter() - started)
        await connection.close()
        return Round(rate)


def _record(line: bytes) -> tuple[Any, ...]:
    said = json.loads(line)
    return datetime.fromisoformat(said["timestamp"]), said["level"], said["service"], said["message"], line.decode()


def prepare(septet: Installation) -> Sequence[Case]:
    bench = Bench(septet)
    raw = bench.raw_insert(4.0).per_second
    peer = bench.postgres(4.0).per_second
    beside = (
        f"raw_insert of the same rows: {raw:,.0f} rows/s; COPY into PostgreSQL with GIN indexes: {peer:,.0f} rows/s"
    )
    ndjson = partial(bench.ingest, bench.json, "application/x-ndjson")
    text = partial(bench.ingest, bench.access, "text/plain")
    cases = [
        Case("JSON lines, 5,000 a request, until stored", "rows/s", ndjson, beside),
        Case("access log, 5,000 a request, until stored", "rows/s", text),
    ]
    bench.fill()
    day = "from=2026-11-05T00:00:00Z&to=2026-11-06T00:00:00Z"
    questions = {
        "newest 100 of a service and level": "/logs?service=api&level=error&limit=100&to=2026-11-20T00:00:00Z",
        "two words over a day": f"/logs?q={quote('payment declined')}&limit=100&{day}",
        "histogram over a week": "/logs/histogram?from=2026-11-03T00:00:00Z&to=2026-11-10T00:00:00Z&step=1h",
        "facet of a service over a week": "/logs/facets?field=level&from=2026-11-03T00:00:00Z&to=2026-11-10T00:00:00Z",
    }
    for name, path in questions.items():
        cases.append(Case(f"{name}, {ROWS:,} rows and more", "queries/s", partial(bench.query, path)))
    return [*cases, Case("bytes on disk per 1,000 bytes of lines, 12 batches repeated", "bytes", bench.disk)]


SUITE = Suite("Logs", prepare)
