"""Notifications: what was asked for, deliveries with traces, inboxes, templates, preferences, webhooks, outbox."""

from alembic import op

from septet.kernel.postgres import tenant_policy

revision = "0006"
down_revision = "0005"

TENANT_TABLES = [
    "notifications",
    "deliveries",
    "digests",
    "inbox",
    "inbox_counters",
    "templates",
    "template_versions",
    "branding",
    "categories",
    "preferences",
    "suppressions",
    "throttle_slots",
    "push_subscriptions",
    "webhook_endpoints",
    "webhook_deliveries",
    "outbox",
    "mailbox",
    "tenants",
]
# A worker must learn which tenants have something due, retention which there are, and the open mailbox shows all mail.
# The owner sees these tables whole, for the functions of `_doors`; the application only calls those.
BEHIND_DOORS = ("outbox", "mailbox", "tenants")

# Hops over the index from one (tenant, lane) to the next, so a million rows of one tenant cost as much as one.
_DUE_TENANTS = """
  WITH RECURSIVE pair AS (
    (SELECT tenant_id, lane FROM notifications.outbox WHERE kind = wanted AND claimed_by IS NULL
     ORDER BY tenant_id, lane LIMIT 1)
    UNION ALL
    SELECT following.tenant_id, following.lane FROM pair CROSS JOIN LATERAL (
      SELECT o.tenant_id, o.lane FROM notifications.outbox o
      WHERE o.kind = wanted AND o.claimed_by IS NULL AND (o.tenant_id, o.lane) > (pair.tenant_id, pair.lane)
      ORDER BY o.tenant_id, o.lane LIMIT 1) following)
  SELECT tenant_id FROM (
    SELECT DISTINCT tenant_id FROM pair WHERE EXISTS (
      SELECT FROM notifications.outbox o WHERE o.kind = wanted AND o.tenant_id = pair.tenant_id
        AND o.lane = pair.lane AND o.claimed_by IS NULL AND o.due_at <= moment)) due
  ORDER BY random() LIMIT most"""
_RELEASE_ORPHANS = """
  UPDATE notifications.outbox SET claimed_by = NULL
  WHERE claimed_by IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.classid = namespace::oid
      AND l.objid::bigint = claimed_by
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
  RETURNING kind"""
_MAIL_OF_ALL_TENANTS = """
  SELECT * FROM notifications.mailbox
  WHERE (wanted IS NULL OR id = wanted) AND (address IS NULL OR to_address = address)
    AND (before IS NULL OR id < before)
  ORDER BY id DESC LIMIT most"""
DOORS = (
    ("CREATE FUNCTION notifications.due_tenants(wanted text, moment timestamptz, most integer) RETURNS SETOF uuid",
     _DUE_TENANTS),
    ("CREATE FUNCTION notifications.release_orphans(namespace integer) RETURNS SETOF text", _RELEASE_ORPHANS),
    ("CREATE FUNCTION notifications.known_tenants() RETURNS SETOF uuid", "SELECT tenant_id FROM notifications.tenants"),
    ("CREATE FUNCTION notifications.mail_of_all_tenants(wanted uuid, address text, before uuid, most integer) "
     "RETURNS SETOF notifications.mailbox", _MAIL_OF_ALL_TENANTS),
)  # fmt: skip


def upgrade() -> None:
    op.execute("CREATE SCHEMA notifications")
    _notifications()
    _inbox()
    _templates()
    _preferences()
    _webhooks()
    _outbox()
    for table in TENANT_TABLES:
        for statement in tenant_policy(f"notifications.{table}"):
            op.execute(statement)
    for table in BEHIND_DOORS:
        op.execute(f"CREATE POLICY doors ON notifications.{table} TO CURRENT_USER USING (true) WITH CHECK (true)")
    for door in DOORS:
        op.execute(f"{door[0]} LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $${door[1]}$$")
    op.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA notifications FROM PUBLIC")


def _notifications() -> None:
    op.execute(
        """CREATE TABLE notifications.notifications (
             tenant_id uuid NOT NULL, id uuid NOT NULL, key text, template text, template_version integer,
             content jsonb, data jsonb NOT NULL, category text NOT NULL, channels text[] NOT NULL, locale text,
             digest_key text, digest_id uuid, status text NOT NULL, send_at timestamptz NOT NULL,
             recipient_count integer NOT NULL, waiting_recipients jsonb, attachments jsonb,
             created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id))"""
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_notifications_tenant_id_key ON notifications.notifications (tenant_id, key) "
        "WHERE key IS NOT NULL"
    )
    op.execute(
        """CREATE TABLE notifications.deliveries (
             tenant_id uuid NOT NULL, id uuid NOT NULL, notification_id uuid NOT NULL, channel text NOT NULL,
             recipient text NOT NULL, user_id uuid, address text, category text NOT NULL, locale text,
             status text NOT NULL, reason text, attempts integer NOT NULL, digest_id uuid, trace jsonb NOT NULL,
             created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
             PRIMARY KEY (tenant_id, id), FOREIGN KEY (tenant_id, notification_id)
             REFERENCES notifications.notifications (tenant_id, id) ON DELETE CASCADE)"""
    )
    op.execute("CREATE INDEX ix_deliveries_notification_id ON notifications.deliveries (tenant_id, notification_id)")
    op.execute(
        "CREATE INDEX ix_deliveries_digest_id ON notifications.deliveries (tenant_id, digest_id) "
        "WHERE digest_id IS NOT NULL"
    )
    op.execute("CREATE INDEX ix_deliveries_failed ON notifications.deliveries (tenant_id, id) WHERE status = 'failed'")
    op.execute(
        """CREATE TABLE notifications.digests (
             tenant_id uuid NOT NULL, id uuid NOT NULL, recipient text NOT NULL, channel text NOT NULL,
             key text NOT NULL, category text NOT NULL, items integer NOT NULL, opened_at timestamptz NOT NULL,
             closes_at timestamptz NOT NULL, closed_at timestamptz, PRIMARY KEY (tenant_id, id))"""
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_digests_open ON notifications.digests (tenant_id, recipient, channel, key) "
        "WHERE closed_at IS NULL"
    )


def _inbox() -> None:
    op.execute(
        """CREATE TABLE notifications.inbox (
             tenant_id uuid NOT NULL, id uuid NOT NULL, user_id uuid NOT NULL, notification_id uuid NOT NULL,
             category text NOT NULL, title text NOT NULL, body text NOT NULL, link text, locale text NOT NULL,
             data jsonb NOT NULL, created_at timestamptz NOT NULL, read_at timestamptz, archived_at timestamptz,
             PRIMARY KEY (tenant_id, id))"""
    )
    op.execute("CREATE INDEX ix_inbox_user_id ON notifications.inbox (tenant_id, user_id, id)")
    op.execute(
        "CREATE INDEX ix_inbox_unread ON notifications.inbox (tenant_id, user_id, id) "
        "WHERE read_at IS NULL AND archived_at IS NULL"
    )
    op.execute(
        """CREATE TABLE notifications.inbox_counters (
             tenant_id uuid NOT NULL, user_id uuid NOT NULL, unread integer NOT NULL CHECK (unread >= 0),
             PRIMARY KEY (tenant_id, user_id))"""
    )


def _templates() -> None:
    op.execute(
        """CREATE TABLE notifications.templates (
             tenant_id uuid NOT NULL, key text NOT NULL, draft jsonb NOT NULL, revision integer NOT NULL,
             published_version integer, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
             PRIMARY KEY (tenant_id, key))"""
    )
    op.execute(
        """CREATE TABLE notifications.template_versions (
             tenant_id uuid NOT NULL, key text NOT NULL, version integer NOT NULL, definition jsonb NOT NULL,
             published_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, key, version))"""
    )
    op.execute(
        """CREATE TABLE notifications.branding (
             tenant_id uuid PRIMARY KEY, layout jsonb NOT NULL, partials jsonb NOT NULL, revision integer NOT NULL)"""
    )


def _preferences() -> None:
    op.execute(
        """CREATE TABLE notifications.categories (
             tenant_id uuid NOT NULL, name text NOT NULL, required boolean NOT NULL, critical boolean NOT NULL,
             throttle_limit integer, throttle_window_seconds integer, digest_window_seconds integer,
             PRIMARY KEY (tenant_id, name))"""
    )
    op.execute(
        """CREATE TABLE notifications.preferences (
             tenant_id uuid NOT NULL, recipient text NOT NULL, locale text, time_zone text, quiet_start time,
             quiet_end time, categories jsonb NOT NULL, opt_out boolean NOT NULL, revision integer NOT NULL,
             PRIMARY KEY (tenant_id, recipient))"""
    )
    op.execute(
        """CREATE TABLE notifications.suppressions (
             tenant_id uuid NOT NULL, email text NOT NULL, reason text NOT NULL, detail text NOT NULL,
             created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, email))"""
    )
    op.execute(
        """CREATE TABLE notifications.throttle_slots (
             tenant_id uuid NOT NULL, id uuid NOT NULL, recipient text NOT NULL, category text NOT NULL,
             channel text NOT NULL, taken_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id))"""
    )
    op.execute(
        "CREATE INDEX ix_throttle_slots_taken_at "
        "ON notifications.throttle_slots (tenant_id, recipient, category, channel, taken_at)"
    )
    op.execute(
        """CREATE TABLE notifications.push_subscriptions (
             tenant_id uuid NOT NULL, id uuid NOT NULL, user_id uuid, kind text NOT NULL, endpoint text NOT NULL,
             p256dh text, auth text, created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id))"""
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_push_subscriptions_endpoint "
        "ON notifications.push_subscriptions (tenant_id, md5(endpoint))"
    )
    op.execute("CREATE INDEX ix_push_subscriptions_user_id ON notifications.push_subscriptions (tenant_id, user_id)")


def _webhooks() -> None:
    op.execute(
        """CREATE TABLE notifications.webhook_endpoints (
             tenant_id uuid NOT NULL, id uuid NOT NULL, url text NOT NULL, events text[] NOT NULL,
             description text NOT NULL, secret bytea NOT NULL, previous_secret bytea,
             previous_secret_until timestamptz, enabled boolean NOT NULL, disabled_reason text,
             failing_since timestamptz, created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id))"""
    )
    op.execute(
        """CREATE TABLE notifications.webhook_deliveries (
             tenant_id uuid NOT NULL, id uuid NOT NULL, endpoint_id uuid NOT NULL, event_id uuid NOT NULL,
             event_type text NOT NULL, body text NOT NULL, status text NOT NULL, attempts integer NOT NULL,
             log jsonb NOT NULL, delivery_id uuid, next_attempt_at timestamptz, created_at timestamptz NOT NULL,
             PRIMARY KEY (tenant_id, id), FOREIGN KEY (tenant_id, endpoint_id)
             REFERENCES notifications.webhook_endpoints (tenant_id, id) ON DELETE CASCADE)"""
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_webhook_deliveries_event_id "
        "ON notifications.webhook_deliveries (tenant_id, endpoint_id, event_id)"
    )
    op.execute(
        "CREATE INDEX ix_webhook_deliveries_delivery_id ON notifications.webhook_deliveries (tenant_id, delivery_id) "
        "WHERE delivery_id IS NOT NULL"
    )


def _outbox() -> None:
    op.execute(
        """CREATE TABLE notifications.mailbox (
             tenant_id uuid NOT NULL, id uuid NOT NULL, to_address text NOT NULL, subject text NOT NULL,
             raw bytea NOT NULL, sent_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id))"""
    )
    op.execute("CREATE INDEX ix_mailbox_to_address ON notifications.mailbox (to_address, id)")
    op.execute("CREATE INDEX ix_mailbox_id ON notifications.mailbox (id)")
    op.execute(
        """CREATE TABLE notifications.outbox (
             tenant_id uuid NOT NULL, id uuid NOT NULL, kind text NOT NULL, lane text NOT NULL,
             due_at timestamptz NOT NULL, claimed_by integer, PRIMARY KEY (tenant_id, id))"""
    )
    op.execute(
        "CREATE INDEX ix_outbox_due ON notifications.outbox (kind, tenant_id, lane, due_at) WHERE claimed_by IS NULL"
    )
    op.execute("CREATE INDEX ix_outbox_claimed_by ON notifications.outbox (claimed_by) WHERE claimed_by IS NOT NULL")
    op.execute("CREATE TABLE notifications.tenants (tenant_id uuid PRIMARY KEY)")


def downgrade() -> None:
    op.execute("DROP SCHEMA notifications CASCADE")
