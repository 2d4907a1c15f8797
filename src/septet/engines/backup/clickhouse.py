"""ClickHouse's part: every table's definition, and its rows in the Native format.

The database is the one in the URL; without one, every database that is not the server's own. Views come last, so that
a materialized view does not see the restored rows as new ones.
"""

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from septet.engines.backup.archive import CHUNK_BYTES, ArchiveReader, ArchiveWriter, Count
from septet.engines.errors import EngineError

PREFIX = "clickhouse/"
TAIL_BYTES = 64 * 1024
TABLES = """
SELECT database, name, engine LIKE '%View' OR engine = 'Dictionary' AS view, create_table_query AS definition,
       toUInt64(ifNull(total_rows, 0)) AS rows
FROM system.tables
WHERE database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA') AND NOT is_temporary
  AND {database:String} IN ('', database)
ORDER BY view, metadata_modification_time, database, name
SETTINGS output_format_json_quote_64bit_integers = 0"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view; `rows` is about how many there are."""

    database: str
    name: str
    view: bool
    definition: str
    rows: int

    @property
    def quoted(self) -> str:
        """The full name, quoted for SQL."""
        return f"{_quoted(self.database)}.{_quoted(self.name)}"


class ClickHouseData:
    """The tables of the server that `url` names."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._database = parts.path.strip("/")
        self._client = httpx.AsyncClient(
            base_url=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            auth=(unquote(parts.username or "default"), unquote(parts.password or "")),
            timeout=httpx.Timeout(300, connect=5),
            headers={"Accept-Encoding": "identity"},
            trust_env=False,
        )

    async def dump(self, archive: ArchiveWriter, count: Count) -> None:
        """Write all tables to the archive. Raises EngineError."""
        tables = await self._tables()
        done, total = 0, sum(table.rows for table in tables)
        count(done, total)
        for number, table in enumerate(tables):
            facts = {"database": table.database, "table": table.name, "view": table.view, "rows": table.rows}
            with archive.member(f"{PREFIX}{number:04}", definition=table.definition, **facts) as member:
                if not table.view:
                    async for chunk in self._read(f"SELECT * FROM {table.quoted} FORMAT Native"):  # noqa: S608
                        member.write(chunk)
            done += table.rows
            count(done, total)

    async def is_empty(self) -> bool:
        """Whether there is no table. Raises EngineError."""
        return not await self._tables()

    async def clear(self) -> None:
        """Drop all tables, views first. Raises EngineError."""
        for table in reversed(await self._tables()):
            await self._run(f"DROP TABLE {table.quoted} SYNC")

    async def load(self, archive: ArchiveReader, count: Count) -> None:
        """Create all tables and fill them. Raises EngineError."""
        members = {name: facts for name, facts in archive.members.items() if name.startswith(PREFIX)}
        done, total = 0, sum(facts["rows"] for facts in members.values())
        count(done, total)
        for name, facts in members.items():
            table = Table(facts["database"], facts["table"], facts["view"], facts["definition"], facts["rows"])
            await self._run(f"CREATE DATABASE IF NOT EXISTS {_quoted(table.database)}")
            await self._run(table.definition)
            if not table.view:
                await self._fill(table, archive.read(name))
            done += table.rows
            count(done, total)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _tables(self) -> list[Table]:
        answer = await self._run(f"{TABLES} FORMAT JSON", {"param_database": self._database})
        return [
            Table(row["database"], row["name"], bool(row["view"]), row["definition"], row["rows"])
            for row in answer.json()["data"]
        ]

    async def _run(self, statement: str, parameters: dict[str, str] | None = None) -> httpx.Response:
        return await self._send(statement.encode(), parameters)

    async def _fill(self, table: Table, chunks: Iterable[bytes]) -> None:
        parameters = {
            "query": f"INSERT INTO {table.quoted} FORMAT Native",
            "insert_deduplicate": "0",  # equal blocks are equal rows here, not a repeated request
            "async_insert": "0",
        }
        await self._send(_stream(chunks), parameters)

    async def _send(self, content: Any, parameters: dict[str, str] | None) -> httpx.Response:
        try:
            answer = await self._client.post("/", params=parameters, content=content)
        except httpx.HTTPError as error:
            raise EngineError(f"ClickHouse cannot be reached: {_told(error)}.") from error
        if answer.is_error:
            raise EngineError(f"ClickHouse refused: {answer.text.strip()[:500]}")
        return answer

    async def _read(self, statement: str) -> AsyncIterator[bytes]:
        try:
            async with self._client.stream("POST", "/", content=statement.encode()) as answer:
                if answer.is_error:
                    raise EngineError(f"ClickHouse refused: {(await answer.aread()).decode(errors='replace')[:500]}")
                tail = b""
                async for chunk in answer.aiter_bytes(CHUNK_BYTES):
                    tail = (tail + chunk)[-TAIL_BYTES:]
                    yield chunk
        except httpx.HTTPError as error:
            raise EngineError(f"ClickHouse broke off: {_told(error)}.") from error
        tag = answer.headers.get("X-ClickHouse-Exception-Tag", "")
        if tag and (broken := re.search(rb"__exception__\r\n" + tag.encode() + rb"\r\n(.*)", tail, re.DOTALL)):
            raise EngineError(f"ClickHouse broke off: {broken[1].decode(errors='replace')[:500]}")


async def _stream(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def _told(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__
