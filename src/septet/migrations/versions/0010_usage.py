"""Usage: what each organization used on each day."""

from alembic import op

from septet.kernel.postgres import tenant_policy

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(
        """CREATE TABLE tenancy.usage (
             tenant_id uuid NOT NULL REFERENCES tenancy.organizations ON DELETE CASCADE, day date NOT NULL,
             metric text NOT NULL, used bigint NOT NULL, told_percent integer NOT NULL,
             PRIMARY KEY (tenant_id, day, metric))"""
    )
    for statement in tenant_policy("tenancy.usage"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE tenancy.usage")
