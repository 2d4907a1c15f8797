"""Bare SQL for tests, as whichever role the URL names."""

from typing import Any

import asyncpg


async def run_sql(url: str, statement: str, *arguments: Any) -> list[asyncpg.Record]:
    """Run one statement on a connection of its own and return its rows."""
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement, *arguments))
    finally:
        await connection.close()
