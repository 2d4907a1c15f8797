"""PostgreSQL's roles, its socket, and the account it runs as."""

import os
import pwd
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncpg
import psutil
import pytest

from septet.engines.errors import EngineError
from septet.engines.postgres import PostgresEngine, role_statements

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run as somebody else")

AS_USER = """
import asyncio, sys
from pathlib import Path
from septet.engines.clickhouse import ClickHouseEngine
from septet.engines.postgres import PostgresEngine
from septet.engines.valkey import ValkeyEngine

async def main():
    for kind in (PostgresEngine, ValkeyEngine, ClickHouseEngine):
        engine = kind(Path(sys.argv[1], kind.name))
        for _ in range(2):
            await engine.start()
            print(engine.version)
            await engine.stop()

asyncio.run(main())
"""


AS_NOBODY = """
mount --bind "$1" "$2" && export LD_LIBRARY_PATH="$2/lib" &&
exec setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "$2/bin/python3" -c "$3" "$4"
"""


def permissions(path: Path) -> int:
    """The mode's permission bits."""
    return path.stat().st_mode & 0o777


def exists(path: Path) -> bool:
    """Whether it is there."""
    return path.exists()


async def test_the_application_owns_nothing_and_uses_what_migrations_make(postgres: PostgresEngine) -> None:
    owner, app = await asyncpg.connect(postgres.owner_url), await asyncpg.connect(postgres.url)
    try:
        await owner.execute(
            "CREATE SCHEMA later; CREATE TABLE later.rows (id bigint GENERATED ALWAYS AS IDENTITY, t text)"
        )
        await owner.execute("CREATE FUNCTION later.one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        await owner.execute("CREATE SEQUENCE later.numbers")
        assert await app.fetchval("INSERT INTO later.rows (t) VALUES ('ä') RETURNING id") == 1
        await app.execute("UPDATE later.rows SET t = 'b'; DELETE FROM later.rows")
        assert await app.fetchval("SELECT later.one() + nextval('later.numbers')") == 2
        for forbidden in (
            "CREATE TABLE later.mine ()",
            "CREATE TABLE public.mine ()",
            "CREATE SCHEMA mine",
            "TRUNCATE later.rows",
            "DROP TABLE later.rows",
            "ALTER TABLE later.rows DISABLE ROW LEVEL SECURITY",
            "SET ROLE septet_owner",
            "CREATE ROLE mine",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(forbidden)
    finally:
        await owner.close()
        await app.close()


async def test_row_level_security_is_forced_on_owner_and_application(postgres: PostgresEngine) -> None:
    owner, app = await asyncpg.connect(postgres.owner_url), await asyncpg.connect(postgres.url)
    try:
        await owner.execute("CREATE SCHEMA walls; CREATE TABLE walls.rows (tenant text)")
        await app.execute("INSERT INTO walls.rows VALUES ('a')")
        await owner.execute("ALTER TABLE walls.rows ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        assert await app.fetchval("SELECT count(*) FROM walls.rows") == 0
        assert await owner.fetchval("SELECT count(*) FROM walls.rows") == 0
    finally:
        await owner.close()
        await app.close()


async def test_it_is_durable_and_listens_on_no_network(postgres: PostgresEngine) -> None:
    admin = await asyncpg.connect(postgres.admin_url)
    try:
        settings = {row["name"]: row["setting"] for row in await admin.fetch("SELECT name, setting FROM pg_settings")}
        encoding = await admin.fetchrow(
            "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale FROM pg_database WHERE datname = 'septet'"
        )
    finally:
        await admin.close()
    for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert settings[name] == "on", name
    assert settings["listen_addresses"] == ""
    assert not psutil.Process(postgres.pid).net_connections(kind="inet")
    assert tuple(encoding) == ("UTF8", b"b", "C.UTF-8")


async def test_the_role_script_may_run_again(postgres: PostgresEngine) -> None:
    await postgres.stop()
    await postgres.start()
    assert "septet_app" in role_statements()


async def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    engine = PostgresEngine(tmp_path / ("deep-" * 30) / "postgres")
    try:
        await engine.start()
        connection = await asyncpg.connect(engine.url)
        assert await connection.fetchval("SELECT current_user") == "septet_app"
        await connection.close()
        sockets = Path(engine.url.partition("host=")[2])
        assert permissions(sockets) == 0o700
    finally:
        await engine.stop()
    assert not exists(sockets)


async def test_a_foreign_data_directory_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thesis.txt").write_text("mine")
    with pytest.raises(EngineError, match="is no PostgreSQL cluster"):
        await PostgresEngine(tmp_path).start()
    assert (tmp_path / "data" / "thesis.txt").read_text() == "mine"


async def test_an_initialisation_that_was_killed_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "data.new").mkdir()
    (tmp_path / "data.new" / "PG_VERSION").write_text("18\n")
    engine = PostgresEngine(tmp_path)
    await engine.start()
    assert engine.version.startswith("18")
    await engine.stop()


@needs_root
async def test_root_runs_it_as_another_user_even_below_a_closed_directory(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    engine = PostgresEngine(closed / "postgres")
    await engine.start()
    try:
        assert engine.pid is not None
        assert psutil.Process(engine.pid).uids().effective != 0
        assert permissions(closed) & 0o007 == 0, "others stay out"
    finally:
        await engine.stop()


@needs_root
def test_an_ordinary_user_runs_all_three() -> None:
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as place:
        home, python = Path(place, "home"), Path(place, "python")
        home.mkdir()
        python.mkdir()
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        Path(place).chmod(0o755)
        # This Python may live where only root can go, so it is mounted where everybody can, for this one process.
        result = subprocess.run(
            ["unshare", "--mount", "sh", "-c", AS_NOBODY, "sh", sys.base_prefix, str(python), AS_USER, str(home)],
            env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        if "unshare" in result.stderr:
            pytest.skip(f"no mount namespace can be made here: {result.stderr.strip()}")
        assert result.returncode == 0, result.stderr
        assert len(result.stdout.split()) == 6
        assert {path.owner() for path in home.rglob("*")} == {"nobody"}
