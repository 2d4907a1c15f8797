"""Bring both schemas up to date: PostgreSQL by Alembic as the owner, ClickHouse by numbered SQL files. Safe to repeat.

Two processes that migrate at once wait for each other (an advisory lock in PostgreSQL).
"""

from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from septet.kernel.clickhouse import ClickHouse

_LOCK = text("SELECT pg_advisory_lock(hashtext('septet.migrations'))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtext('septet.migrations'))")


async def migrate_postgres(owner_url: str, upto: str = "head") -> list[str]:
    """Apply what is missing, up to a revision; returns the applied revisions, oldest first."""
    engine = create_async_engine(make_url(owner_url).set(drivername="postgresql+asyncpg"))
    try:
        async with engine.connect() as connection:
            await connection.execute(_LOCK)
            await connection.commit()
            try:
                return await connection.run_sync(_upgrade, upto)
            finally:
                await connection.rollback()
                await connection.execute(_UNLOCK)
                await connection.commit()
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, upto: str) -> list[str]:
    config = alembic_config(connection)
    before = MigrationContext.configure(connection).get_current_revision()
    connection.commit()
    command.upgrade(config, upto)
    connection.commit()
    after = MigrationContext.configure(connection).get_current_revision()
    connection.commit()
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    return sorted(revision for revision in revisions if (before or "") < revision <= (after or ""))


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for this package's history, on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


async def pending_revisions(owner_url: str) -> list[str]:
    """The revisions that `migrate_postgres` would apply."""
    engine = create_async_engine(make_url(owner_url).set(drivername="postgresql+asyncpg"))

    def compare(connection: Connection) -> list[str]:
        current = MigrationContext.configure(connection).get_current_revision()
        scripts = ScriptDirectory.from_config(alembic_config(connection)).walk_revisions()
        return sorted(s.revision for s in scripts if current is None or s.revision > current)

    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()


async def migrate_clickhouse(clickhouse: ClickHouse) -> list[str]:
    """Apply `clickhouse/*.sql` in order of name; returns those applied. Statements end with `;` at a line's end."""
    await clickhouse.command(
        """CREATE TABLE IF NOT EXISTS septet_migrations (name String, applied_at DateTime DEFAULT now())
           ENGINE = MergeTree ORDER BY name"""
    )
    applied = {row["name"] for row in await clickhouse.query("SELECT name FROM septet_migrations")}
    new = []
    folder = resources.files("septet.migrations") / "clickhouse"
    for file in sorted(folder.iterdir(), key=lambda f: f.name) if folder.is_dir() else []:
        if not file.name.endswith(".sql") or file.name in applied:
            continue
        for statement in file.read_text().split(";\n"):
            if statement.strip():
                await clickhouse.command(statement)
        await clickhouse.command("INSERT INTO septet_migrations (name) VALUES ({name:String})", {"name": file.name})
        new.append(file.name)
    return new
