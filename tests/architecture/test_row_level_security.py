"""Every table with a `tenant_id` is under a forced policy, and the application's role cannot get around it."""

from uuid import uuid4

import asyncpg
import pytest

from septet.kernel.postgres import row_level_security_findings
from tests.engines_of_run import owner_url
from tests.platform import Organization, Platform
from tests.sql import run_sql

SCHEMAS = "('kernel', 'tenancy', 'chat', 'notifications', 'payments', 'links', 'logs', 'limits', 'provider')"
TENANT_TABLES = f"""SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE a.attname = 'tenant_id' AND c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text IN {SCHEMAS}"""


async def test_every_tenant_table_is_guarded(platform: Platform) -> None:
    findings = await row_level_security_findings(platform.runtime.postgres)
    assert [f.detail for f in findings if not f.ok] == []


async def test_dropped_policy_is_found(own_platform: Platform) -> None:
    owner = owner_url(own_platform.runtime.postgres.url)
    for table in [row["name"] for row in await run_sql(owner, TENANT_TABLES)]:
        (policy, *_) = await run_sql(
            owner,
            "SELECT polname, pg_get_expr(polqual, polrelid) AS u FROM pg_policy "
            "WHERE polrelid = $1::text::regclass AND polname = 'tenant'",
            table,
        )
        await run_sql(owner, f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        findings = await row_level_security_findings(own_platform.runtime.postgres)
        assert any(not f.ok and table in f.detail for f in findings), table
        await run_sql(owner, f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        await run_sql(owner, f"DROP POLICY {policy['polname']} ON {table}")
        findings = await row_level_security_findings(own_platform.runtime.postgres)
        assert any(not f.ok and table in f.detail for f in findings), table
        await run_sql(owner, f"CREATE POLICY {policy['polname']} ON {table} USING ({policy['u']})")


async def test_tenant_comes_first_in_an_index(platform: Platform) -> None:
    """Each tenant-owned table can be read by tenant without a scan."""
    rows = await run_sql(
        platform.runtime.postgres.url,
        f"""SELECT t.name FROM ({TENANT_TABLES}) t WHERE NOT EXISTS (
              SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
              WHERE i.indrelid = t.name::regclass AND a.attname = 'tenant_id')""",
    )
    assert [row["name"] for row in rows] == []


async def test_application_role_sees_nothing_without_a_tenant(platform: Platform, organization: Organization) -> None:
    assert organization.id
    tables = {row["name"] for row in await run_sql(platform.runtime.postgres.url, TENANT_TABLES)}
    for table in tables:
        assert await run_sql(platform.runtime.postgres.url, f"SELECT 1 FROM {table} LIMIT 1") == [], table


async def test_application_role_cannot_write_for_another_tenant(platform: Platform, organization: Organization) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run_sql(
            platform.runtime.postgres.url,
            "INSERT INTO tenancy.memberships (tenant_id, user_id, role, joined_at) VALUES ($1, $2, 'OWNER', now())",
            organization.id,
            uuid4(),
        )


async def test_application_role_cannot_change_the_schema(platform: Platform) -> None:
    for statement in (
        "DROP POLICY tenant ON tenancy.memberships",
        "CREATE TABLE tenancy.x (a int)",
        "SET ROLE septet_owner",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await run_sql(platform.runtime.postgres.url, statement)
