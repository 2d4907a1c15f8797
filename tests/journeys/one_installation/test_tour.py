"""The tour's figures hold in one process, apart behind nginx, and while processes are killed."""

import asyncio
import os
import random
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.installation import Installation
from tests.journeys.fleet import Fleet
from tests.journeys.test_up_debian import postgresql, redis

from septet.engines.clickhouse import ClickHouseEngine

pytestmark = pytest.mark.processes
SEED = int(os.environ.get("SOAK_SEED", "1"))
KILL_EVERY_SECONDS = 2.0
GENTLE = {"tenancy_argon2_memory_kib": 64}


def test_every_figure_holds(septet: Installation, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    line = '203.0.113.7 - - [17/May/2026:10:00:00 +0000] "GET /a HTTP/1.1" {} 12 "-" "curl/8"'
    log.write_text("".join(f"{line.format(status)}\n" for status in (200, 404, 404, 500)))
    taken = septet.septet("tour", "--logs", str(log), seconds=120)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert "✗" not in taken.stdout
    assert "error: 1, info: 1, warn: 2" in taken.stdout
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    shown = readme.partition("<!-- begin tour -->")[2].partition("<!-- end tour -->")[0]
    assert figures_in(shown) == figures_in(taken.stdout), "README shows another tour"


def figures_in(table: str) -> list[tuple[str, str]]:
    """What each row is about, and where the console shows it; ids are everybody's own."""
    rows = re.findall(r"^ ✓  (.+?)  +.+?  (/.*?)  ", table, re.MULTILINE)
    return [(what, re.sub("….{4}", "…", console)) for what, console in rows]


def test_a_figure_that_does_not_hold_fails_the_tour(septet: Installation, tmp_path: Path) -> None:
    log = tmp_path / "long.log"
    log.write_text(f"short\n{'x' * 400}\n")
    taken = septet.septet("tour", "--only", "logs", "--logs", str(log), "--patience", "3", seconds=120)
    assert taken.returncode == 1
    assert "log lines accepted, log lines stored" in taken.stderr
    assert "1, not 2" in taken.stdout


def test_an_unknown_stop_is_a_sentence(septet: Installation) -> None:
    taken = septet.septet("tour", "--only", "moon")
    assert taken.returncode == 1
    assert "no stop moon. Stops of the tour: projects, chat, billing, links, logs, limits, payments." in " ".join(
        taken.stderr.split()
    )


def test_nobody_there_is_a_sentence(septet: Installation) -> None:
    taken = septet.septet("tour", "--url", "http://127.0.0.1:1", "--patience", "1")
    assert taken.returncode == 1
    assert "Start it with `septet up`" in taken.stderr
    assert "Traceback" not in taken.stderr


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Every role and service apart, on PostgreSQL and Redis from Debian's packages."""
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    directory = tmp_path_factory.mktemp("fleet")
    clickhouse = ClickHouseEngine(directory / "clickhouse")
    with (
        asyncio.Runner() as loop,
        postgresql(directory / "postgresql") as postgres,
        redis(directory / "redis") as valkey,
    ):
        loop.run(clickhouse.start())
        urls = {
            "postgres_url": f"postgresql://septet_app@{postgres}/septet",
            "postgres_owner_url": f"postgresql://septet_owner@{postgres}/septet",
            "valkey_url": valkey,
            "clickhouse_url": clickhouse.url,
        }
        try:
            with Fleet(directory / "fleet", GENTLE | urls) as running:
                yield running
        finally:
            loop.run(clickhouse.stop())


@pytest.mark.soak
@pytest.mark.skipif("SOAK_ROUNDS" not in os.environ, reason="takes a minute; make soak runs it")
def test_apart_every_figure_holds(fleet: Fleet) -> None:
    taken = fleet.tour("--lines", "2000", "--patience", "60")
    assert taken.returncode == 0, taken.stdout + taken.stderr


@pytest.mark.soak
@pytest.mark.skipif("SOAK_ROUNDS" not in os.environ, reason="takes a minute; make soak runs it")
def test_apart_they_hold_while_processes_are_killed(fleet: Fleet) -> None:
    dice, over = random.Random(SEED), threading.Event()

    def kill() -> None:
        while not over.wait(KILL_EVERY_SECONDS):
            fleet.kill_one(dice)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        taken = fleet.tour("--patience", "60")
    finally:
        over.set()
        killer.join()
    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert fleet.deaths > 3
