"""An organization as JSON lines, compressed: a header, its people, then every row that carries its tenant id.

What to write is read from the catalogue, so that tables of all services are in it. Secrets are not: neither passwords
nor API keys. All rows come from one statement, and therefore from one moment. Reading an archive back gives every row
the new organization's id, and known people theirs, by replacing ids in the text: UUIDs do not occur by chance.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from septet.kernel.postgres import is_lock_conflict
from septet.kernel.uow import UnitOfWork

FORMAT, VERSION = "septet-organization", 1
ORGANIZATIONS, USERS = "tenancy.organizations", "tenancy.users"
ERASING_ATTEMPTS = 10
LEFT_OUT = ("tenancy.api_keys", "tenancy.exports")

_COLUMNS = text(
    """SELECT n.nspname || '.' || c.relname AS table_name, a.attname AS column_name,
              coalesce(k.position, 0) AS key_position
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
       LEFT JOIN LATERAL (
         SELECT u.position FROM pg_constraint p, unnest(p.conkey) WITH ORDINALITY AS u (number, position)
         WHERE p.conrelid = c.oid AND p.contype = 'p' AND u.number = a.attnum) k ON true
       WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^(pg_|information_schema|kernel)'
         AND EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id')
       ORDER BY 1, a.attnum"""
)
_REFERENCES = text(
    """SELECT n.nspname || '.' || c.relname AS table_name, m.nspname || '.' || r.relname AS referenced
       FROM pg_constraint p JOIN pg_class c ON c.oid = p.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_class r ON r.oid = p.confrelid JOIN pg_namespace m ON m.oid = r.relnamespace
       WHERE p.contype = 'f' AND p.conrelid <> p.confrelid"""
)
_PEOPLE = text(
    """SELECT jsonb_build_object('id', u.id, 'email', u.email, 'name', u.name, 'locale', u.locale)::text
       FROM tenancy.users u JOIN tenancy.memberships m ON m.user_id = u.id WHERE m.tenant_id = :tenant ORDER BY u.id"""
)
_WAIT_BRIEFLY = text("SET LOCAL lock_timeout = '300ms'")  # PostgreSQL looks for deadlocks after a second


@dataclass(frozen=True, slots=True)
class Table:
    """A table that holds rows of tenants. `key` orders its rows."""

    name: str
    columns: Sequence[str]
    key: Sequence[str]


async def tables_of_tenants(uow: UnitOfWork) -> list[Table]:
    """All of them, each after those that it refers to."""
    columns: dict[str, list[str]] = defaultdict(list)
    keys: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in (await uow.execute(_COLUMNS)).mappings():
        columns[row["table_name"]].append(row["column_name"])
        if row["key_position"]:
            keys[row["table_name"]].append((row["key_position"], row["column_name"]))
    graph: dict[str, set[str]] = {name: set() for name in columns}
    for row in (await uow.execute(_REFERENCES)).mappings():
        if row["table_name"] in graph and row["referenced"] in graph:
            graph[row["table_name"]].add(row["referenced"])
    order = [name for name in TopologicalSorter(graph).static_order() if name not in LEFT_OUT]
    return [Table(name, columns[name], [column for _, column in sorted(keys[name])]) for name in order]


async def write_archive(uow: UnitOfWork) -> bytes:
    """The archive of the tenant."""
    lines = [json.dumps({"format": FORMAT, "version": VERSION, "organizationId": str(uow.tenant_id)})]
    people = await uow.execute(_PEOPLE, {"tenant": uow.tenant_id})
    lines += [f'{{"table": "{USERS}", "row": {row}}}' for row in people.scalars()]
    tables = await tables_of_tenants(uow)
    rows = await uow.execute(text(_all_rows(tables)), {"tenant": uow.tenant_id})
    lines += [f'{{"table": "{tables[row["number"]].name}", "row": {row["line"]}}}' for row in rows.mappings()]
    return gzip.compress("\n".join(lines).encode(), mtime=0)


def _all_rows(tables: Iterable[Table]) -> str:
    """One statement: the number of the table, and the row as JSON text."""
    parts = []
    for number, table in enumerate(tables):
        names = ", ".join(f'"{column}"' for column in table.columns)
        key = ", ".join(f'"{column}"' for column in table.key)
        ordered = f"SELECT {names} FROM {table.name} WHERE tenant_id = :tenant ORDER BY {key}"  # noqa: S608
        parts.append(f"(SELECT {number} AS number, to_jsonb(t)::text AS line FROM ({ordered}) t)")  # noqa: S608 - names of the catalogue
    return " UNION ALL ".join(parts)


@dataclass(frozen=True, slots=True)
class Archive:
    """A read archive: whose it was, its people, and its rows by table."""

    organization_id: UUID
    people: list[dict[str, str]]
    rows: dict[str, list[str]]

    @classmethod
    def read(cls, content: bytes) -> "Archive":
        """Raises ValueError with a sentence when this is no archive of ours."""
        try:
            lines = gzip.decompress(content).decode().splitlines()
            header = json.loads(lines[0])
        except (OSError, EOFError, ValueError, IndexError) as error:
            raise ValueError(f"This is no archive of an organization: {error}.") from error
        if header.get("format") != FORMAT or header.get("version") != VERSION:
            raise ValueError(f"This is no archive of version {VERSION}; use the release of Septet that wrote it.")
        people, rows = [], defaultdict(list)
        for line in lines[1:]:
            entry = json.loads(line)
            if entry["table"] == USERS:
                people.append(entry["row"])
            else:
                rows[entry["table"]].append(line)
        return cls(UUID(header["organizationId"]), people, dict(rows))


async def erase(uow: UnitOfWork) -> None:
    """Remove every row of the tenant, of all services; tenancy's own go with the organization.

    Services still work on what was due, and lock its rows in an order of their own. Where this waits for them it soon
    gives its locks back, lets them finish, and begins anew: before PostgreSQL finds a deadlock and ends one of theirs.
    """
    tables = await tables_of_tenants(uow)
    for last in (False,) * (ERASING_ATTEMPTS - 1) + (True,):
        try:
            async with uow.session.begin_nested():
                await uow.execute(_WAIT_BRIEFLY)
                await _delete_rows(uow, tables)
            return
        except DBAPIError as error:
            if last or not is_lock_conflict(error):
                raise


async def _delete_rows(uow: UnitOfWork, tables: Sequence[Table]) -> None:
    for table in reversed(tables):
        if not table.name.startswith("tenancy."):
            await uow.execute(text(f"DELETE FROM {table.name} WHERE tenant_id = :tenant"), {"tenant": uow.tenant_id})  # noqa: S608 - a name of the catalogue
    await uow.execute(text(f"DELETE FROM {ORGANIZATIONS} WHERE tenant_id = :tenant"), {"tenant": uow.tenant_id})  # noqa: S608


async def insert_rows(uow: UnitOfWork, table: Table, lines: Sequence[str]) -> None:
    """Add a table's rows in one statement, since they may refer to each other."""
    names = ", ".join(f'"{column}"' for column in table.columns)
    values = ", ".join(f'r."{column}"' for column in table.columns)
    statement = f"""INSERT INTO {table.name} ({names}) SELECT {values}
        FROM jsonb_array_elements(CAST(:lines AS jsonb)) line,
             jsonb_populate_record(NULL::{table.name}, line->'row') r"""  # noqa: S608 - names of the catalogue
    await uow.execute(text(statement.replace("NULL::", "NULL\\:\\:")), {"lines": f"[{','.join(lines)}]"})
