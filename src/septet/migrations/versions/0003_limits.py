"""Limits: rules, their history, and that defaults were made."""

from alembic import op

from septet.kernel.postgres import tenant_policy

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("CREATE SCHEMA limits")
    op.execute(
        """CREATE TABLE limits.tenants (
             tenant_id uuid PRIMARY KEY, plan text NOT NULL, seeded_at timestamptz NOT NULL)"""
    )
    op.execute(
        """CREATE TABLE limits.rules (
             tenant_id uuid NOT NULL, id uuid NOT NULL, name text NOT NULL, definition jsonb NOT NULL,
             seeded boolean NOT NULL, revision integer NOT NULL, created_at timestamptz NOT NULL,
             updated_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id))"""
    )
    op.execute(
        """CREATE TABLE limits.rule_changes (
             tenant_id uuid NOT NULL, id uuid NOT NULL, rule_id uuid NOT NULL, change text NOT NULL,
             author_kind text NOT NULL, author_id uuid, before jsonb, after jsonb, changed_at timestamptz NOT NULL,
             PRIMARY KEY (tenant_id, id))"""
    )
    op.execute("CREATE INDEX ix_rule_changes_tenant_id_rule_id ON limits.rule_changes (tenant_id, rule_id)")
    for table in ("limits.tenants", "limits.rules", "limits.rule_changes"):
        for statement in tenant_policy(table):
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA limits CASCADE")
