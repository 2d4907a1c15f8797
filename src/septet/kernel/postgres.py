"""PostgreSQL: the pool, the tables' common shape, row-level security, and the translation of its faults.

Only kernel modules import the driver. Stores build SQLAlchemy statements and run them through the unit of work.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import MetaData, Uuid, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column
from sqlalchemy.pool import AsyncAdaptedQueuePool

from septet.kernel.breaker import CircuitBreaker
from septet.kernel.errors import EngineUnavailable, StorageFull
from septet.kernel.findings import Finding
from septet.kernel.watchdog import Watchdog

Connection = asyncpg.Connection
_NO_ANSWER = (
    OSError,
    TimeoutError,
    asyncpg.exceptions.PostgresConnectionError,
    asyncpg.exceptions.InternalClientError,  # when it goes just after the greeting
)
OUTAGES = (*_NO_ANSWER, asyncpg.exceptions.PostgresError, asyncpg.exceptions.InterfaceError)
"""What a bare driver connection may raise when PostgreSQL goes away; some of these are also its answers."""

CONNECT_TIMEOUT_SECONDS = 2.0
LONGEST_GOODBYE_SECONDS = 0.2
_DISK_FULL = "53100"
_LOCK_CONFLICTS = ("40P01", "55P03")  # deadlock detected, lock not available in time
_TRANSIENT_CLASSES = ("08", "57", "53", "40")  # connection, operator intervention, resources, rolled-back transaction
SET_TENANT = text("SELECT set_config('septet.tenant_id', :tenant, true), set_config('septet.user_id', :user, true)")
_ANY_STATEMENT = text("SELECT 1")
_TELL_TENANT = "SELECT set_config('septet.tenant_id', '{tenant}', true), set_config('septet.user_id', '{user}', true)"

_OWN_ROLE = text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
_UNGUARDED_TABLES = text(
    """SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE a.attname = 'tenant_id' AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
         AND c.relnamespace::regnamespace::text !~ '^pg_'
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                  AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant')) ORDER BY 1"""
)

TENANT_POLICY = "tenant_id = (select nullif(current_setting('septet.tenant_id', true), '')::uuid)"
OWN_ROWS_POLICY = "user_id = (select nullif(current_setting('septet.user_id', true), '')::uuid)"


def service_metadata(schema: str) -> MetaData:
    """For a service's base class: its tables are in the service's own PostgreSQL schema."""
    naming = {"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
    return MetaData(schema=schema, naming_convention=naming)


class TenantOwned:
    """Mixin for rows of one tenant: the first column of the primary key, guarded by row-level security."""

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, sort_order=-10)


def tenant_policy(table: str, *, also_own_rows: bool = False) -> list[str]:
    """Statements that put `schema.table` under forced row-level security; for use in migrations.

    `also_own_rows` lets a user read rows that carry their own `user_id` in any tenant (their memberships).
    """
    readable = f"{TENANT_POLICY} OR {OWN_ROWS_POLICY}" if also_own_rows else TENANT_POLICY
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {table} USING ({readable}) WITH CHECK ({TENANT_POLICY})",
    ]


class _Connection(asyncpg.Connection):
    """A connection of the pool, as SQLAlchemy uses it: it tells the tenant with the BEGIN, and is quick to close."""

    telling = ""
    """Goes out with the next BEGIN: a round trip less for every transaction."""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:
        if self.telling and query.startswith("BEGIN"):
            query, self.telling = f"{query} {self.telling}", ""
        return await super().execute(query, *args, timeout=timeout)

    async def close(self, *, timeout: float | None = None) -> None:
        """SQLAlchemy says goodbye before it drops one, and would wait two seconds for a frozen server's answer."""
        await super().close(timeout=LONGEST_GOODBYE_SECONDS)  # type: ignore[no-untyped-call]


class Postgres:
    """The connection pool of one process. Every fault of the engine comes out as EngineUnavailable or StorageFull.

    `statement_timeout_seconds`: how long one statement may take. A server that is silent is noticed sooner, by pings:
    after two to three times `patience_seconds`.
    """

    def __init__(
        self, url: str, *, pool_size: int = 16, statement_timeout_seconds: float = 30.0, patience_seconds: float = 1.0
    ) -> None:
        self.url = url
        self._statement_timeout_seconds = statement_timeout_seconds
        self.breaker = CircuitBreaker("PostgreSQL")
        self._watchdog = Watchdog(self._ping_apart, patience_seconds * 0.75)
        self._ping_connection: Connection | None = None
        self.engine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=pool_size,
            pool_use_lifo=True,  # few connections that know the statements, rather than all of them a few
            max_overflow=0,  # what exceeds the pool would be made and dropped at each use: waiting is cheaper
            pool_timeout=CONNECT_TIMEOUT_SECONDS,
            connect_args={
                "timeout": CONNECT_TIMEOUT_SECONDS,
                "connection_class": _Connection,
                "command_timeout": statement_timeout_seconds,
                "server_settings": {"application_name": "septet"},
            },
        )
        event.listen(self.engine.sync_engine, "after_cursor_execute", self._answered)
        event.listen(self.engine.sync_engine, "checkout", _made_ready)

    def _answered(self, *_: object) -> None:
        """Any answer shows that the engine is there: whoever only reads would otherwise never close the breaker."""
        self.breaker.succeeded()

    def connections(self) -> tuple[int, int]:
        """How many work, and how many wait in the pool for work."""
        pool = self.engine.pool
        assert isinstance(pool, AsyncAdaptedQueuePool)
        return pool.checkedout(), pool.checkedin()

    def session(self, tenant_id: UUID | None, user_id: UUID | None) -> AsyncSession:
        """A session whose every transaction begins by telling row-level security the tenant and the user.

        Raises EngineUnavailable at once while the engine is known to be down.
        """
        self.breaker.check()
        session = AsyncSession(self.engine, sync_session_class=_TenantSession, expire_on_commit=False)
        session.info.update(tenant=tenant_id, user=user_id)
        return session

    @contextmanager
    def faults_translated(self) -> Iterator[None]:
        """Raises EngineUnavailable (503) or StorageFull (507) in place of the driver's errors of that kind."""
        try:
            yield
        except Exception as error:
            if _sqlstate(error) == _DISK_FULL:
                raise StorageFull("PostgreSQL") from error
            if _is_outage(error):
                self.breaker.failed()
                raise EngineUnavailable("PostgreSQL") from error
            if _sqlstate(error)[:2] in _TRANSIENT_CLASSES:
                raise EngineUnavailable("PostgreSQL") from error
            if _sqlstate(error):
                self.breaker.succeeded()  # it answered
            raise

    def watched(self) -> AbstractAsyncContextManager[None]:
        """A block whose waiting ends with TimeoutError when PostgreSQL turns out to be dead or frozen."""
        return self._watchdog.watched()

    async def _ping_apart(self) -> None:
        """On a connection of its own: the pool may be busy with what is watched."""
        try:
            if self._ping_connection is None:
                self._ping_connection = await asyncpg.connect(self.url)  # type: ignore[no-untyped-call]
            await self._ping_connection.execute("SELECT 1")
        except BaseException:
            if self._ping_connection is not None:
                self._ping_connection.terminate()  # type: ignore[no-untyped-call]
                self._ping_connection = None
            raise

    async def ping(self) -> None:
        """Raises EngineUnavailable when it does not answer."""
        with self.faults_translated():
            async with self.watched(), self.engine.connect() as connection:
                await connection.execute(_ANY_STATEMENT)

    @asynccontextmanager
    async def dedicated_connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A bare driver connection outside the pool, for LISTEN and the job queue.

        Raises EngineUnavailable when it cannot be made, and in place of what the block raises once it is lost.
        """
        try:
            connection: asyncpg.Connection = await asyncpg.connect(  # type: ignore[no-untyped-call]
                self.url, timeout=CONNECT_TIMEOUT_SECONDS, command_timeout=self._statement_timeout_seconds
            )
        except OUTAGES as error:
            if _sqlstate(error) and _sqlstate(error)[:2] not in _TRANSIENT_CLASSES:
                raise  # it answers: the password is wrong, or there is no such database
            raise EngineUnavailable("PostgreSQL") from error
        try:
            yield connection
        except Exception as error:
            if connection.is_closed():  # type: ignore[no-untyped-call]
                raise EngineUnavailable("PostgreSQL") from error
            raise
        finally:
            await connection.close(timeout=CONNECT_TIMEOUT_SECONDS)  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        self._watchdog.stop()
        if self._ping_connection is not None:
            self._ping_connection.terminate()  # type: ignore[no-untyped-call]
        await self.engine.dispose()


class _TenantSession(Session):
    """A class of its own, so that one listener serves all sessions: to listen on each costs more than a query."""


@event.listens_for(_TenantSession, "after_begin")
def _tell_tenant(session: Session, _: SessionTransaction, connection: Any) -> None:
    """A transaction begins with neither, so for neither nothing needs to be said."""
    tenant, user = session.info["tenant"], session.info["user"]
    told = _TELL_TENANT.format(tenant=tenant or "", user=user or "") if tenant or user else ""
    connection.connection.driver_connection.telling = told


def _made_ready(connection: Any, *_: object) -> None:
    """The driver knows without asking that a waiting connection has ended: the pool then makes another in its place.

    Whose it was is forgotten: a transaction that ended before its first statement has not told it.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError
    connection.driver_connection.telling = ""


def on_connection_lost(connection: Connection, callback: Callable[[], None]) -> None:
    """Call back once the connection ends, however it ends."""
    connection.add_termination_listener(lambda _: callback())  # type: ignore[no-untyped-call]


async def driver_connection(session: AsyncSession) -> asyncpg.Connection:
    """The driver's connection in the session's current transaction, for libraries that speak asyncpg."""
    connection = await _driver_connection(session)
    if not connection.is_in_transaction():  # type: ignore[no-untyped-call]
        await session.execute(_ANY_STATEMENT)  # the BEGIN goes out with the first one
    return connection


async def _driver_connection(session: AsyncSession) -> _Connection:
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection  # type: ignore[return-value]


async def close(session: AsyncSession) -> None:
    """End the session; what is not committed is rolled back, by the engine itself where its connection is lost."""
    try:
        await session.close()
    except (SQLAlchemyError, *OUTAGES):
        await abandon(session)


async def abandon(session: AsyncSession) -> None:
    """Drop the session's connection without a word: a rollback would wait for an engine that does not answer."""
    with suppress(SQLAlchemyError, *OUTAGES):  # it may not have had a connection yet, and asking makes one
        if session.in_transaction():
            (await _driver_connection(session)).terminate()  # type: ignore[no-untyped-call]
    await session.invalidate()


def is_lock_conflict(error: BaseException) -> bool:
    """Whether PostgreSQL ended the statement for rows that another transaction holds: a deadlock, or `lock_timeout`."""
    return _sqlstate(error) in _LOCK_CONFLICTS


def _sqlstate(error: BaseException) -> str:
    """The five characters of PostgreSQL's error code; empty when the error does not come from the server."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


def _is_outage(error: BaseException) -> bool:
    """Whether the engine did not answer, as opposed to answering with an error."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        state = _sqlstate(error)
        if state:
            return state[:2] in ("08", "57") and state != "57014"
        return isinstance(error, (OperationalError, InterfaceError)) or _is_outage(
            error.orig or error.__cause__ or ValueError()
        )
    if isinstance(error, asyncpg.exceptions.InterfaceError):
        return not isinstance(error, ValueError)  # the connection was lost while the pool made it; not a wrong argument
    return isinstance(error, (PoolTimeout, *_NO_ANSWER))


async def row_level_security_findings(postgres: Postgres) -> list[Finding]:
    """Whether the application's role is bound by row-level security, and every tenant-owned table is guarded."""
    async with postgres.engine.connect() as connection:
        role = (await connection.execute(_OWN_ROLE)).one()
        unguarded = [row.name for row in await connection.execute(_UNGUARDED_TABLES)]
    bound = not (role.rolsuper or role.rolbypassrls)
    return [
        Finding(
            "application role",
            bound,
            f"{role.rolname} is bound by row-level security"
            if bound
            else f"{role.rolname} may see every tenant's rows",
            "Connect as a role that is no superuser and has no BYPASSRLS.",
        ),
        Finding(
            "row-level security",
            not unguarded,
            f"without a forced policy: {', '.join(unguarded)}"
            if unguarded
            else "every tenant-owned table has a forced policy",
            "Run `septet migrate`; if that does not help, a policy was dropped by hand: restore a backup.",
        ),
    ]
