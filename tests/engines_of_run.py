"""The engines that one test run shares: started once by the controlling process, however many workers there are.

Each worker then gets a database cloned from a migrated template, a Valkey and a ClickHouse database of its own.
"""

import asyncio
import os
import shutil
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import psutil

from septet.engines.clickhouse import ClickHouseEngine
from septet.engines.postgres import PostgresEngine
from septet.migrations.run import migrate_postgres

T = TypeVar("T")
ADMIN_URL, CLICKHOUSE_URL, OWNER_URL = "TEST_POSTGRES_ADMIN_URL", "TEST_CLICKHOUSE_URL", "TEST_POSTGRES_OWNER_URL"
TEMPLATE = "septet"
SETTINGS = {
    # Each worker runs a few platforms side by side, with a pool each.
    "max_connections": "500",
    # Nobody kills these engines: tests that do start their own, which sync as they do for users.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    # A database is made and dropped for every test that moves the clock; each is gone before it needs cleaning.
    "autovacuum": "off",
    "max_wal_size": "2GB",
}
MEMORY, ROOM_BYTES = Path("/dev/shm"), 12 * 1024**3


def place_for_files() -> str | None:
    """Where a run keeps its files: in memory where that is roomy (a tenth faster), else where the system keeps such.

    A run makes and removes some hundred thousand files of databases. What a killed process wrote is in the system's
    hands, in memory as on a disk; what a loss of power leaves is no test's matter.
    """
    if not MEMORY.is_dir() or min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) < ROOM_BYTES:
        return None
    return str(MEMORY)


class EnginesOfRun:
    """PostgreSQL (migrated) and ClickHouse, on an event loop in a thread, for as long as the run lasts."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(
            prefix="septet-tests-", dir=place_for_files(), ignore_cleanup_errors=True
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._postgres = PostgresEngine(Path(self._directory.name) / "postgres", settings=SETTINGS)
        self._clickhouse = ClickHouseEngine(Path(self._directory.name) / "clickhouse")

    def start(self) -> None:
        """Start both and tell workers, which inherit the environment, where they are."""
        self._thread.start()
        self._run(self._start())
        os.environ[ADMIN_URL] = self._postgres.admin_url
        os.environ[OWNER_URL] = self._postgres.owner_url
        os.environ[CLICKHOUSE_URL] = self._clickhouse.url

    async def _start(self) -> None:
        await asyncio.gather(self._postgres.start(), self._clickhouse.start())
        await migrate_postgres(self._postgres.owner_url)

    def stop(self) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._directory.cleanup()

    async def _stop(self) -> None:
        await asyncio.gather(self._postgres.stop(), self._clickhouse.stop())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=120)


async def clone_database(name: str) -> str:
    """A fresh copy of the migrated template; returns the application role's URL."""
    connection = await asyncpg.connect(_in_database(os.environ[ADMIN_URL], "postgres"))
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER septet_owner")
    finally:
        await connection.close()
    return _in_database(os.environ[OWNER_URL], name).replace("septet_owner", "septet_app")


async def drop_database(name: str) -> None:
    connection = await asyncpg.connect(_in_database(os.environ[ADMIN_URL], "postgres"))
    try:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


def owner_url(app_url: str) -> str:
    """The schema owner's URL of the same database."""
    return app_url.replace("septet_app", "septet_owner")


def _in_database(url: str, name: str) -> str:
    return url.replace("/septet?", f"/{name}?")
