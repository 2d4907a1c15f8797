"""The models say what the migrations made: tables, columns, keys and indexes."""

import importlib
import os
import pkgutil
from importlib.util import find_spec
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

import septet.services
from tests.engines_of_run import OWNER_URL

SERVICES = [
    m.name for m in pkgutil.iter_modules(septet.services.__path__) if find_spec(f"septet.services.{m.name}.models")
]


@pytest.mark.parametrize("service", SERVICES)
async def test_models_match_migrations(service: str) -> None:
    metadata: MetaData = importlib.import_module(f"septet.services.{service}.models").Base.metadata
    engine = create_async_engine(make_url(os.environ[OWNER_URL]).set(drivername="postgresql+asyncpg"))
    try:
        async with engine.connect() as connection:
            differences = await connection.run_sync(lambda sync: compare(sync, metadata, service))
    finally:
        await engine.dispose()
    assert not differences, "\n".join(map(str, differences))


def compare(connection: Connection, metadata: MetaData, schema: str) -> list[Any]:
    def ours(name: str | None, kind: str, _: Any) -> bool:
        return name == schema if kind == "schema" else True

    context = MigrationContext.configure(connection, opts={"include_schemas": True, "include_name": ours})
    return [d for d in compare_metadata(context, metadata) if not str(d).startswith("('remove_table', Table('alembic")]
