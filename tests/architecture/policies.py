"""Row-level security taken off tables, and put back, as their owner."""

import asyncpg

from tests.engines_of_run import owner_url

_TABLES = "SELECT oid::regclass::text AS name FROM pg_class WHERE relrowsecurity = $1 AND relforcerowsecurity"


async def drop_policies(app_url: str, *only: str) -> None:
    """Take row-level security off all tables, or off those named."""
    await _switch(app_url, "DISABLE", only)


async def restore_policies(app_url: str) -> None:
    """Put it back where it was taken off."""
    await _switch(app_url, "ENABLE", ())


async def _switch(app_url: str, state: str, only: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(owner_url(app_url))
    try:
        for row in await connection.fetch(_TABLES, state == "DISABLE"):
            if not only or row["name"] in only:
                await connection.execute(f"ALTER TABLE {row['name']} {state} ROW LEVEL SECURITY")
    finally:
        await connection.close()
