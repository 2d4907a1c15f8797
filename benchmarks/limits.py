"""Checks per second beside Fastify + rate-limiter-flexible on the same Valkey, with the same rules, keys and headers.

Three rules apply to each check. One server process has a core to itself; Valkey shares the other with the load (wrk).
The peer is in `peers/limits` and needs node and npm; without them, its rows are left out.
"""

import asyncio
import atexit
import json
import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
import uvloop

from benchmarks.cases import Case, Round, Suite
from benchmarks.installation import Installation, free_ports
from benchmarks.load import Load, render_request, run
from benchmarks.peer import installed
from septet.client.limits import Decision, LeasedQuota, LimitsClient

MOST = 1_000_000_000
BATCH = 1000
CONNECTIONS = 64
BATCH_CONNECTIONS = 4  # of 64, each with a thousand checks under way, none would be answered within a short round


def prepare(septet: Installation) -> Sequence[Case]:
    """An organization with three generous rules, one without any, and the peer."""
    _pin_valkey(septet)
    key, bare = organization(septet, rules=True), organization(septet, rules=False)
    port = septet.web_port
    hot = json.dumps({"apiKey": key, "route": "/orders", "userId": "ada"})
    cases = [
        Case("`POST /check`, one user", "checks/s", wrk(port, "/check", hot)),
        Case("`POST /check`, distinct users", "checks/s", wrk(port, "/check", hot, distinct=True)),
        Case(
            "the same route where no rule applies",
            "answers/s",
            wrk(port, "/check", hot.replace(key, bare)),
            "what single checks could reach at most",
        ),
        Case("`POST /check` through an outage: Valkey freezes at its begin", "checks/s", _frozen(septet, hot)),
        Case("`POST /check/batch` of 1,000, 4 connections", "decisions/s", _batches(port, key)),
        Case("leased quota in process", "decisions/s", _leased),
    ]
    if peer_port := _start_peer(septet, key):
        for name, distinct in (("one user", False), ("distinct users", True)):
            measure = wrk(peer_port, "/check", hot, distinct=distinct)
            cases.append(Case(f"Fastify + rate-limiter-flexible, {name}", "checks/s", measure))
    return cases


def organization(septet: Installation, *, rules: bool) -> str:
    """Make one, and its API key."""
    person = {"email": f"limits{rules:d}@example.com", "password": "plenty of correct horses", "name": "Load"}
    token = _ok(septet.call("POST", "/auth/signup", person))["session"]["token"]
    _ok(septet.call("POST", "/organizations", {"name": "Acme"}, token=token))
    for rule in _ok(septet.call("GET", "/limits/rules", token=token))["data"]:
        septet.call("DELETE", f"/limits/rules/{rule['id']}", token=token)
    for scope in ("tenant", "route", "user") if rules else ():
        counted = {"algorithm": "fixed_window", "limit": MOST, "windowMs": 60_000}
        rule: dict[str, Any] = {"name": scope, "scope": scope, **counted}
        _ok(
            septet.call("POST", "/limits/rules", rule | ({"route": "/orders"} if scope == "route" else {}), token=token)
        )
    issued = _ok(septet.call("POST", "/api-keys", {"name": "load", "scopes": ["limits:check"]}, token=token))
    return str(issued["key"])


def _ok(answer: tuple[int, Any]) -> Any:
    assert answer[0] in (200, 201), answer
    return answer[1]


def _valkey_socket(septet: Installation) -> str:
    return str(next(septet.data_dir.rglob("valkey*.sock")))


def child(septet: Installation, name: str) -> Sequence[psutil.Process]:
    """The processes of Septet with this name."""
    found = psutil.Process(septet.process.pid).children(recursive=True)
    return [process for process in found if Path(f"/proc/{process.pid}/comm").read_text().startswith(name)]


def _pin_valkey(septet: Installation) -> None:
    """The server's core is for the server alone, ours and the peer's alike."""
    for process in child(septet, "valkey"):
        process.cpu_affinity([max(os.sched_getaffinity(0))])


def _frozen(septet: Installation, check: str) -> Callable[[float], Round]:
    """A key in use while Valkey is stopped; afterwards it goes on, and takes what is owed.

    Every latency is counted once. wrk would repeat the few that wait for the circuit to open by the number of requests
    that might have been sent meanwhile, and tell those.
    """
    request = render_request("POST", "/check", check.encode(), {})

    def measure(seconds: float) -> Round:
        _ok(septet.call("POST", "/check", json.loads(check)))
        (valkey,) = child(septet, "valkey")
        valkey.suspend()
        try:
            load = Load("127.0.0.1", septet.web_port, lambda _: request, CONNECTIONS, seconds, warm_up_seconds=0)
            result = uvloop.run(run(load))
        finally:
            valkey.resume()
            septet.wait_until_ready()
        if result.broken or set(result.statuses) != {200}:
            raise RuntimeError(str(result))
        return Round(result.per_second, result.quantile(0.99) / 1000)

    return measure


def wrk(
    port: int, path: str, body: str, *, distinct: bool = False, connections: int = CONNECTIONS
) -> Callable[[float], Round]:
    """Makes the `measure` of a case; `distinct`: each request has a user of its own."""
    script = f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = {json.dumps(body)}\n'
    if distinct:
        before, after = (json.dumps(part) for part in body.split('"ada"'))
        script += (
            "local n = 0\nrequest = function()\n  n = n + 1\n"
            f"  return wrk.format(nil, nil, nil, {before} .. '\"u' .. n .. '\"' .. {after})\nend\n"
        )

    def measure(seconds: float) -> Round:
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
            file.write(script)
            file.flush()
            command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency", "-s", file.name]
            url = f"http://127.0.0.1:{port}{path}"
            output = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in output:
            raise RuntimeError(output)
        rate = float(re.findall(r"Requests/sec:\s+([\d.]+)", output)[0])
        if not rate:
            raise RuntimeError(f"nothing was answered within {seconds:g} s:\n{output}")
        p99, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", output)[0]
        return Round(rate, float(p99) * {"us": 0.001, "ms": 1, "s": 1000}[unit])

    return measure


def _batches(port: int, key: str) -> Callable[[float], Round]:
    checks = [{"apiKey": key, "route": "/orders", "userId": f"u{number}"} for number in range(BATCH)]
    single = wrk(port, "/check/batch", json.dumps({"checks": checks}), connections=BATCH_CONNECTIONS)

    def measure(seconds: float) -> Round:
        result = single(seconds)
        return Round(result.per_second * BATCH, result.p99_ms)

    return measure


class _Plenty(LimitsClient):
    """A limiter that always has more, so that only the client is measured."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1", "")

    async def check(
        self, route: str, user_id: str, *, cost: int = 1, method: str | None = None, plan: str | None = None
    ) -> Decision:
        return Decision(True, MOST, MOST, 60_000, None, "r", "", {})


def _leased(seconds: float) -> Round:
    async def measure() -> Round:
        quota = LeasedQuota(_Plenty(), "/orders", "ada", ahead=10_000)
        count, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            for _ in range(10_000):
                if not quota.take_now():
                    await quota.take()
            count += 10_000
        return Round(count / (time.perf_counter() - started))

    return asyncio.run(measure())


def _start_peer(septet: Installation, key: str) -> int | None:
    if (folder := installed("limits")) is None:
        return None
    (port,) = free_ports(1)
    peer = subprocess.Popen(["node", "server.mjs", str(port), _valkey_socket(septet), key], cwd=folder)
    os.sched_setaffinity(peer.pid, {min(os.sched_getaffinity(septet.process.pid))})
    atexit.register(peer.kill)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return port
        time.sleep(0.1)
    raise RuntimeError("the peer does not listen")


SUITE = Suite("Limits", prepare, {"web_processes": 1})
