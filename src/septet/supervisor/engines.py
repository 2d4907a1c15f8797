"""The engines that Septet starts itself: those without a URL in the settings."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from septet.engines.clickhouse import ClickHouseEngine
from septet.engines.postgres import PostgresEngine
from septet.engines.valkey import ValkeyEngine
from septet.kernel.config import Settings
from septet.supervisor.directory import EngineUrls, Running, claim


class Engine(Protocol):
    """One server as a child process."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def pid(self) -> int | None: ...
    @property
    def url(self) -> str: ...
    async def start(self) -> None: ...
    async def wait(self) -> int: ...
    async def stop(self) -> None: ...


class EngineSet:
    """PostgreSQL, Valkey and ClickHouse, each embedded (its attribute is the engine) or remote (it is None)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        data = Path(settings.data_dir)
        self.postgres = None if settings.postgres_url else PostgresEngine(data / "postgres")
        self.valkey = None if settings.valkey_url else ValkeyEngine(data / "valkey", appendfsync=settings.appendfsync)
        self.clickhouse = None if settings.clickhouse_url else ClickHouseEngine(data / "clickhouse")

    @property
    def embedded(self) -> list[Engine]:
        """Those that are ours to start, in the order in which to stop them."""
        engines: list[Engine | None] = [self.clickhouse, self.valkey, self.postgres]
        return [engine for engine in engines if engine]

    async def start(self) -> None:
        """Start them side by side; raises EngineError when one cannot, with the others stopped again."""
        try:
            async with asyncio.TaskGroup() as group:
                for engine in self.embedded:
                    group.create_task(engine.start())
        except BaseExceptionGroup as several:
            await self.stop()
            raise several.exceptions[0] from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop them cleanly, one after the other."""
        for engine in self.embedded:
            await engine.stop()

    @property
    def urls(self) -> EngineUrls:
        """Where each answers; known once all have started."""
        settings, postgres = self._settings, self.postgres
        remote = settings.postgres_url or ""
        owner = settings.postgres_owner_url or remote
        return EngineUrls(
            postgres=postgres.url if postgres else remote,
            postgres_owner=postgres.owner_url if postgres else owner,
            postgres_admin=postgres.admin_url if postgres else owner,
            valkey=self.valkey.url if self.valkey else settings.valkey_url or "",
            clickhouse=self.clickhouse.url if self.clickhouse else settings.clickhouse_url or "",
        )


@asynccontextmanager
async def engines_at_hand(settings: Settings) -> AsyncIterator[EngineUrls]:
    """Engines for one command: those of the Septet that runs on the data directory, else started for this block.

    Raises EngineError, and DirectoryInUse while another Septet is just starting or stopping.
    """
    engines = EngineSet(settings)
    if not engines.embedded:
        yield engines.urls
        return
    if running := Running.find(settings.data_dir):
        yield running.engines
        return
    with claim(settings.data_dir):
        await engines.start()
        try:
            yield engines.urls
        finally:
            await engines.stop()


def engines_of_running(settings: Settings) -> Settings:
    """Fill in the URLs that are not set with those of the Septet that runs on the data directory, if one does."""
    urls = (settings.postgres_url, settings.valkey_url, settings.clickhouse_url)
    running = None if all(urls) else Running.find(settings.data_dir)
    return running.engines.apply_to(settings) if running else settings
