"""PostgreSQL and Redis as Debian ships them carry Septet as well: three settings, nothing else."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from benchmarks.installation import Installation, free_ports

from septet.engines.account import make_reachable, unprivileged_account
from septet.engines.postgres import role_statements

pytestmark = pytest.mark.processes
PASSWORD = "correct horse battery staple"
START_SECONDS = 20.0


@contextmanager
def postgresql(directory: Path) -> Iterator[str]:
    """The host and port of a cluster made by Debian's `initdb`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("Debian's postgresql is not installed")
    binaries, port = found[-1].parent, free_ports(1)[0]
    directory.mkdir()
    account = unprivileged_account(directory)
    as_account = account.credentials() if account else {}
    if account:
        make_reachable(directory, account)
        os.chown(directory, account.uid, account.gid)
    data = directory / "data"
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"],
        check=True,
        capture_output=True,
        cwd="/",
        **as_account,
    )
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), "-k", "", "-c", "listen_addresses=127.0.0.1"],
        stderr=subprocess.DEVNULL,
        cwd="/",
        **as_account,
    )
    try:
        is_ready = [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        wait_until(lambda: subprocess.run(is_ready, check=False).returncode == 0)  # it listens before it can serve
        admin = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        subprocess.run([binaries / "psql", "-qX", admin], input=role_statements(), text=True, check=True)
        yield f"127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)  # at SIGTERM it would wait for clients that stay
        server.wait()


@contextmanager
def redis(directory: Path) -> Iterator[str]:
    """The URL of Debian's `redis-server` with an append-only file."""
    if not shutil.which("redis-server"):
        pytest.skip("Debian's redis-server is not installed")
    directory.mkdir()
    port = free_ports(1)[0]
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", directory, "--appendonly", "yes"],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: accepts(port))
        yield f"redis://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def wait_until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        assert time.monotonic() < deadline, "the server does not start"
        time.sleep(0.05)


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def septet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    directory = tmp_path_factory.mktemp("debian")
    with postgresql(directory / "postgresql") as postgres, redis(directory / "redis") as valkey:
        urls = {
            "postgres_url": f"postgresql://septet_app@{postgres}/septet",
            "postgres_owner_url": f"postgresql://septet_owner@{postgres}/septet",
            "valkey_url": valkey,
        }
        with Installation(directory, **urls) as installation:
            yield installation.start()


def test_every_service_works_on_them(septet: Installation) -> None:
    assert septet.output().count("remote") == 2
    person = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"}
    token = septet.call("POST", "/auth/signup", person)[1]["session"]["token"]
    assert septet.call("POST", "/organizations", {"name": "Acme"}, token=token)[0] == 201
    key = septet.call("POST", "/api-keys", {"name": "server", "scopes": ["*"]}, token=token)[1]["key"]
    asked = {
        "/projects": {"name": "Launch", "key": "OPS"},
        "/rooms": {"name": "General"},
        "/links": {"url": "https://example.com/"},
        "/payments": {"orderId": "1", "amount": 100, "currency": "EUR"},
    }
    for path, body in asked.items():
        status, answer = septet.call("POST", path, body, token=key if path != "/rooms" else token)
        assert status == 201, (path, answer)
    check = {"apiKey": key, "route": "/orders", "userId": "ada"}
    assert septet.call("POST", "/check", check)[1]["allowed"] is True
    assert septet.call("POST", "/logs", {"message": "hello from Debian"}, token=key)[0] in (200, 202)
    assert septet.call("GET", "/inbox", token=token)[0] == 200


def test_doctor_finds_nothing_wrong_with_them(septet: Installation) -> None:
    findings = septet.septet("doctor")
    assert findings.returncode == 0, findings.stdout + findings.stderr
