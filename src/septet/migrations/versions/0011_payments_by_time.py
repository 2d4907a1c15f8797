"""Payments are found by when they were made, to be summed up."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_payments_tenant_id_created_at ON payments.payments (tenant_id, created_at)")


def downgrade() -> None:
    op.execute("DROP INDEX payments.ix_payments_tenant_id_created_at")
