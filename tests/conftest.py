"""Fixtures of all tests: engines once a run, a platform once a worker, a fresh one where a test moves the clock."""

import itertools
import os
import subprocess
import tempfile
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop
from xdist.scheduler import LoadScopeScheduling

from septet.engines.valkey import ValkeyEngine
from septet.kernel.clickhouse import ClickHouse
from septet.kernel.collector import spare_the_last
from septet.kernel.config import Settings
from septet.kernel.telemetry import configure_logging
from septet.migrations.run import migrate_clickhouse
from tests.engines_of_run import ADMIN_URL, CLICKHOUSE_URL, EnginesOfRun, clone_database, drop_database, place_for_files
from tests.filters import refuse_unfiltered
from tests.platform import Organization, Platform, platform_settings, running_platform

OWN_ENGINES = ("tests/unit", "tests/engines", "tests/journeys", "tests/browser")
ONE_INSTALLATION = ("tests/journeys/one_installation/", "tests/browser/")
SHARING_PROCESSES = ("tests/journeys/", "tests/kernel/test_outage.py", "tests/unit/kernel/")
CHEAP_HASHES = {"SEPTET_TENANCY_ARGON2_MEMORY_KIB": "64", "SEPTET_TENANCY_ARGON2_ITERATIONS": "1"}
"""Nearly every test signs somebody up; what a real hash costs is measured in benchmarks."""
BUSY_SECONDS = 20.0
"""What all tests share may be slow to answer while one of them measures how much it can take."""

_engines = pytest.StashKey[EnginesOfRun]()
_own_temporary = pytest.StashKey[str]()
_clones = itertools.count(1)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the shared engines, unless this is a worker (which inherits them) or no test here needs them."""
    configure_logging("warning", "json")
    refuse_unfiltered()
    for name, value in CHEAP_HASHES.items():
        os.environ.setdefault(name, value)
    if hasattr(config, "workerinput"):
        return
    if config.option.basetemp is None:
        # pytest's own place is shared by all runs of a user, and each takes back the access that engines were given.
        config.stash[_own_temporary] = tempfile.mkdtemp(prefix="septet-pytest-", dir=place_for_files())
        config.option.basetemp = config.stash[_own_temporary] + "/run"
    asked = [str(argument) for argument in config.args]
    if config.option.collectonly or ADMIN_URL in os.environ:
        return
    if all(any(folder in argument for folder in OWN_ENGINES) for argument in asked):
        return
    config.stash[_engines] = EnginesOfRun()
    config.stash[_engines].start()


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], AbstractEventLoop]]:
    """The loop that Septet's processes run on."""
    return {"uvloop": uvloop.new_event_loop}


class _SharedProcessesTogether(LoadScopeScheduling):
    """A file (or folder) whose tests share an installation goes to one worker, and first; all others are spread."""

    def _split_scope(self, nodeid: str) -> str:
        for folder in ONE_INSTALLATION:
            if nodeid.startswith(folder):
                return folder
        file = nodeid.partition("::")[0]
        return file if file.startswith(SHARING_PROCESSES) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _SharedProcessesTogether(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    if engines := config.stash.get(_engines, None):
        engines.stop()
    if own := config.stash.get(_own_temporary, None):
        # Some hundred thousand files of databases: nobody needs to wait for that.
        subprocess.Popen(["rm", "-rf", own], start_new_session=True)
    spare_the_last()


@pytest.fixture(scope="session")
async def platform_urls(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> AsyncIterator[Settings]:
    """This worker's own database, Valkey and ClickHouse database, as settings."""
    async with fresh_settings(tmp_path_factory.mktemp("platform"), f"septet_{worker_id}") as settings:
        yield settings


@pytest.fixture(scope="session")
async def platform(platform_urls: Settings) -> AsyncIterator[Platform]:
    """The platform that a worker's tests share. Its clock must not be moved: take `own_platform` for that."""
    async with running_platform(platform_urls) as running:
        yield running


@pytest.fixture
async def own_platform(tmp_path: Path, worker_id: str) -> AsyncIterator[Platform]:
    """A platform of this test's own: its clock may be moved, its tables dropped."""
    name = f"septet_{worker_id}_{next(_clones)}"
    async with fresh_settings(tmp_path, name) as settings, running_platform(settings) as running:
        yield running


@asynccontextmanager
async def fresh_settings(directory: Path, name: str) -> AsyncIterator[Settings]:
    """Settings that point at fresh databases; they are gone afterwards."""
    valkey = ValkeyEngine(directory / "valkey")
    await valkey.start()
    postgres_url = await clone_database(name)
    clickhouse = ClickHouse(os.environ[CLICKHOUSE_URL], patience=BUSY_SECONDS)
    await clickhouse.command(f"CREATE DATABASE {name}")
    clickhouse_url = f"{os.environ[CLICKHOUSE_URL]}/{name}"
    await migrate(clickhouse_url)
    try:
        yield platform_settings(directory / "data", postgres_url, valkey.url, clickhouse_url)
    finally:
        await clickhouse.command(f"DROP DATABASE {name}")
        await clickhouse.close()
        await drop_database(name)
        await valkey.stop()


async def migrate(clickhouse_url: str) -> None:
    own = ClickHouse(clickhouse_url, patience=BUSY_SECONDS)
    await migrate_clickhouse(own)
    await own.close()


@pytest.fixture
async def organization(platform: Platform) -> Organization:
    """A new organization with its owner."""
    return await platform.organization()


@pytest.fixture
async def stranger(platform: Platform) -> Organization:
    """Another organization, which must never see the first one's data."""
    return await platform.organization("Stranger")
