"""Tenancy: users, sessions, organizations, memberships, API keys."""

from alembic import op

from septet.kernel.postgres import OWN_ROWS_POLICY, TENANT_POLICY, tenant_policy

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE SCHEMA tenancy")
    op.execute(
        """CREATE TABLE tenancy.users (
             id uuid PRIMARY KEY, email text NOT NULL, name text NOT NULL, password_hash text NOT NULL,
             locale text NOT NULL, created_at timestamptz NOT NULL,
             CONSTRAINT uq_users_email UNIQUE (email))"""
    )
    op.execute(
        """CREATE TABLE tenancy.sessions (
             id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES tenancy.users ON DELETE CASCADE,
             token_digest bytea NOT NULL, device text NOT NULL, created_at timestamptz NOT NULL,
             last_used_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
             CONSTRAINT uq_sessions_token_digest UNIQUE (token_digest))"""
    )
    op.execute("CREATE INDEX ix_sessions_user_id ON tenancy.sessions (user_id)")
    op.execute(
        """CREATE TABLE tenancy.organizations (
             tenant_id uuid PRIMARY KEY, name text NOT NULL, slug text NOT NULL, plan text NOT NULL,
             revision integer NOT NULL, created_at timestamptz NOT NULL,
             CONSTRAINT uq_organizations_slug UNIQUE (slug))"""
    )
    op.execute(
        """CREATE TABLE tenancy.memberships (
             tenant_id uuid NOT NULL REFERENCES tenancy.organizations ON DELETE CASCADE,
             user_id uuid NOT NULL REFERENCES tenancy.users ON DELETE CASCADE,
             role text NOT NULL CHECK (role IN ('OWNER', 'ADMIN', 'MEMBER')), joined_at timestamptz NOT NULL,
             PRIMARY KEY (tenant_id, user_id))"""
    )
    op.execute("CREATE INDEX ix_memberships_user_id ON tenancy.memberships (user_id)")
    op.execute(
        """CREATE TABLE tenancy.api_keys (
             tenant_id uuid NOT NULL REFERENCES tenancy.organizations ON DELETE CASCADE,
             id uuid NOT NULL, name text NOT NULL, prefix text NOT NULL, digest bytea NOT NULL, scopes text[] NOT NULL,
             role text NOT NULL, created_by uuid, created_at timestamptz NOT NULL, expires_at timestamptz,
             last_used_at timestamptz, PRIMARY KEY (tenant_id, id))"""
    )
    op.execute("CREATE UNIQUE INDEX ix_api_keys_tenant_id_digest ON tenancy.api_keys (tenant_id, digest)")
    _guard()


def _guard() -> None:
    for statement in tenant_policy("tenancy.memberships", also_own_rows=True) + tenant_policy("tenancy.api_keys"):
        op.execute(statement)
    op.execute("ALTER TABLE tenancy.organizations ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE tenancy.organizations FORCE ROW LEVEL SECURITY")
    op.execute(
        f"""CREATE POLICY tenant ON tenancy.organizations
            USING ({TENANT_POLICY}
                   OR tenant_id IN (SELECT m.tenant_id FROM tenancy.memberships m WHERE m.{OWN_ROWS_POLICY}))
            WITH CHECK ({TENANT_POLICY})"""  # noqa: S608 - constants only
    )


def downgrade() -> None:
    op.execute("DROP SCHEMA tenancy CASCADE")
