"""Counted redirects: links that follow a Zipf distribution, every answer's click safe in Valkey before it is sent.

One server process has a core to itself; the engines, the worker that counts, and the load (wrk) share the other. So it
is for the peers in `peers/links` (Fastify, Redis, PostgreSQL; they need node and npm), which use the same engines, and
for nginx, which answers `return 302` and counts nothing: the limit. What is not installed here is left out.
"""

import asyncio
import atexit
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from redis import Redis

from benchmarks.cases import Case, Round, Suite
from benchmarks.installation import Installation, free_ports
from benchmarks.peer import installed
from septet.services.links.recorder import STREAM
from septet.supervisor.directory import Running

PEER = Path(__file__).parent / "peers" / "links"
LINKS = int(os.environ.get("BENCH_LINKS", "100000"))
BATCH = 1000
CONNECTIONS = 64
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
PATIENCE_SECONDS = 60
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
ZIPF = """
local codes = {}
for code in io.lines("%s") do codes[#codes + 1] = code end
wrk.headers["User-Agent"] = "%s"
local rendered = {}
math.randomseed(7)
request = function()
  local rank = math.floor((#codes) ^ math.random())
  rendered[rank] = rendered[rank] or wrk.format("GET", "/s/" .. codes[rank])
  return rendered[rank]
end
"""


def prepare(septet: Installation) -> Sequence[Case]:
    """An organization with a hundred thousand links, the same links at the peers, and nginx."""
    _pin(septet)
    links = Links(septet)
    port = septet.web_port
    cases = [
        Case(f"`GET /s/{{code}}`, {LINKS:,} links", "redirects/s", links.redirects(port)),
        Case("the same, until the last click is in the statistics", "clicks/s", links.counted),
        Case("`GET /s/{code}`, one link", "redirects/s", links.redirects(port, links=1)),
    ]
    if NGINX:
        beside = "counts nothing: the limit"
        cases.append(Case("nginx, `return 302`", "redirects/s", links.redirects(_start_nginx(septet)), beside))
    if installed("links"):
        asyncio.run(links.copy_to_peer())
        for mode in ("queued", "sync"):
            name = {"queued": "Fastify + BullMQ, queued", "sync": "Fastify + PostgreSQL, counted at once"}[mode]
            cases.append(Case(name, "redirects/s", links.redirects(_start_peer(septet, mode))))
    return cases


class Links:
    """The links of one organization, and what visits them."""

    def __init__(self, septet: Installation) -> None:
        self._septet = septet
        running = Running.find(septet.data_dir)
        assert running
        self._engines = running.engines
        person = {"email": "links@example.com", "password": "plenty of correct horses", "name": "Links"}
        self._token = str(self._call("POST", "/auth/signup", person)["session"]["token"])
        self._call("POST", "/organizations", {"name": "Links"})
        self._call("POST", "/billing/trial", {"plan": "PRO"})
        self._codes: list[str] = []
        for first in range(0, LINKS, BATCH):
            wanted = {"links": [{"url": f"https://example.com/{first + n}"} for n in range(BATCH)]}
            made = self._call("POST", "/links/bulk", wanted)
            self._codes += [result["link"]["code"] for result in made["results"]]

    def _call(self, method: str, path: str, body: object = None) -> Any:
        status, answer = self._septet.call(method, path, body, token=getattr(self, "_token", ""), seconds=60)
        if status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {status} {answer}")
        return answer

    def redirects(self, port: int, links: int = LINKS) -> Callable[[float], Round]:
        """The `measure` of a case that visits these links, the first most often."""

        def measure(seconds: float) -> Round:
            return self._visit(port, links, seconds)[0]

        return measure

    def counted(self, seconds: float) -> Round:
        """Fails when a click is lost or counted twice: wrk leaves as many requests unanswered as it has connections."""
        before, started = self._fetched(), time.perf_counter()
        _, answered = self._visit(self._septet.web_port, LINKS, seconds)
        clicks = self._fetched() - before
        if not answered <= clicks <= answered + CONNECTIONS:
            raise RuntimeError(f"{answered} redirects were answered, and {clicks} clicks counted")
        return Round(answered / (time.perf_counter() - started))

    def _fetched(self) -> int:
        """How many clicks the statistics tell, once none waits in Valkey any more."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        with Redis.from_url(self._engines.valkey) as valkey:
            while valkey.xlen(STREAM):
                if time.monotonic() > deadline:
                    raise RuntimeError("the clicks are not fetched")
                time.sleep(0.05)
        return int(self._call("GET", "/links/stats?bots=true")["totalClicks"])

    def _visit(self, port: int, links: int, seconds: float) -> tuple[Round, int]:
        """The round, and how many requests were answered."""
        with tempfile.TemporaryDirectory() as directory:
            codes, script = Path(directory) / "codes", Path(directory) / "zipf.lua"
            codes.write_text("\n".join(self._codes[:links]))
            script.write_text(ZIPF % (codes, AGENT))
            command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--latency", "-s", str(script)]
            url = f"http://127.0.0.1:{port}"
            ran = subprocess.run([*command, url], check=False, capture_output=True, text=True)
        output = ran.stdout
        if ran.returncode or "Non-2xx" in output or "Socket errors" in output:
            raise RuntimeError(output + ran.stderr)
        rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", output)[0])
        p99, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", output)[0]
        answered = int(re.findall(r"(\d+) requests in", output)[0])
        return Round(rate, float(p99) * {"us": 0.001, "ms": 1, "s": 1000}[unit]), answered

    async def copy_to_peer(self) -> None:
        connection = await asyncpg.connect(self._engines.postgres_owner)
        await connection.execute(
            """CREATE SCHEMA peer;
               CREATE TABLE peer.links (id bigint PRIMARY KEY, address text UNIQUE, target text, visits bigint);
               CREATE TABLE peer.visits (link_id bigint, hour timestamptz, browser text, os text, referrer text,
                 total bigint, PRIMARY KEY (link_id, hour, browser, os, referrer))"""
        )
        rows = [(n, code, f"https://example.com/{n}", 0) for n, code in enumerate(self._codes)]
        await connection.copy_records_to_table("links", records=rows, schema_name="peer")
        await connection.close()


def _pin(septet: Installation) -> None:
    """The first core is for the web process alone."""
    for process in psutil.Process(septet.process.pid).children(recursive=True):
        is_web = process.name().startswith("septet web")
        _pin_threads(process, {_server_core()} if is_web else {_other_core()})


def _pin_threads(process: psutil.Process, cores: set[int]) -> None:
    for thread in process.threads():
        os.sched_setaffinity(thread.id, cores)


def _server_core() -> int:
    return 0


def _other_core() -> int:
    return max(os.sched_getaffinity(0))


def _start_peer(septet: Installation, mode: str) -> int:
    """Answers on the server's core; what works behind it gets the other one."""
    running = Running.find(septet.data_dir)
    assert running
    engines = [running.engines.valkey.removeprefix("unix://"), running.engines.postgres_owner]
    (port,) = free_ports(1)
    _spawn(["node", "server.mjs", mode, str(port), *engines], _server_core())
    if mode == "queued":
        _spawn(["node", "server.mjs", "worker", *engines], _other_core())
    return _listening(port)


def _start_nginx(septet: Installation) -> int:
    assert NGINX
    (port,) = free_ports(1)
    directory = septet.directory / "nginx"
    directory.mkdir()
    configuration = directory / "nginx.conf"
    configuration.write_text(
        f"""daemon off; worker_processes 1; pid {directory}/pid; error_log stderr warn;
            events {{ worker_connections 1024; }}
            http {{ access_log off; keepalive_requests 100000000;
                    server {{ listen 127.0.0.1:{port}; location / {{ return 302 https://example.com/1; }} }} }}"""
    )
    _spawn([NGINX, "-p", str(directory), "-c", str(configuration)], _server_core())
    return _listening(port)


def _spawn(command: list[str], core: int) -> None:
    process = subprocess.Popen(["taskset", "-c", str(core), *command], cwd=PEER)
    atexit.register(process.terminate)


def _listening(port: int) -> int:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return port
        time.sleep(0.05)
    raise RuntimeError("the peer does not listen")


SUITE = Suite("Links", prepare, {"web_processes": 1})
