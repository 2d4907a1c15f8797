"""Engines that are not ours: with the three URLs set nothing is started for them, and roles run alone."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from benchmarks.installation import Installation

from septet.supervisor.directory import EngineUrls, Running

pytestmark = pytest.mark.processes


@pytest.fixture
def engines(septet: Installation) -> EngineUrls:
    """The engines of another Septet."""
    running = Running.find(septet.data_dir)
    assert running
    return running.engines


@pytest.fixture
def remote(engines: EngineUrls, tmp_path: Path) -> Iterator[Installation]:
    """An installation that has URLs instead of engines."""
    with Installation(
        tmp_path,
        postgres_url=engines.postgres,
        postgres_owner_url=engines.postgres_owner,
        valkey_url=engines.valkey,
        clickhouse_url=engines.clickhouse,
    ) as installation:
        yield installation


def test_with_urls_no_engine_is_started(remote: Installation) -> None:
    remote.start()
    assert remote.call("GET", "/readyz")[0] == 200
    assert sorted(path.name for path in remote.data_dir.iterdir()) == ["lock", "run.json", "secrets.json"]
    commands = [" ".join(child.cmdline()) for child in psutil.Process(remote.process.pid).children(recursive=True)]
    assert not [command for command in commands for engine in ("postgres", "valkey", "clickhouse") if engine in command]
    assert remote.output().count("remote") == 3


def test_an_engine_that_cannot_be_reached_is_told_in_a_sentence(remote: Installation) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"postgresql://nobody@127.0.0.1:{closed.getsockname()[1]}/septet"
        failed = remote.septet("migrate", "--set", f"POSTGRES_OWNER_URL={url}", "--set", f"POSTGRES_URL={url}")
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    assert "PostgreSQL" in failed.stderr


def test_one_role_runs_alone_and_ends_cleanly_on_sigterm(remote: Installation, tmp_path: Path) -> None:
    assert remote.septet("migrate").returncode == 0
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        role = subprocess.Popen(
            [sys.executable, "-m", "septet", "run", "web"], env=remote.environment(), stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 20
        while f"Serving web on 127.0.0.1:{remote.web_port}" not in log.read_text():
            assert role.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        assert remote.call("GET", "/readyz")[0] == 200
        role.send_signal(signal.SIGTERM)
        assert role.wait(15) == 0
    finally:
        role.kill()
        role.wait()


@pytest.mark.parametrize("roles", ["wbe", "", "web,wbe"])
def test_a_role_that_does_not_exist_is_refused_with_those_that_do(remote: Installation, roles: str) -> None:
    refused = remote.septet("run", roles)
    assert refused.returncode == 1
    assert "web, gateway, worker, provider" in refused.stderr
