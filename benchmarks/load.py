"""A load generator: raw sockets, one request in flight a connection, latencies to the microsecond.

    python benchmarks/load.py --port 8000 --path /healthz --connections 64 --seconds 5

Closed loop: a connection sends its next request when the answer to the last one is complete. Latency is therefore
what a waiting client sees, and requests per second follow from it.
"""

import argparse
import asyncio
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import uvloop


@dataclass
class Load:
    """What to send, where, and for how long. `request(n)` gives the bytes of the n-th request of a connection."""

    host: str
    port: int
    request: Callable[[int], bytes]
    connections: int = 64
    seconds: float = 5.0
    warm_up_seconds: float = 1.0


@dataclass
class Result:
    """Of one round, warm-up excluded. Latencies in microseconds."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    broken: int = 0

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    def __str__(self) -> str:
        p50, p99, worst = (self.quantile(share) / 1000 for share in (0.5, 0.99, 1))
        statuses = " ".join(f"{status}×{count}" for status, count in sorted(self.statuses.items()))
        trouble = f", {self.broken} broken" if self.broken else ""
        return (
            f"{self.per_second:9,.0f}/s  p50 {p50:6.2f} ms  p99 {p99:6.2f} ms  max {worst:6.1f} ms  {statuses}{trouble}"
        )


class Client(asyncio.Protocol):
    """One connection. Answers need a Content-Length (or status 204/304)."""

    def __init__(self, load: Load, result: Result) -> None:
        self._load, self._result = load, result
        self._buffer, self._sent, self._number = b"", 0.0, 0
        self.measuring = self.stopped = False
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._send()

    def _send(self) -> None:
        if self.stopped:
            self._transport.close()
            return
        self._number += 1
        self._sent = time.perf_counter()
        self._transport.write(self._load.request(self._number))

    def data_received(self, data: bytes) -> None:
        self._buffer = buffer = self._buffer + data if self._buffer else data
        head_end = buffer.find(b"\r\n\r\n")
        if head_end < 0 or len(buffer) < head_end + 4 + _content_length(buffer, head_end):
            return
        if self.measuring:
            self._result.latencies.append((time.perf_counter() - self._sent) * 1e6)
            status = int(buffer[9:12])
            self._result.statuses[status] = self._result.statuses.get(status, 0) + 1
        self._buffer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.stopped:
            self._result.broken += 1
        self.ended.set_result(None)


def _content_length(buffer: bytes, head_end: int) -> int:
    """The length is taken as written by the servers we measure; nobody hostile answers here."""
    start = buffer.find(b"ontent-", 0, head_end)
    while start >= 0 and buffer[start + 7 : start + 14].lower() != b"length:":
        start = buffer.find(b"ontent-", start + 1, head_end)
    return 0 if start < 0 else int(buffer[start + 14 : buffer.find(b"\r", start)])


async def run(load: Load) -> Result:
    """One round: connect, warm up, measure, disconnect."""
    loop = asyncio.get_running_loop()
    result = Result(load.seconds)
    clients = [
        (await loop.create_connection(lambda: Client(load, result), load.host, load.port))[1]
        for _ in range(load.connections)
    ]
    await asyncio.sleep(load.warm_up_seconds)
    for client in clients:
        client.measuring = True
    started = time.perf_counter()
    await asyncio.sleep(load.seconds)
    for client in clients:
        client.measuring, client.stopped = False, True
    result.seconds = time.perf_counter() - started
    await asyncio.wait([client.ended for client in clients], timeout=5)
    return result


def run_rounds(load: Load, rounds: int) -> Result:
    """The round with the median throughput of `rounds`."""
    results = [uvloop.run(run(load)) for _ in range(rounds)]
    return sorted(results, key=lambda result: result.per_second)[len(results) // 2]


def run_wrk(load: Load) -> str:
    """One round by wrk, where installed: it leaves more of a shared core to the servers than Python does."""
    head, _, body = load.request(1).partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    method, path, _ = line.split(" ")
    script = [f'wrk.method = "{method}"', f"wrk.body = {json.dumps(body.decode())}" if body else ""]
    for name, value in (each.split(": ") for each in headers):
        script.append(f'wrk.headers["{name}"] = {json.dumps(value)}')
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write("\n".join(script))
        file.flush()
        command = ["wrk", "-t1", f"-c{load.connections}", f"-d{load.seconds:g}s", "--latency", "-s", file.name]
        url = f"http://{load.host}:{load.port}{path}"
        output = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    wanted = r"(?:50%|99%|Requests/sec:|Non-2xx or 3xx responses:|Socket errors:) .*"
    return "wrk: " + "  ".join(" ".join(found.split()) for found in re.findall(wanted, output))


def render_request(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    lines = {"Host": "localhost", "User-Agent": "septet-load", "Accept": "*/*", **(headers or {})}
    if body:
        lines = {"Content-Type": "application/json", **lines, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--method", default="GET")
    parser.add_argument("--path", default="/healthz")
    parser.add_argument("--body", default="")
    parser.add_argument("--header", action="append", default=[], metavar="NAME:VALUE")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    headers = {name.strip(): value.strip() for name, _, value in (each.partition(":") for each in options.header)}
    request = render_request(options.method, options.path, options.body.encode(), headers)
    load = Load(options.host, options.port, lambda _: request, options.connections, options.seconds)
    print(run_rounds(load, options.rounds))


if __name__ == "__main__":
    main()
