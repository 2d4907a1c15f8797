"""The migration history is linear, goes down and up again to the same schema, and matches the models."""

import importlib
import importlib.util
import os
import pkgutil

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase

import septet.services
from septet.migrations.run import alembic_config, migrate_postgres
from tests.engines_of_run import clone_database, drop_database, owner_url

SHAPE = text(
    """SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default
       FROM information_schema.columns
       WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3"""
)


async def test_down_and_up_again(worker_id: str) -> None:
    name = f"migrations_{worker_id}"
    url = owner_url(await clone_database(name))
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    try:
        async with engine.connect() as connection:
            before = [tuple(row) for row in await connection.execute(SHAPE)]
            await connection.run_sync(_downgrade)
            assert not [row for row in await connection.execute(SHAPE) if row.table_name != "alembic_version"]
            await connection.commit()
        revisions = await migrate_postgres(url)
        assert revisions == sorted(revisions) and revisions
        assert await migrate_postgres(url) == []
        async with engine.connect() as connection:
            assert [tuple(row) for row in await connection.execute(SHAPE)] == before
    finally:
        await engine.dispose()
        await drop_database(name)


def _downgrade(connection: Connection) -> None:
    command.downgrade(alembic_config(connection), "base")
    connection.commit()


async def test_history_is_linear() -> None:
    engine = create_async_engine(make_url(os.environ["TEST_POSTGRES_OWNER_URL"]).set(drivername="postgresql+asyncpg"))
    async with engine.connect() as connection:
        scripts = await connection.run_sync(
            lambda c: list(ScriptDirectory.from_config(alembic_config(c)).walk_revisions())
        )
    await engine.dispose()
    assert len([s for s in scripts if s.is_head]) == 1
    assert not [s for s in scripts if s.is_branch_point or s.is_merge_point]


async def test_models_match_the_tables(worker_id: str) -> None:
    """Every mapped column exists with the nullability that the model says."""
    for module in pkgutil.iter_modules(septet.services.__path__):
        if importlib.util.find_spec(f"septet.services.{module.name}.models"):
            importlib.import_module(f"septet.services.{module.name}.models")
    engine = create_async_engine(make_url(os.environ["TEST_POSTGRES_OWNER_URL"]).set(drivername="postgresql+asyncpg"))
    async with engine.connect() as connection:
        real = {
            (r.table_schema, r.table_name, r.column_name): r.is_nullable == "YES"
            for r in await connection.execute(SHAPE)
        }
    await engine.dispose()
    modelled = {
        (table.schema, table.name, column.name): column.nullable
        for base in DeclarativeBase.__subclasses__()
        for table in base.metadata.tables.values()
        for column in table.columns
    }
    assert modelled
    assert {key: nullable for key, nullable in modelled.items() if real.get(key) != nullable} == {}
