"""Engines for the tests in this folder. Clients here are third-party ones, as they come."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from septet.engines.clickhouse import ClickHouseEngine
from septet.engines.postgres import PostgresEngine
from septet.engines.valkey import ValkeyEngine


@pytest.fixture(scope="session")
async def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ClickHouseEngine]:
    """One ClickHouse for all tests that do not end it."""
    engine = ClickHouseEngine(tmp_path_factory.mktemp("clickhouse"))
    await engine.start()
    yield engine
    await engine.stop()


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresEngine]:
    """One PostgreSQL for all tests that do not end it."""
    engine = PostgresEngine(tmp_path_factory.mktemp("postgres"))
    await engine.start()
    yield engine
    await engine.stop()


@pytest.fixture(params=[PostgresEngine, ValkeyEngine, ClickHouseEngine], ids=lambda kind: kind.name)
async def engine(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[PostgresEngine | ValkeyEngine | ClickHouseEngine]:
    """Each engine in turn, fresh, started."""
    engine = request.param(tmp_path / request.param.name)
    await engine.start()
    yield engine
    await engine.stop()
