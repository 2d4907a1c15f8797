"""Row-level security holds by itself: as the application's role, in plain SQL without any filter."""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from tests.architecture.foreign import Table, rows_of, tables
from tests.architecture.seeds import seeds
from tests.platform import Platform

SET = "SELECT set_config('septet.tenant_id', $1, true)"


@pytest.fixture(scope="module")
async def victim(platform: Platform) -> UUID:
    """An organization with a row in every table."""
    organization = await platform.organization("Victim")
    for seed in seeds().values():
        await seed(platform, organization)
    return organization.id


@pytest.fixture
async def connection(platform: Platform) -> AsyncIterator[asyncpg.Connection]:
    """A bare connection as the application's role."""
    async with platform.runtime.postgres.dedicated_connection() as bare:
        yield bare


async def test_application_role_sees_and_changes_nothing_of_others(
    platform: Platform, victim: UUID, connection: asyncpg.Connection
) -> None:
    intruder = (await platform.organization("Intruder")).id
    rows = await rows_of(platform, victim)
    trouble: list[str] = []
    for table in await tables(platform):
        for tenant in (str(intruder), ""):
            trouble += await attempts(connection, table, victim, tenant)
    assert not trouble, "\n".join(trouble)
    assert await rows_of(platform, victim) == rows


async def attempts(connection: asyncpg.Connection, table: Table, victim: UUID, tenant: str) -> list[str]:
    """Read, change, delete, copy: what succeeds although it must not."""
    statements = {
        "read": f"SELECT count(*) FROM {table.name} WHERE tenant_id = $1",
        "change": f"WITH t AS (UPDATE {table.name} SET tenant_id = tenant_id WHERE tenant_id = $1 RETURNING 1) "
        "SELECT count(*) FROM t",
        "delete": f"WITH t AS (DELETE FROM {table.name} WHERE tenant_id = $1 RETURNING 1) SELECT count(*) FROM t",
    }
    trouble = []
    for what, statement in statements.items():
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(SET, tenant)
            if count := await connection.fetchval(statement, victim):
                trouble.append(f"as {tenant or 'nobody'}: {what} {count} rows of {table.name}")
        except asyncpg.InsufficientPrivilegeError:
            pass  # what the role may do in no organization (rewrite the audit log) it may not do here either
        except asyncpg.ForeignKeyViolationError as error:  # only other rows held it up
            trouble.append(f"as {tenant or 'nobody'}: {what} rows of {table.name}: {error}")
        finally:
            await transaction.rollback()
    return trouble


async def test_rows_cannot_be_smuggled_into_another_tenant(
    platform: Platform, victim: UUID, connection: asyncpg.Connection
) -> None:
    intruder = (await platform.organization("Intruder")).id
    for statement in (
        "INSERT INTO tenancy.exports (tenant_id, id, status, created_at, expires_at) "
        "VALUES ($1, gen_random_uuid(), 'ready', now(), now())",
        "UPDATE tenancy.memberships SET tenant_id = $1",
        "UPDATE tenancy.organizations SET tenant_id = $1",
    ):
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(SET, str(intruder))
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await connection.execute(statement, victim)
        await transaction.rollback()


async def test_after_a_rollback_nobody_is_anybody(
    platform: Platform, victim: UUID, connection: asyncpg.Connection
) -> None:
    """Then the setting reads '' and not NULL, which must neither fail nor match."""
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(SET, str(victim))
    assert await connection.fetchval("SELECT count(*) FROM tenancy.projects") == 1
    await transaction.rollback()
    assert await connection.fetchval("SELECT current_setting('septet.tenant_id', true)") == ""
    assert await connection.fetchval("SELECT count(*) FROM tenancy.projects") == 0


async def test_every_table_of_tenants_is_guarded_and_keyed_by_tenant(platform: Platform) -> None:
    async with platform.runtime.postgres.engine.connect() as connection:
        unguarded = await connection.execute(text(
            """SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
               WHERE a.attname = 'tenant_id' AND c.relkind IN ('r', 'p') AND NOT a.attisdropped AND NOT (
                 c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
                   SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indkey[0] = a.attnum))"""
        ))  # fmt: skip
        assert list(unguarded.scalars()) == [], "without forced row security, or its primary key begins otherwise"
