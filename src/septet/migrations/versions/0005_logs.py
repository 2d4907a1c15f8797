"""Logs: retention, saved searches, alerts, masking rules. The lines themselves are in ClickHouse."""

from alembic import op

from septet.kernel.postgres import tenant_policy

revision = "0005"
down_revision = "0004"

TABLES = ("retentions", "searches", "alerts", "masks")


def upgrade() -> None:
    op.execute("CREATE SCHEMA logs")
    op.execute(
        """CREATE TABLE logs.retentions (
             tenant_id uuid PRIMARY KEY, days integer NOT NULL CHECK (days > 0), per_service jsonb NOT NULL,
             max_bytes bigint, max_bytes_per_service jsonb NOT NULL, set_at timestamptz NOT NULL)"""
    )
    op.execute(
        """CREATE TABLE logs.searches (
             tenant_id uuid NOT NULL, id uuid NOT NULL, name text NOT NULL, query jsonb NOT NULL,
             created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id),
             CONSTRAINT uq_searches_tenant_id_name UNIQUE (tenant_id, name))"""
    )
    op.execute(
        """CREATE TABLE logs.alerts (
             tenant_id uuid NOT NULL, id uuid NOT NULL, name text NOT NULL, query jsonb NOT NULL,
             window_seconds integer NOT NULL CHECK (window_seconds > 0), threshold integer NOT NULL,
             state text NOT NULL CHECK (state IN ('calm', 'firing')), fired_at timestamptz,
             last_count bigint NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id),
             CONSTRAINT uq_alerts_tenant_id_name UNIQUE (tenant_id, name))"""
    )
    op.execute(
        """CREATE TABLE logs.masks (
             tenant_id uuid NOT NULL, id uuid NOT NULL, name text NOT NULL, pattern text NOT NULL,
             replacement text NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id),
             CONSTRAINT uq_masks_tenant_id_name UNIQUE (tenant_id, name))"""
    )
    for table in TABLES:
        for statement in tenant_policy(f"logs.{table}"):
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA logs CASCADE")
