"""Many organizations with people, tasks and invitations, written by SQL as PostgreSQL's administrator."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from septet.kernel.identity import format_tenant_token
from septet.services.tenancy.actions.invitations import TOKEN_PREFIX

ORGANIZATIONS, TASKS, INVITATIONS = 10_000, 100_000, 20_000
RARE_WORD = "xylophone"


async def fill(connection: asyncpg.Connection, tenant: str, project: str) -> None:
    """Other organizations, and the tasks of this one, of which one in 1,000 has a rare word."""
    await connection.execute(
        f"""INSERT INTO tenancy.organizations (tenant_id, name, slug, plan, revision, created_at)
            SELECT gen_random_uuid(), 'O', 'o-' || n, 'FREE', 1, now() FROM generate_series(1, {ORGANIZATIONS}) n"""
    )
    await connection.execute(
        """INSERT INTO tenancy.subscriptions (tenant_id, plan, term, seats, status, billed, credit, trial_used,
             reminders_sent, last_invoice_number)
           SELECT tenant_id, 'FREE', 'month', 1, 'active', 0, 0, false, 0, 0 FROM tenancy.organizations
           ON CONFLICT DO NOTHING"""
    )
    await connection.execute(
        f"""INSERT INTO tenancy.tasks (tenant_id, id, project_id, number, title, description, status, priority, labels,
              position, revision, created_at, updated_at)
            SELECT $1, gen_random_uuid(), $2, n, 'Task ' || n, repeat('word ', 20)
              || CASE WHEN n % 1000 = 0 THEN '{RARE_WORD}' ELSE '' END, 'todo', 0, '{{}}',
              lpad(n::text, 8, '0') || 'V', 1, now(), now() FROM generate_series(1, {TASKS}) n""",
        tenant,
        project,
    )
    await connection.execute("VACUUM ANALYZE tenancy.tasks, tenancy.organizations, tenancy.subscriptions")


async def join(connection: asyncpg.Connection, email: str, count: int) -> None:
    """Make somebody a member of so many organizations."""
    await connection.execute(
        """INSERT INTO tenancy.memberships (tenant_id, user_id, role, joined_at)
           SELECT o.tenant_id, u.id, 'MEMBER', now() FROM tenancy.organizations o, tenancy.users u
           WHERE u.email = $1 AND o.slug LIKE 'o-%' LIMIT $2""",
        email,
        count,
    )


async def organization_ids(connection: asyncpg.Connection) -> Sequence[UUID]:
    rows = await connection.fetch("SELECT tenant_id FROM tenancy.organizations WHERE slug LIKE 'o-%' ORDER BY 1")
    return [row["tenant_id"] for row in rows]


def invited(number: int, people: int) -> int:
    """Which of the people the invitation is for: nobody is invited twice by one organization."""
    return (number + number // ORGANIZATIONS) % people


async def invite(connection: asyncpg.Connection, pepper: bytes, emails: Sequence[str]) -> list[tuple[int, str]]:
    """Pending invitations by all organizations in turn, as (number of the person, token)."""
    tenants, now = await organization_ids(connection), datetime.now(UTC)
    rows, tokens = [], []
    for number in range(INVITATIONS):
        person = invited(number, len(emails))
        tenant = tenants[number % len(tenants)]
        token = format_tenant_token(TOKEN_PREFIX, tenant, f"{number:032}")
        digest = hmac.digest(pepper, token.encode(), hashlib.sha256)
        rows.append((tenant, uuid4(), emails[person], "MEMBER", "pending", digest, now, now + timedelta(days=7)))
        tokens.append((person, token))
    columns = ["tenant_id", "id", "email", "role", "status", "token_digest", "created_at", "expires_at"]
    await connection.copy_records_to_table("invitations", schema_name="tenancy", records=rows, columns=columns)
    await connection.execute("VACUUM ANALYZE tenancy.invitations")
    return tokens
