"""Tenancy: people and how they sign in; organizations with members, keys, work, billing, flags and their log."""

from alembic import op

from septet.kernel.postgres import OWN_ROWS_POLICY, TENANT_POLICY, tenant_policy

revision = "0002"
down_revision = "0001"

OF_TENANT = "tenant_id uuid NOT NULL REFERENCES tenancy.organizations ON DELETE CASCADE"
OWN_ORGANIZATIONS = f"SELECT m.tenant_id FROM tenancy.memberships m WHERE m.{OWN_ROWS_POLICY}"  # noqa: S608
OWN_DOMAIN = """SELECT split_part(u.email, '@', 2) FROM tenancy.users u WHERE u.email_verified_at IS NOT NULL
                AND u.id = (select nullif(current_setting('septet.user_id', true), '')::uuid)"""
ROLES = "('OWNER', 'ADMIN', 'MEMBER')"

PEOPLE = [
    """CREATE TABLE tenancy.users (
         id uuid PRIMARY KEY, email text NOT NULL, name text NOT NULL, password_hash text, locale text NOT NULL,
         created_at timestamptz NOT NULL, email_verified_at timestamptz, totp_secret bytea,
         totp_confirmed_at timestamptz, totp_last_step bigint NOT NULL DEFAULT 0,
         CONSTRAINT uq_users_email UNIQUE (email))""",
    """CREATE TABLE tenancy.sessions (
         id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES tenancy.users ON DELETE CASCADE,
         token_digest bytea NOT NULL, device text NOT NULL, address text NOT NULL, created_at timestamptz NOT NULL,
         last_used_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
         CONSTRAINT uq_sessions_token_digest UNIQUE (token_digest))""",
    "CREATE INDEX ix_sessions_user_id ON tenancy.sessions (user_id)",
    """CREATE TABLE tenancy.mail_tokens (
         digest bytea PRIMARY KEY, user_id uuid NOT NULL REFERENCES tenancy.users ON DELETE CASCADE,
         purpose text NOT NULL CHECK (purpose IN ('verify_email', 'reset_password', 'change_email')),
         expires_at timestamptz NOT NULL, email text)""",
    "CREATE INDEX ix_mail_tokens_user_id ON tenancy.mail_tokens (user_id)",
    """CREATE TABLE tenancy.recovery_codes (
         user_id uuid NOT NULL REFERENCES tenancy.users ON DELETE CASCADE, digest bytea NOT NULL,
         PRIMARY KEY (user_id, digest))""",
    """CREATE TABLE tenancy.passkeys (
         id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES tenancy.users ON DELETE CASCADE, name text NOT NULL,
         credential_id bytea NOT NULL, public_key bytea NOT NULL, sign_count bigint NOT NULL,
         created_at timestamptz NOT NULL, last_used_at timestamptz,
         CONSTRAINT uq_passkeys_credential_id UNIQUE (credential_id))""",
    "CREATE INDEX ix_passkeys_user_id ON tenancy.passkeys (user_id)",
    """CREATE TABLE tenancy.external_identities (
         issuer text NOT NULL, subject text NOT NULL,
         user_id uuid NOT NULL REFERENCES tenancy.users ON DELETE CASCADE, created_at timestamptz NOT NULL,
         PRIMARY KEY (issuer, subject))""",
    "CREATE INDEX ix_external_identities_user_id ON tenancy.external_identities (user_id)",
    """CREATE TABLE tenancy.account_events (
         user_id uuid NOT NULL REFERENCES tenancy.users ON DELETE CASCADE, id uuid NOT NULL,
         at timestamptz NOT NULL, action text NOT NULL, address text NOT NULL, device text NOT NULL,
         details jsonb NOT NULL, PRIMARY KEY (user_id, id))""",
]

ORGANIZATIONS = [
    """CREATE TABLE tenancy.organizations (
         tenant_id uuid PRIMARY KEY, name text NOT NULL, slug text NOT NULL, plan text NOT NULL,
         revision integer NOT NULL, created_at timestamptz NOT NULL, deletion_due_at timestamptz,
         domain_role text CHECK (domain_role IN ('ADMIN', 'MEMBER')),
         CONSTRAINT uq_organizations_slug UNIQUE (slug))""",
    f"""CREATE TABLE tenancy.memberships (
         {OF_TENANT}, user_id uuid NOT NULL REFERENCES tenancy.users ON DELETE CASCADE,
         role text NOT NULL CHECK (role IN {ROLES}), joined_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, user_id))""",
    "CREATE INDEX ix_memberships_user_id ON tenancy.memberships (user_id)",
    "CREATE INDEX ix_memberships_tenant_id_joined_at_user_id ON tenancy.memberships (tenant_id, joined_at, user_id)",
    f"""CREATE TABLE tenancy.invitations (
         {OF_TENANT}, id uuid NOT NULL, email text NOT NULL, role text NOT NULL CHECK (role IN {ROLES}),
         status text NOT NULL CHECK (status IN ('pending', 'accepted', 'revoked', 'expired')),
         token_digest bytea NOT NULL, invited_by uuid, created_at timestamptz NOT NULL,
         expires_at timestamptz NOT NULL, resolved_at timestamptz, PRIMARY KEY (tenant_id, id))""",
    """CREATE UNIQUE INDEX ix_invitations_pending ON tenancy.invitations (tenant_id, email)
         WHERE status = 'pending'""",
    "CREATE UNIQUE INDEX ix_invitations_tenant_id_token_digest ON tenancy.invitations (tenant_id, token_digest)",
    f"""CREATE TABLE tenancy.api_keys (
         {OF_TENANT}, id uuid NOT NULL, name text NOT NULL, prefix text NOT NULL, digest bytea NOT NULL,
         scopes text[] NOT NULL, role text NOT NULL CHECK (role IN {ROLES}), created_by uuid,
         created_at timestamptz NOT NULL, expires_at timestamptz, last_used_at timestamptz, replaced_by uuid,
         PRIMARY KEY (tenant_id, id))""",
    "CREATE UNIQUE INDEX ix_api_keys_tenant_id_digest ON tenancy.api_keys (tenant_id, digest)",
    f"""CREATE TABLE tenancy.domains (
         {OF_TENANT}, domain text NOT NULL, token text NOT NULL, created_at timestamptz NOT NULL,
         verified_at timestamptz, PRIMARY KEY (tenant_id, domain))""",
    "CREATE UNIQUE INDEX ix_domains_verified ON tenancy.domains (domain) WHERE verified_at IS NOT NULL",
    f"""CREATE TABLE tenancy.audit_events (
         {OF_TENANT}, id uuid NOT NULL, at timestamptz NOT NULL, action text NOT NULL, actor_kind text NOT NULL,
         actor_id uuid, actor_name text NOT NULL, target_id text, address text NOT NULL, details jsonb NOT NULL,
         PRIMARY KEY (tenant_id, id))""",
    "CREATE INDEX ix_audit_events_tenant_id_action_id ON tenancy.audit_events (tenant_id, action, id)",
    f"""CREATE TABLE tenancy.exports (
         {OF_TENANT}, id uuid NOT NULL, status text NOT NULL CHECK (status IN ('running', 'ready')),
         requested_by uuid, created_at timestamptz NOT NULL, expires_at timestamptz NOT NULL, archive bytea,
         PRIMARY KEY (tenant_id, id))""",
]

WORK = [
    f"""CREATE TABLE tenancy.projects (
         {OF_TENANT}, id uuid NOT NULL, key text NOT NULL, name text NOT NULL, description text NOT NULL,
         statuses jsonb NOT NULL, last_number integer NOT NULL, archived_at timestamptz, revision integer NOT NULL,
         created_by uuid, created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id))""",
    "CREATE UNIQUE INDEX ix_projects_tenant_id_key ON tenancy.projects (tenant_id, key)",
    f"""CREATE TABLE tenancy.tasks (
         {OF_TENANT}, id uuid NOT NULL, project_id uuid NOT NULL, number integer NOT NULL, parent_id uuid,
         title text NOT NULL, description text NOT NULL, status text NOT NULL,
         priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 4), assignee_id uuid, due_date date,
         labels text[] NOT NULL, position text COLLATE "C" NOT NULL, archived_at timestamptz,
         completed_at timestamptz, revision integer NOT NULL, created_by uuid, created_at timestamptz NOT NULL,
         updated_at timestamptz NOT NULL,
         search tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || description)) STORED,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, project_id) REFERENCES tenancy.projects ON DELETE CASCADE,
         FOREIGN KEY (tenant_id, parent_id) REFERENCES tenancy.tasks ON DELETE SET NULL (parent_id),
         FOREIGN KEY (tenant_id, assignee_id) REFERENCES tenancy.memberships ON DELETE SET NULL (assignee_id))""",
    "CREATE UNIQUE INDEX ix_tasks_number ON tenancy.tasks (tenant_id, project_id, number)",
    "CREATE UNIQUE INDEX ix_tasks_position ON tenancy.tasks (tenant_id, project_id, position)",
    "CREATE INDEX ix_tasks_status ON tenancy.tasks (tenant_id, project_id, status, position)",
    "CREATE INDEX ix_tasks_updated ON tenancy.tasks (tenant_id, project_id, updated_at, id)",
    "CREATE INDEX ix_tasks_assignee ON tenancy.tasks (tenant_id, assignee_id) WHERE assignee_id IS NOT NULL",
    "CREATE INDEX ix_tasks_parent ON tenancy.tasks (tenant_id, parent_id) WHERE parent_id IS NOT NULL",
    f"""CREATE TABLE tenancy.task_labels (
         {OF_TENANT}, project_id uuid NOT NULL, label text NOT NULL, task_id uuid NOT NULL,
         PRIMARY KEY (tenant_id, project_id, label, task_id),
         FOREIGN KEY (tenant_id, task_id) REFERENCES tenancy.tasks ON DELETE CASCADE)""",
    "CREATE INDEX ix_task_labels_tenant_id_task_id ON tenancy.task_labels (tenant_id, task_id)",
    f"""CREATE TABLE tenancy.comments (
         {OF_TENANT}, id uuid NOT NULL, task_id uuid NOT NULL, author_id uuid, author_name text NOT NULL,
         body text NOT NULL, created_at timestamptz NOT NULL, edited_at timestamptz, PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, task_id) REFERENCES tenancy.tasks ON DELETE CASCADE)""",
    "CREATE INDEX ix_comments_tenant_id_task_id_id ON tenancy.comments (tenant_id, task_id, id)",
    f"""CREATE TABLE tenancy.attachments (
         {OF_TENANT}, id uuid NOT NULL, task_id uuid NOT NULL, url text NOT NULL, title text NOT NULL,
         created_by uuid, created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, task_id) REFERENCES tenancy.tasks ON DELETE CASCADE)""",
    "CREATE INDEX ix_attachments_tenant_id_task_id ON tenancy.attachments (tenant_id, task_id)",
    f"""CREATE TABLE tenancy.activities (
         {OF_TENANT}, id uuid NOT NULL, at timestamptz NOT NULL, actor_id uuid, actor_name text NOT NULL,
         verb text NOT NULL, project_id uuid, task_id uuid, changes jsonb NOT NULL, PRIMARY KEY (tenant_id, id))""",
    "CREATE INDEX ix_activities_task ON tenancy.activities (tenant_id, task_id, id) WHERE task_id IS NOT NULL",
    "CREATE INDEX ix_activities_project ON tenancy.activities (tenant_id, project_id, id)",
]

BILLING_AND_FLAGS = [
    f"""CREATE TABLE tenancy.subscriptions (
         {OF_TENANT}, plan text NOT NULL, term text NOT NULL CHECK (term IN ('month', 'year')),
         seats integer NOT NULL CHECK (seats >= 1),
         status text NOT NULL CHECK (status IN ('active', 'trialing', 'past_due', 'restricted')),
         anchor timestamptz, period_start timestamptz, period_end timestamptz, billed bigint NOT NULL,
         credit bigint NOT NULL CHECK (credit >= 0), pending_plan text, pending_term text, pending_seats integer,
         trial_used boolean NOT NULL, past_due_since timestamptz, reminders_sent integer NOT NULL,
         last_invoice_number integer NOT NULL, PRIMARY KEY (tenant_id))""",
    f"""CREATE TABLE tenancy.invoices (
         {OF_TENANT}, id uuid NOT NULL, number integer NOT NULL,
         status text NOT NULL CHECK (status IN ('open', 'paid', 'void')), reason text NOT NULL,
         currency text NOT NULL, lines jsonb NOT NULL, total bigint NOT NULL, credit_used bigint NOT NULL,
         credit_given bigint NOT NULL, amount_due bigint NOT NULL CHECK (amount_due >= 0),
         period_start timestamptz NOT NULL, period_end timestamptz NOT NULL, issued_at timestamptz NOT NULL,
         due_at timestamptz NOT NULL, paid_at timestamptz, payment_reference text, last_failure text,
         PRIMARY KEY (tenant_id, id))""",
    "CREATE UNIQUE INDEX ix_invoices_tenant_id_number ON tenancy.invoices (tenant_id, number)",
    f"""CREATE TABLE tenancy.flags (
         {OF_TENANT}, key text NOT NULL, description text NOT NULL, enabled boolean NOT NULL, value jsonb NOT NULL,
         off_value jsonb NOT NULL, percentage numeric(6, 3) NOT NULL CHECK (percentage BETWEEN 0 AND 100),
         starts_at timestamptz, ends_at timestamptz, set_by text NOT NULL CHECK (set_by IN ('tenant', 'operator')),
         updated_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, key))""",
    f"""CREATE TABLE tenancy.flag_overrides (
         {OF_TENANT}, key text NOT NULL, targeting_key text NOT NULL, value jsonb NOT NULL,
         PRIMARY KEY (tenant_id, key, targeting_key),
         FOREIGN KEY (tenant_id, key) REFERENCES tenancy.flags ON DELETE CASCADE)""",
]

GUARDED = (
    "invitations", "api_keys", "audit_events", "exports", "projects", "tasks", "task_labels", "comments", "attachments",
    "activities", "subscriptions", "invoices", "flags", "flag_overrides",
)  # fmt: skip


def upgrade() -> None:
    op.execute("CREATE SCHEMA tenancy")
    for statement in [*PEOPLE, *ORGANIZATIONS, *WORK, *BILLING_AND_FLAGS]:
        op.execute(statement)
    _guard()


def _guard() -> None:
    """Row-level security. A user also sees their memberships, those organizations, and the domain of their address."""
    for statement in tenant_policy("tenancy.memberships", also_own_rows=True):
        op.execute(statement)
    for table in GUARDED:
        for statement in tenant_policy(f"tenancy.{table}"):
            op.execute(statement)
    _policy("organizations", f"tenant_id IN ({OWN_ORGANIZATIONS})")
    _policy("domains", f"verified_at IS NOT NULL AND domain = ({OWN_DOMAIN})")
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON tenancy.audit_events FROM septet_app")


def _policy(table: str, also_readable: str) -> None:
    op.execute(f"ALTER TABLE tenancy.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE tenancy.{table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"""CREATE POLICY tenant ON tenancy.{table} USING ({TENANT_POLICY} OR {also_readable})
            WITH CHECK ({TENANT_POLICY})"""
    )


def downgrade() -> None:
    op.execute("DROP SCHEMA tenancy CASCADE")
