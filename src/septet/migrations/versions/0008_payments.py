"""Payments: payments with their transitions, operations, refunds and ledger; webhook events; recovery points."""

from alembic import op

from septet.kernel.postgres import tenant_policy

revision = "0008"
down_revision = "0007"

TENANT_TABLES = (
    "payments",
    "transitions",
    "operations",
    "refunds",
    "ledger_entries",
    "customers",
    "saved_methods",
    "charges",
)
OF_PAYMENT = "FOREIGN KEY (tenant_id, payment_id) REFERENCES payments.payments ON DELETE CASCADE"
TABLES = (
    """CREATE TABLE payments.payments (
         tenant_id uuid NOT NULL, id uuid NOT NULL, order_id text NOT NULL, amount bigint NOT NULL CHECK (amount > 0),
         currency text NOT NULL, capture_method text NOT NULL CHECK (capture_method IN ('automatic', 'manual')),
         status text NOT NULL CHECK (status IN ('PENDING', 'SUCCESS', 'FAILED', 'REFUNDED')), detail text NOT NULL,
         description text, metadata jsonb NOT NULL, provider_id text, last_failure text, decline_code text,
         next_action_url text, payer_id uuid, customer_id text,
         captured_amount bigint NOT NULL CHECK (captured_amount BETWEEN 0 AND amount),
         refunded_amount bigint NOT NULL CHECK (refunded_amount BETWEEN 0 AND captured_amount),
         revision integer NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, id))""",
    "CREATE INDEX ix_payments_tenant_id_order_id ON payments.payments (tenant_id, order_id)",
    "CREATE INDEX ix_payments_tenant_id_status_id ON payments.payments (tenant_id, status, id)",
    "CREATE UNIQUE INDEX ix_payments_tenant_id_provider_id ON payments.payments (tenant_id, provider_id)",
    f"""CREATE TABLE payments.transitions (
         tenant_id uuid NOT NULL, payment_id uuid NOT NULL, number integer NOT NULL, from_status text,
         to_status text NOT NULL, detail text NOT NULL, cause text NOT NULL, at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, payment_id, number), {OF_PAYMENT})""",
    f"""CREATE TABLE payments.operations (
         tenant_id uuid NOT NULL, payment_id uuid NOT NULL, id uuid NOT NULL,
         kind text NOT NULL CHECK (kind IN ('confirm', 'capture', 'cancel', 'refund')), parameters jsonb NOT NULL,
         started_at timestamptz NOT NULL, finished_at timestamptz,
         PRIMARY KEY (tenant_id, payment_id, id), {OF_PAYMENT})""",
    """CREATE UNIQUE INDEX ix_operations_one_at_a_time ON payments.operations (tenant_id, payment_id)
       WHERE finished_at IS NULL AND kind <> 'refund'""",
    f"""CREATE TABLE payments.refunds (
         tenant_id uuid NOT NULL, id uuid NOT NULL, payment_id uuid NOT NULL, amount bigint NOT NULL CHECK (amount > 0),
         reason text, status text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')), provider_id text,
         failure text, idempotency_key text, created_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, id), {OF_PAYMENT})""",
    "CREATE INDEX ix_refunds_tenant_id_payment_id ON payments.refunds (tenant_id, payment_id)",
    "CREATE UNIQUE INDEX ix_refunds_tenant_id_provider_id ON payments.refunds (tenant_id, provider_id)",
    f"""CREATE TABLE payments.ledger_entries (
         tenant_id uuid NOT NULL, transaction_id uuid NOT NULL, line smallint NOT NULL, payment_id uuid NOT NULL,
         kind text NOT NULL, reference text NOT NULL, account text NOT NULL
           CHECK (account IN ('customer', 'provider_clearing', 'merchant', 'fees', 'refunds')),
         currency text NOT NULL, debit bigint NOT NULL CHECK (debit >= 0), credit bigint NOT NULL CHECK (credit >= 0),
         at timestamptz NOT NULL, CHECK (debit = 0 OR credit = 0),
         PRIMARY KEY (tenant_id, transaction_id, line), {OF_PAYMENT})""",
    "CREATE INDEX ix_ledger_entries_tenant_id_payment_id ON payments.ledger_entries (tenant_id, payment_id)",
    "CREATE INDEX ix_ledger_entries_tenant_id_at ON payments.ledger_entries (tenant_id, at)",
    "CREATE TABLE payments.customers (tenant_id uuid PRIMARY KEY, provider_id text NOT NULL)",
    """CREATE TABLE payments.saved_methods (
         tenant_id uuid PRIMARY KEY REFERENCES payments.customers, method_id text NOT NULL, brand text NOT NULL,
         last4 text NOT NULL, exp_month smallint NOT NULL, exp_year smallint NOT NULL,
         saved_at timestamptz NOT NULL)""",
    # Of the one who pays; the payment is the merchant's, who is another tenant.
    """CREATE TABLE payments.charges (
         tenant_id uuid NOT NULL, reference text NOT NULL, merchant_id uuid NOT NULL, payment_id uuid NOT NULL,
         created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, reference))""",
    # Not a tenant's: an event arrives before it is known whose it is.
    """CREATE TABLE payments.webhook_events (
         id text PRIMARY KEY, type text NOT NULL, payload text NOT NULL, received_at timestamptz NOT NULL,
         processed_at timestamptz, outcome text)""",
    "CREATE INDEX ix_webhook_events_received_at ON payments.webhook_events (received_at)",
    # Not a tenant's: the worker looks for what was left undone in all of them.
    """CREATE TABLE payments.recovery_points (
         operation_id uuid PRIMARY KEY, merchant_id uuid NOT NULL, payment_id uuid NOT NULL,
         started_at timestamptz NOT NULL)""",
    "CREATE INDEX ix_recovery_points_started_at ON payments.recovery_points (started_at)",
    "CREATE TABLE payments.merchants (id uuid PRIMARY KEY, since timestamptz NOT NULL)",
    """CREATE TABLE payments.webhook_registrations (
         url text PRIMARY KEY, provider_id text NOT NULL, secret bytea NOT NULL, created_at timestamptz NOT NULL)""",
)
BALANCED = """CREATE FUNCTION payments.require_balance() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF EXISTS (SELECT FROM added GROUP BY tenant_id, transaction_id, currency HAVING sum(debit) <> sum(credit)) THEN
      RAISE EXCEPTION 'a ledger transaction must balance';
    END IF;
    RETURN NULL;
  END $$"""
TRIGGER = """CREATE TRIGGER balanced AFTER INSERT ON payments.ledger_entries REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION payments.require_balance()"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA payments")
    for statement in (*TABLES, BALANCED, TRIGGER):
        op.execute(statement)
    # The ledger is only ever added to; what was wrong is corrected by further entries.
    op.execute("REVOKE UPDATE ON payments.ledger_entries FROM septet_app")
    for table in TENANT_TABLES:
        for statement in tenant_policy(f"payments.{table}"):
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA payments CASCADE")
