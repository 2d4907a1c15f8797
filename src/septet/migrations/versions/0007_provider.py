"""Provider: accounts, Stripe objects as JSON, idempotency keys, webhook deliveries, faults, trace and snapshots.

Rows belong to accounts (an API key's), not to tenants: instead of row-level security, every query names the account.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

TABLES = (
    """CREATE TABLE provider.accounts (
         id text PRIMARY KEY, clock_offset double precision NOT NULL DEFAULT 0,
         trace_length bigint NOT NULL DEFAULT 0)""",
    """CREATE TABLE provider.objects (
         account text NOT NULL, id text NOT NULL, kind text NOT NULL, created bigint NOT NULL,
         seq bigint GENERATED ALWAYS AS IDENTITY, body jsonb NOT NULL, PRIMARY KEY (account, id))""",
    "CREATE INDEX ix_objects_account_kind_seq ON provider.objects (account, kind, seq)",
    """CREATE INDEX ix_objects_payment_intent ON provider.objects (account, (body->>'payment_intent'), kind)
       WHERE body->>'payment_intent' IS NOT NULL""",
    """CREATE INDEX ix_objects_customer ON provider.objects (account, (body->>'customer'), kind)
       WHERE body->>'customer' IS NOT NULL""",
    """CREATE INDEX ix_objects_source ON provider.objects (account, (body->>'source'))
       WHERE kind = 'balance_transaction'""",
    """CREATE INDEX ix_objects_metadata ON provider.objects USING gin ((body->'metadata') jsonb_path_ops)
       WHERE kind IN ('payment_intent', 'charge', 'customer') AND body->'metadata' <> '{}'""",
    """CREATE TABLE provider.idempotency_keys (
         account text NOT NULL, key text NOT NULL, fingerprint bytea NOT NULL, request_id text NOT NULL,
         status smallint NOT NULL, body text NOT NULL, expires_at bigint NOT NULL, PRIMARY KEY (account, key))""",
    "CREATE INDEX ix_idempotency_keys_expires_at ON provider.idempotency_keys (expires_at)",
    """CREATE TABLE provider.deliveries (
         account text NOT NULL, id uuid NOT NULL, event_id text NOT NULL, endpoint_id text NOT NULL,
         state text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'dropped')),
         attempts integer NOT NULL, due_at double precision NOT NULL, spoiled text,
         last_status integer, last_error text,
         PRIMARY KEY (account, id))""",
    "CREATE INDEX ix_deliveries_account_due ON provider.deliveries (account, due_at) WHERE state = 'pending'",
    "CREATE INDEX ix_deliveries_account_event ON provider.deliveries (account, event_id)",
    """CREATE TABLE provider.faults (
         account text NOT NULL, id uuid NOT NULL, operation text NOT NULL, kind text NOT NULL,
         probability double precision NOT NULL, remaining integer, delay_ms integer, seed bigint NOT NULL,
         draws bigint NOT NULL, PRIMARY KEY (account, id))""",
    """CREATE TABLE provider.trace (
         account text NOT NULL, sequence bigint NOT NULL, operation text NOT NULL, kind text NOT NULL,
         draw double precision NOT NULL, applied boolean NOT NULL, PRIMARY KEY (account, sequence))""",
    """CREATE TABLE provider.snapshots (
         account text NOT NULL, id uuid NOT NULL, created bigint NOT NULL, clock_offset double precision NOT NULL,
         objects jsonb NOT NULL, faults jsonb NOT NULL, PRIMARY KEY (account, id))""",
)


def upgrade() -> None:
    op.execute("CREATE SCHEMA provider")
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA provider CASCADE")
