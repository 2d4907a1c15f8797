"""Where an organization is found: every table, key and file of all three engines, searched for its id and its words."""

import os
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.engine import make_url
from tests.engines_of_run import ADMIN_URL
from tests.platform import Platform
from tests.sql import run_sql

_TABLES = """SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema|public)' ORDER BY 1"""
# Another party's books: a real provider would keep them too, and nobody could make it forget.
NOT_OURS = ("provider.",)


async def places(platform: Platform, tenant_id: UUID, words: Sequence[str] = ()) -> list[str]:
    """The tables and keys in which the id or one of the words still occurs."""
    wanted = [str(tenant_id), tenant_id.hex, *words]
    return [
        *await _in_postgres(platform, wanted),
        *await _in_clickhouse(platform, wanted),
        *await _in_valkey(platform, wanted),
        *_in_files(platform, wanted),
    ]


async def _in_postgres(platform: Platform, wanted: list[str]) -> list[str]:
    """As superuser, from whom row-level security hides nothing."""
    database = make_url(platform.runtime.postgres.url).database
    url = make_url(os.environ[ADMIN_URL]).set(drivername="postgresql", database=database)
    admin = url.render_as_string(hide_password=False)
    found = []
    for (name,) in await run_sql(admin, _TABLES):
        if name.startswith(NOT_OURS):
            continue
        condition = " OR ".join(f"t::text ILIKE '%' || ${number + 1} || '%'" for number in range(len(wanted)))
        ((count,),) = await run_sql(admin, f"SELECT count(*) FROM {name} t WHERE {condition}", *wanted)
        if count:
            found.append(f"postgres {name}: {count}")
    return found


async def _in_clickhouse(platform: Platform, wanted: list[str]) -> list[str]:
    clickhouse = platform.runtime.clickhouse
    tables = await clickhouse.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
    )
    found = []
    for name in [table["name"] for table in tables]:
        for word in wanted:
            condition = "position(formatRow('JSONEachRow', *), {word:String}) > 0"
            (row,) = await clickhouse.query(f"SELECT count() AS n FROM {name} WHERE {condition}", {"word": word})
            if row["n"]:
                found.append(f"clickhouse {name}: {row['n']}")
    return found


async def _in_valkey(platform: Platform, wanted: list[str]) -> list[str]:
    client = platform.runtime.valkey.client
    found = []
    async for key in client.scan_iter(count=1000):
        held = key + (await client.dump(key) or b"")
        if any(word.encode() in held for word in wanted):
            found.append(f"valkey {key.decode(errors='replace')}")
    return found


def _in_files(platform: Platform, wanted: list[str]) -> list[str]:
    """What Septet itself writes beside the engines: secrets and spools."""
    files = [path for path in platform.runtime.settings.data_dir.rglob("*") if path.is_file()]
    return [f"file {path}" for path in files if any(word.encode() in path.read_bytes() for word in wanted)]
