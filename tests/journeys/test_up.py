"""`septet up` as a person and a supervisor of processes meet it: started, refused, stopped and killed for real."""

import collections
import concurrent.futures
import contextlib
import gzip
import http.client
import http.server
import itertools
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
from benchmarks.installation import Installation
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

pytestmark = pytest.mark.processes
PASSWORD = "plenty of correct horses"
ESTABLISHED = "01"
ENGINES = {"postgres": "bin/postgres", "valkey": "valkey-server", "clickhouse": "septet.engines.clickhouse_server"}


class Collector(http.server.ThreadingHTTPServer):
    """Takes OpenTelemetry's spans over OTLP/HTTP; `names` of those it got, by trace id."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.names: dict[str, set[str]] = collections.defaultdict(set)


class Spans(http.server.BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        request = ExportTraceServiceRequest.FromString(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.server.names[span.trace_id.hex()].add(span.name)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing: pytest's output is for failures."""


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector(("127.0.0.1", 0), Spans) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        yield collector
        collector.shutdown()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Installation]:
    endpoint = f"http://127.0.0.1:{collector.server_port}"
    settings = {"web_processes": 2, "appendfsync": "always", "otlp_endpoint": endpoint}
    with Installation(tmp_path_factory.mktemp("up"), **settings) as installation:
        yield installation


@pytest.fixture
def septet(installation: Installation) -> Installation:
    """One running installation with two web processes; who ends it leaves it to the next test to start it again."""
    if not installation.is_running:
        installation.start()
    return installation


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Installation]:
    """An installation that the test starts and ends."""
    with Installation(tmp_path, appendfsync="always") as installation:
        yield installation


class Owner:
    """A signed-up person whose every acknowledged organization is remembered."""

    def __init__(self, septet: Installation) -> None:
        self.septet = septet
        self.acknowledged: set[str] = set()
        self.refusals: set[int] = set()
        self.numbers = itertools.count()
        self.email = f"owner-{os.urandom(4).hex()}@example.com"
        self.token = self._sign_up(seconds=5)

    def _sign_up(self, seconds: float) -> str:
        """Again after a 503: an engine may be back, and one of the web processes not have found out yet."""
        person = {"email": self.email, "password": PASSWORD, "name": "Ada Owner"}
        deadline = time.monotonic() + seconds
        while (answer := self.septet.call("POST", "/auth/signup", person))[0] == 503:
            assert time.monotonic() < deadline, answer
        assert answer[0] == 201, answer
        return str(answer[1]["session"]["token"])

    def write(self) -> bool:
        """Found one organization; tell whether that was acknowledged."""
        name = f"organization {next(self.numbers)}"
        try:
            status, answer = self.septet.call("POST", "/organizations", {"name": name}, token=self.token)
        except (OSError, http.client.HTTPException):
            return False
        if status == 201:
            self.acknowledged.add(answer["id"])
        else:
            self.refusals.add(status)
        return status == 201

    def write_while(self, what: Callable[[], object]) -> None:
        """Write without pause until `what` is done, and at least once before it."""
        assert self.write()
        with concurrent.futures.ThreadPoolExecutor(1) as threads:
            happening = threads.submit(what)
            while not happening.done():
                self.write()
            happening.result()

    def write_again(self, seconds: float) -> None:
        """Write until one is acknowledged: each web process finds out for itself that an engine is back."""
        deadline = time.monotonic() + seconds
        while not self.write():
            assert time.monotonic() < deadline, f"no write is acknowledged within {seconds:.0f} s"

    def stored(self) -> set[str]:
        found: set[str] = set()
        cursor = ""
        while cursor is not None:
            path = "/organizations?limit=200" + (f"&cursor={cursor}" if cursor else "")
            status, page = self.septet.call("GET", path, token=self.token)
            assert status == 200, page
            found |= {organization["id"] for organization in page["data"]}
            cursor = page.get("nextCursor")
        return found


def descendants(septet: Installation) -> list[psutil.Process]:
    return psutil.Process(septet.process.pid).children(recursive=True)


def pid_of(septet: Installation, child: str) -> int:
    """The process that was last said to run as `child`."""
    if child in ENGINES:
        children = psutil.Process(septet.process.pid).children()
        return next(process.pid for process in children if ENGINES[child] in " ".join(process.cmdline()))
    return next(process.pid for process in descendants(septet) if _comm(process) == f"septet {child}"[:15])


def _comm(process: psutil.Process) -> str:
    try:
        return Path(f"/proc/{process.pid}/comm").read_text().strip()
    except OSError:
        return ""


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=10)
    return not alive


# --- started ---------------------------------------------------------------------------------------------------------


def test_the_table_says_what_runs_where_and_what_to_do_next(septet: Installation) -> None:
    output = septet.output()
    for part in (
        f"http://127.0.0.1:{septet.web_port}/console/",
        f"http://127.0.0.1:{septet.web_port}/docs",
        f"ws://127.0.0.1:{septet.gateway_port}/",
        f"http://127.0.0.1:{septet.provider_port}/",
        "web × 2",
        "PostgreSQL 18",
        "Valkey 9",
        "ClickHouse 26",
        str(septet.data_dir),
        "Next: open",
    ):
        assert part in output
    assert "Traceback" not in output


def test_it_is_ready_when_it_says_so(septet: Installation) -> None:
    assert septet.call("GET", "/readyz")[0] == 200
    with socket.create_connection(("127.0.0.1", septet.gateway_port), 2):
        pass


def test_files_of_the_data_directory_that_hold_credentials_are_private(septet: Installation) -> None:
    for name in ("run.json", "secrets.json"):
        assert (septet.data_dir / name).stat().st_mode & 0o077 == 0


def test_a_trace_leads_from_the_request_to_its_jobs(septet: Installation, collector: Collector) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    connection = http.client.HTTPConnection("127.0.0.1", septet.web_port, timeout=10)
    body = {"email": "traced@example.com", "password": PASSWORD, "name": "Ada"}
    headers = {"Content-Type": "application/json", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    connection.request("POST", "/auth/signup", json.dumps(body), headers)
    assert connection.getresponse().status == 201
    connection.close()
    deadline = time.monotonic() + 20
    while not {name.partition(" ")[0] for name in collector.names[trace]} >= {"POST", "job"}:
        assert time.monotonic() < deadline, collector.names
        time.sleep(0.05)
    assert "POST /auth/signup" in collector.names[trace]


# --- refused ---------------------------------------------------------------------------------------------------------


def test_a_second_up_on_the_same_data_directory_is_refused_with_a_sentence(septet: Installation) -> None:
    second = septet.septet("up")
    assert second.returncode == 1
    assert f"in use by process {septet.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr
    assert septet.call("GET", "/readyz")[0] == 200


def test_ports_in_use_are_all_named_before_anything_starts(fresh: Installation) -> None:
    with ExitStack() as stack:
        for port in (fresh.web_port, fresh.grpc_port, fresh.provider_port):
            stack.enter_context(socket.create_server(("127.0.0.1", port)))
        refused = fresh.septet("up")
    assert refused.returncode == 1
    assert f"Port {fresh.web_port} on 127.0.0.1 is in use" in refused.stderr
    for variable in ("SEPTET_WEB_PORT=", "SEPTET_GRPC_PORT=", "SEPTET_PROVIDER_PORT="):
        assert variable in refused.stderr
    assert not (fresh.data_dir / "postgres").exists()


def test_an_unknown_setting_is_refused_by_name_before_anything_starts(fresh: Installation) -> None:
    refused = fresh.septet("up", "--set", "WEB_PROT=1")
    assert refused.returncode == 1
    assert "did you mean SEPTET_WEB_PORT" in refused.stderr
    assert not fresh.data_dir.exists()


# --- a child dies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("child", ["web 1", "gateway", "worker and provider", "postgres", "valkey", "clickhouse"])
def test_a_killed_child_is_started_again_and_no_acknowledged_write_is_lost(septet: Installation, child: str) -> None:
    owner = Owner(septet)
    offset = len(septet.output().encode())

    def kill_and_wait() -> None:
        os.kill(pid_of(septet, child), signal.SIGKILL)
        septet.wait_for(rf"{child} runs again \(pid \d+\)", offset=offset, seconds=15)

    owner.write_while(kill_and_wait)
    owner.write_again(seconds=5)
    assert owner.stored() >= owner.acknowledged
    assert owner.refusals <= {503}
    said = septet.output(offset)
    assert "was killed by SIGKILL; starting it again in 0.2 s." in said


def test_a_killed_fork_server_takes_roles_along_and_all_come_back(septet: Installation) -> None:
    offset = len(septet.output().encode())
    children = psutil.Process(septet.process.pid).children()
    server = next(child for child in children if "multiprocessing.forkserver" in " ".join(child.cmdline()))
    roles = server.children()
    server.kill()
    for role in ("web 1", "web 2", "gateway", "worker and provider"):
        septet.wait_for(rf"{role} runs again", offset=offset, seconds=15)
    assert gone(roles)
    septet.wait_until_ready()


# --- stopped ---------------------------------------------------------------------------------------------------------


def test_sigterm_finishes_what_is_in_flight_and_ctrl_c_leaves_nothing_behind(septet: Installation) -> None:
    offset = len(septet.output().encode())
    owner = Owner(septet)
    children = descendants(septet)
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        connections = list(threads.map(lambda _: _connected(septet), range(8)))
        body = json.dumps({"email": owner.email, "password": PASSWORD})
        for connection in connections:
            connection.request("POST", "/auth/login", body, {"Content-Type": "application/json"})
        while unread_bytes(septet.web_port):
            time.sleep(0.01)
        septet.process.send_signal(signal.SIGTERM)
        statuses = list(threads.map(lambda connection: connection.getresponse().status, connections))
    assert statuses == [200] * 8
    assert septet.process.wait(30) == 0
    assert gone(children)

    septet.start()
    assert owner.stored() >= owner.acknowledged
    children = descendants(septet)
    os.killpg(septet.process.pid, signal.SIGINT)  # as a terminal does it: to every process of the group
    assert septet.process.wait(30) == 0
    assert gone(children)
    assert "goes on from there" in septet.output(offset)
    assert "Traceback" not in septet.output(offset)


def unread_bytes(port: int) -> int:
    """What was sent to this TCP port and no process has read yet (proc(5): `tx_queue:rx_queue`, in hexadecimal)."""
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = [fields for fields in sockets if fields[1].endswith(f":{port:04X}") and fields[3] == ESTABLISHED]
    return sum(int(fields[4].partition(":")[2], 16) for fields in ours)


def _connected(septet: Installation) -> http.client.HTTPConnection:
    """A connection that the server has accepted."""
    connection = http.client.HTTPConnection("127.0.0.1", septet.web_port, timeout=20)
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    return connection


# --- killed ----------------------------------------------------------------------------------------------------------


def test_after_kill_9_of_everything_the_next_up_recovers_by_itself(septet: Installation) -> None:
    owner = Owner(septet)

    def kill_everything() -> None:
        for process in [psutil.Process(septet.process.pid), *descendants(septet)]:
            with contextlib.suppress(psutil.NoSuchProcess):  # the death of another took it down already
                process.kill()
        septet.process.wait(10)

    owner.write_while(kill_everything)
    septet.start()
    assert owner.stored() >= owner.acknowledged
    assert owner.write()


def test_after_kill_9_of_the_supervisor_its_children_end_and_the_next_up_starts(septet: Installation) -> None:
    owner = Owner(septet)
    children = descendants(septet)
    owner.write_while(lambda: (septet.process.kill(), septet.process.wait(10)))
    septet.start()
    assert gone(children)
    assert owner.stored() >= owner.acknowledged
