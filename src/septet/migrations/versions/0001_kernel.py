"""The kernel's tables: job queue, schedules, idempotency keys."""

from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

from septet.kernel.jobs import QUEUE_SETTINGS

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA kernel")
    script = QueryBuilderEnvironment(QUEUE_SETTINGS).build_install_query(create_schema=False)
    op.get_bind().connection.dbapi_connection.run_async(  # type: ignore[union-attr]
        lambda connection: connection.execute(script)
    )
    op.execute(
        """CREATE TABLE kernel.schedules (
             name text PRIMARY KEY, expression text NOT NULL, next_run_at timestamptz NOT NULL)"""
    )
    op.execute(
        """CREATE TABLE kernel.idempotency_keys (
             owner text NOT NULL, key text NOT NULL, fingerprint bytea NOT NULL, status integer NOT NULL,
             media_type text, body bytea NOT NULL, expires_at timestamptz NOT NULL, PRIMARY KEY (owner, key))"""
    )
    op.execute("CREATE INDEX idempotency_keys_expiry ON kernel.idempotency_keys (expires_at)")


def downgrade() -> None:
    op.execute("DROP SCHEMA kernel CASCADE")
