"""The pool's breaker and the end of a session, where the engine cuts connections."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url, text
from tests.platform import Platform
from tests.sql import run_sql

from septet.kernel.errors import EngineUnavailable
from septet.kernel.identity import system_actor
from septet.kernel.postgres import Postgres, driver_connection, on_connection_lost
from septet.kernel.uow import UnitOfWork

_TOLD = text("SELECT concat(current_setting('septet.tenant_id', true), ' ', current_setting('septet.user_id', true))")
_NOWHERE = "postgresql://nobody@127.0.0.1:1/septet"


async def test_reading_closes_the_breaker(platform: Platform) -> None:
    """A process that only reads would otherwise refuse all but one statement a second, for ever."""
    postgres = Postgres(platform.runtime.postgres.url)
    try:
        while postgres.breaker.state == "closed":
            postgres.breaker.failed()
        async with asyncio.timeout(5):
            while postgres.breaker.state == "open":
                await asyncio.sleep(0.01)
        async with postgres.session(None, None) as session:
            await session.execute(text("SELECT 1"))
        assert postgres.breaker.state == "closed"
    finally:
        await postgres.close()


async def test_what_was_read_is_not_lost_with_the_connection(platform: Platform) -> None:
    """There is nothing to roll back any more, so that it fails is nobody's concern."""
    postgres = platform.runtime.postgres
    async with UnitOfWork(platform.runtime, system_actor(uuid4())) as uow:
        pid = (await uow.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        await run_sql(postgres.url, "SELECT pg_terminate_backend($1, 5000)", pid)
    async with UnitOfWork(platform.runtime, system_actor(uuid4())) as uow:
        assert (await uow.execute(text("SELECT pg_backend_pid()"))).scalar_one() != pid


async def test_a_bare_connection_that_is_lost_or_cannot_be_made_is_an_outage(platform: Platform) -> None:
    postgres = platform.runtime.postgres

    async def lose_it() -> None:
        async with postgres.dedicated_connection() as connection:
            await run_sql(postgres.url, "SELECT pg_terminate_backend($1, 5000)", connection.get_server_pid())
            await connection.execute("SELECT 1")

    async def fail_on_it(url: str) -> None:
        async with Postgres(url).dedicated_connection() as connection:
            await connection.execute("SELECT nothing")

    with pytest.raises(EngineUnavailable):
        await lose_it()
    with pytest.raises(EngineUnavailable):
        await fail_on_it(_NOWHERE)
    with pytest.raises(asyncpg.UndefinedColumnError):
        await fail_on_it(postgres.url)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await fail_on_it(make_url(postgres.url).set(database="nowhere").render_as_string(hide_password=False))


async def test_connections_that_died_in_the_pool_refuse_nobody(platform: Platform) -> None:
    """Who asked for nothing while PostgreSQL was started again would otherwise refuse the first who asks."""
    postgres = Postgres(platform.runtime.postgres.url)
    lost = asyncio.Event()
    try:
        async with postgres.session(None, None) as session:
            connection = await driver_connection(session)
            on_connection_lost(connection, lost.set)
            pid = connection.get_server_pid()
        await run_sql(postgres.url, "SELECT pg_terminate_backend($1, 5000)", pid)
        async with asyncio.timeout(5):
            await lost.wait()
        with postgres.faults_translated():
            async with postgres.session(None, None) as session:
                assert await session.scalar(text("SELECT pg_backend_pid()")) != pid
    finally:
        await postgres.close()


async def test_the_tenant_is_told_with_the_begin_and_to_nobody_else(platform: Platform) -> None:
    postgres = Postgres(platform.runtime.postgres.url, pool_size=1)
    tenant, user = uuid4(), uuid4()
    try:
        async with postgres.session(tenant, user) as session:
            assert await session.scalar(_TOLD) == f"{tenant} {user}"
            await session.commit()
            assert await session.scalar(_TOLD) == f"{tenant} {user}"
        async with postgres.session(tenant, None) as session:
            await session.connection()  # begun, but never a statement that would carry it
        async with postgres.engine.connect() as connection:
            assert (await connection.scalar(_TOLD)).strip() == ""
        async with postgres.session(None, None) as session:
            assert (await session.scalar(_TOLD)).strip() == ""
    finally:
        await postgres.close()


async def test_what_libraries_do_on_the_driver_belongs_to_the_transaction(platform: Platform) -> None:
    postgres = platform.runtime.postgres
    tenant = uuid4()
    async with postgres.session(tenant, None) as session:
        connection = await driver_connection(session)
        assert connection.is_in_transaction()
        assert await connection.fetchval(_TOLD.text) == f"{tenant} "


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.InternalClientError("got result for unknown protocol state 3"), True),
        (asyncpg.DataError("invalid input for query argument $1"), False),
        (asyncpg.exceptions._base.DataError("the server expects 1 argument"), False),
    ],
)
def test_a_connection_lost_while_the_pool_makes_it_is_an_outage(error: Exception, outage: bool) -> None:
    """Then the driver's own errors come as they are, and would be told as a defect."""
    with pytest.raises(EngineUnavailable if outage else type(error)), Postgres(_NOWHERE).faults_translated():
        raise error
