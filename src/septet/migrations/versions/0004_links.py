"""Links: short links, the directory of their codes, domains, reports, and clicks set aside while Valkey is away."""

from alembic import op

from septet.kernel.postgres import tenant_policy

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("CREATE SCHEMA links")
    op.execute(
        """CREATE TABLE links.links (
             tenant_id uuid NOT NULL, id uuid NOT NULL, host text NOT NULL, code text NOT NULL, url text NOT NULL,
             title text NOT NULL, notes text NOT NULL, tags text[] NOT NULL, status text NOT NULL
               CHECK (status IN ('active', 'archived', 'disabled')), disabled_reason text,
             redirect_status smallint NOT NULL CHECK (redirect_status IN (301, 302, 307)),
             forward_query boolean NOT NULL, starts_at timestamptz, expires_at timestamptz,
             max_clicks bigint CHECK (max_clicks > 0), password_hash text, fallback_url text,
             utm jsonb NOT NULL, targets jsonb NOT NULL, source text NOT NULL,
             milestone bigint NOT NULL, revision integer NOT NULL,
             created_by uuid, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
             PRIMARY KEY (tenant_id, id))"""
    )
    op.execute("CREATE INDEX ix_links_tenant_id_tags ON links.links USING gin (tags)")
    op.execute("CREATE TABLE links.usage (tenant_id uuid PRIMARY KEY, links bigint NOT NULL)")
    op.execute(
        """CREATE TABLE links.codes (
             host text NOT NULL, code text NOT NULL, owner_id uuid NOT NULL, link_id uuid NOT NULL,
             PRIMARY KEY (host, code),
             FOREIGN KEY (owner_id, link_id) REFERENCES links.links (tenant_id, id) ON DELETE CASCADE
               DEFERRABLE INITIALLY DEFERRED)"""
    )
    op.execute("CREATE INDEX ix_codes_link_id ON links.codes (link_id)")
    op.execute("CREATE INDEX ix_codes_owner_id ON links.codes (owner_id, link_id)")
    op.execute(
        """CREATE TABLE links.domains (
             tenant_id uuid NOT NULL, id uuid NOT NULL, host text NOT NULL, token text NOT NULL,
             verified_at timestamptz, created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id),
             CONSTRAINT uq_domains_tenant_id UNIQUE (tenant_id, host))"""
    )
    op.execute("CREATE UNIQUE INDEX ix_domains_host ON links.domains (host) WHERE verified_at IS NOT NULL")
    op.execute(
        """CREATE TABLE links.reports (
             tenant_id uuid NOT NULL, id uuid NOT NULL, link_id uuid NOT NULL, reason text NOT NULL,
             details text NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id),
             FOREIGN KEY (tenant_id, link_id) REFERENCES links.links (tenant_id, id) ON DELETE CASCADE)"""
    )
    op.execute("CREATE INDEX ix_reports_tenant_id ON links.reports (tenant_id, link_id)")
    op.execute("CREATE TABLE links.spooled_clicks (id uuid PRIMARY KEY, batch bytea NOT NULL)")
    for table in ("links.links", "links.usage", "links.domains", "links.reports"):
        for statement in tenant_policy(table):
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA links CASCADE")
