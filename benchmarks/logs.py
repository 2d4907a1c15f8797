"""Logs: lines over HTTP until they are durable in ClickHouse; questions about ten million of them while more arrive.

BENCH_LOGS_ROWS: how many lines there are when questions are asked (default 10,000,000; ClickHouse makes them, over 20
days). BENCH_LOGS_ACCESS_LOG: a real access log to send. Beside stand the same rows inserted raw, and the recipe of a
team without Septet (`peers/logs/server.py`), asked about what it stored in the same run.
"""

import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
from clickhouse_connect import get_client

from benchmarks.cases import Case, Round, Suite
from benchmarks.installation import Installation, free_ports
from benchmarks.log_lines import BATCH, CHUNK, HISTORY_SETTINGS, access_batches, history_chunk, json_batch
from septet.supervisor.directory import Running

ROWS = int(os.environ.get("BENCH_LOGS_ROWS", "10000000"))
SENDERS = 3
NDJSON = "application/x-ndjson"
HISTORY = "expires_on > today() + 90"
PEER = Path(__file__).parent / "peers" / "logs"
MEMORY = {
    "web": "septet web",
    "worker": "septet worker",
    "Valkey": "valkey-server",
    "ClickHouse": "clickhouse_server",
}


class Sender:
    """Sends bodies to `path` over a few connections."""

    def __init__(self, port: int, path: str, headers: dict[str, str]) -> None:
        self.port, self.path, self.headers = port, path, headers

    def send(self, bodies: Sequence[bytes], enough: Callable[[], bool], per_second: float = 0.0) -> int:
        """Lines sent when it was enough, at most so many a second (0: as many as are taken)."""
        counts = [0] * SENDERS
        pause = SENDERS * BATCH / per_second if per_second else 0.0

        def run(number: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            due = time.perf_counter() + pause * number / SENDERS
            while not enough():
                if (wait := due - time.perf_counter()) > 0:
                    time.sleep(wait)
                connection.request("POST", self.path, bodies[(counts[number] + number) % len(bodies)], self.headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 429:
                    time.sleep(0.1)
                    continue
                assert answer.status == 202, answer.status
                counts[number] += 1
                due += pause
            connection.close()

        with ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(run, range(SENDERS)))
        return sum(counts) * BATCH


class Bench:
    """One organization that sends and asks."""

    def __init__(self, septet: Installation) -> None:
        self.septet = septet
        person = {"email": "bench@example.com", "password": "plenty of correct horses", "name": "Bench"}
        token = septet.call("POST", "/auth/signup", person)[1]["session"]["token"]
        self.tenant: str = septet.call("POST", "/organizations", {"name": "Bench"}, token=token)[1]["id"]
        self.key: str = septet.call("POST", "/api-keys", {"name": "k", "scopes": ["*"]}, token=token)[1]["key"]
        running = Running.find(septet.data_dir)
        assert running
        self.engines = running.engines
        self.clickhouse = get_client(dsn=self.engines.clickhouse)
        dice, now = random.Random(1), datetime.now(UTC)
        self.json = [json_batch(dice, now) for _ in range(12)]
        self.access = access_batches(dice, now, 12)
        self.fastest = 0.0
        self.filled = False

    def sender(self, content_type: str, service: str) -> Sender:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": content_type}
        return Sender(self.septet.web_port, f"/logs?service={service}", headers)

    def stored(self) -> int:
        return int(self.clickhouse.command("SELECT count() FROM logs"))

    def ingest(self, bodies: Sequence[bytes], content_type: str, service: str, seconds: float) -> Round:
        """Send for so long, then wait until all is in ClickHouse."""
        before, started = self.stored(), time.perf_counter()
        sent = self.sender(content_type, service).send(bodies, lambda: time.perf_counter() - started > seconds)
        while self.stored() < before + sent:
            time.sleep(0.02)
        rate = sent / (time.perf_counter() - started)
        self.fastest = max(self.fastest, rate) if content_type == NDJSON else self.fastest
        return Round(rate)

    def raw_insert(self, seconds: float) -> float:
        """The same JSON rows, columns named by the client, straight into an equal table."""
        self.clickhouse.command("CREATE TABLE IF NOT EXISTS raw_logs AS logs")
        rows = [_as_columns(body) for body in self.json]
        started, inserted = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            for data in rows:
                self.clickhouse.raw_insert("raw_logs", insert_block=data, fmt="JSONEachRow")
                inserted += BATCH
        rate = inserted / (time.perf_counter() - started)
        self.clickhouse.command("DROP TABLE raw_logs")
        return rate

    def fill(self) -> None:
        """Make the history, once."""
        if self.filled:
            return
        self.filled = True
        end = datetime.now(UTC) - timedelta(minutes=1)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(partial(self._fill_chunk, end), range(0, ROWS, CHUNK)))

    def _fill_chunk(self, end: datetime, first: int) -> None:
        client = get_client(dsn=self.engines.clickhouse, send_receive_timeout=120)
        client.command(history_chunk(self.tenant, first, ROWS, end), settings=HISTORY_SETTINGS)
        client.close()

    def query(self, path: str, seconds: float) -> Round:
        """One question over and over, while lines arrive at half of the fastest rate; milliseconds."""
        self.fill()
        stopping = threading.Event()
        sender = self.sender(NDJSON, "web")
        arguments = (self.json, stopping.is_set, self.fastest / 2)
        noise = threading.Thread(target=sender.send, args=arguments)
        noise.start()
        try:
            latencies = timed(lambda: self.septet.call("GET", path, token=self.key), seconds)
        finally:
            stopping.set()
            noise.join()
        return Round(statistics.median(latencies), sorted(latencies)[int(len(latencies) * 0.99)])

    def disk(self, condition: str, _: float) -> Round:
        """Bytes on disk for 1,000 bytes as they came, of the lines that a condition names, in one part a partition."""
        self.clickhouse.command("DROP TABLE IF EXISTS measured")
        self.clickhouse.command("CREATE TABLE measured AS logs")
        self.clickhouse.command(f"INSERT INTO measured SELECT * FROM logs WHERE {condition} LIMIT 300000")
        self.clickhouse.command("OPTIMIZE TABLE measured FINAL")
        on_disk = "(SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'measured')"
        return Round(float(self.clickhouse.command(f"SELECT 1000 * {on_disk} / sum(bytes) FROM measured")))

    def memory(self, mark: str, _: float) -> Round:
        """The most that the process has held, in MiB."""
        for process in psutil.Process(self.septet.process.pid).children(recursive=True):
            status = Path(f"/proc/{process.pid}/status").read_text()
            if mark in " ".join(process.cmdline()) or f"Name:\t{mark}" in status:
                return Round(int(status.split("VmHWM:")[1].split()[0]) / 1024)
        raise AssertionError(f"no process is {mark}")

    def peer(self, seconds: float) -> dict[str, str]:
        """What the peer reaches on this machine: its rate of ingest, and the median of each question."""
        (port,) = free_ports(1)
        command = [sys.executable, "-m", "uvicorn", "server:app", "--port", str(port), "--log-level", "warning"]
        environment = {**os.environ, "PEER_POSTGRES_URL": self.engines.postgres_owner}
        with subprocess.Popen(command, cwd=PEER, env=environment) as server:
            try:
                return _measure_peer(server, port, self.json, seconds)
            finally:
                server.terminate()


def _measure_peer(
    server: subprocess.Popen[bytes], port: int, bodies: Sequence[bytes], seconds: float
) -> dict[str, str]:
    while not _answers(port):
        assert server.poll() is None, "the peer has ended"
        time.sleep(0.05)
    started = time.perf_counter()
    sent = Sender(port, "/logs", {}).send(bodies, lambda: time.perf_counter() - started > seconds)
    rate = sent / (time.perf_counter() - started)
    told = {"ingest": f"FastAPI + PostgreSQL with GIN: {rate:,.0f} rows/s"}
    for question in ("newest", "words", "histogram", "facet"):
        median = statistics.median(timed(partial(_get, port, f"/ask/{question}"), 1.0))
        told[question] = f"FastAPI + PostgreSQL with GIN, {sent:,} rows, no ingest: {median:.0f} ms"
    return told


def _answers(port: int) -> bool:
    try:
        _get(port, "/openapi.json")
    except OSError:
        return False
    return True


def _get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def timed(ask: Callable[[], tuple[int, Any]], seconds: float) -> list[float]:
    """Milliseconds of each call."""
    latencies, started = [], time.perf_counter()
    while time.perf_counter() - started < seconds:
        begun = time.perf_counter()
        status, _ = ask()
        assert status == 200, status
        latencies.append((time.perf_counter() - begun) * 1000)
    return latencies


def _as_columns(body: bytes) -> bytes:
    lines = []
    for number, line in enumerate(body.split(b"\n")):
        said = json.loads(line)
        named = {name: said.pop(name) for name in ("timestamp", "level", "service", "message")}
        named["timestamp"] = named["timestamp"].replace("T", " ").removesuffix("+00:00")
        lines.append(json.dumps({**named, "line": number, "expires_on": "2030-01-01", "timestamp_from": "line",
                                 "raw": line.decode(), "attributes": said, "bytes": len(line)}))  # fmt: skip
    return "\n".join(lines).encode()


def prepare(septet: Installation) -> Sequence[Case]:
    bench = Bench(septet)
    raw = bench.raw_insert(4.0)
    peer = bench.peer(4.0)
    size = sum(map(len, bench.json)) / len(bench.json) / BATCH
    ndjson = partial(bench.ingest, bench.json, NDJSON, "web")
    text = partial(bench.ingest, bench.access, "text/plain", "access")
    beside = f"raw_insert of the same rows: {raw:,.0f} rows/s; {peer['ingest']}"
    return [
        Case(f"JSON lines of {size:.0f} bytes, 5,000 a request, until stored", "rows/s", ndjson, beside),
        Case("access log, 5,000 a request, until stored", "rows/s", text),
        *(Case(f"memory of {name}, at most", "MiB", partial(bench.memory, mark)) for name, mark in MEMORY.items()),
        Case("disk for 1,000 bytes of access log", "bytes", partial(bench.disk, "service = 'access'")),
        *_questions(bench, peer),
        Case("disk for 1,000 bytes of JSON lines that never repeat", "bytes", partial(bench.disk, HISTORY)),
    ]


def _questions(bench: Bench, peer: dict[str, str]) -> list[Case]:
    """About the history, which the first of them waits for."""
    now = datetime.now(UTC)
    week = f"from={_moment(now - timedelta(days=7))}&to={_moment(now)}"
    day = f"from={_moment(now - timedelta(days=10))}&to={_moment(now - timedelta(days=9))}"
    asked = {
        "newest": ("newest 100 of a service and level", "/logs?service=api&level=error&limit=100"),
        "words": ("two words over a day, newest 100", f"/logs?q={quote('payment declined')}&limit=100&{day}"),
        "rare": ("a word and a rare number over a day", f"/logs?q={quote('payment 1234567')}&limit=100&{day}"),
        "histogram": ("histogram over a week, by the hour", f"/logs/histogram?step=1h&{week}"),
        "facet": ("facet of services over a week", f"/logs/facets?field=service&{week}"),
        "attribute": ("facet of an attribute over a week", f"/logs/facets?field=http.status&{week}"),
    }
    return [
        Case(f"{name}, {ROWS:,} rows, median", "ms", partial(bench.query, path), peer.get(key, ""))
        for key, (name, path) in asked.items()
    ]


def _moment(moment: datetime) -> str:
    return quote(moment.isoformat())


SUITE = Suite("Logs", prepare, all_cores=True)
