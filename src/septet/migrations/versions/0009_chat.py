"""Chat: rooms, members, messages and the bodies they had before they were edited."""

from alembic import op

from septet.kernel.postgres import tenant_policy

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("CREATE SCHEMA chat")
    _rooms_and_members()
    _messages()
    for table in ("rooms", "members", "messages", "edits"):
        for statement in tenant_policy(f"chat.{table}"):
            op.execute(statement)


def _rooms_and_members() -> None:
    op.execute(
        """CREATE TABLE chat.rooms (
             tenant_id uuid NOT NULL, id uuid NOT NULL, kind text NOT NULL CHECK (kind IN ('room', 'group', 'direct')),
             name text NOT NULL, topic text NOT NULL,
             visibility text NOT NULL CHECK (visibility IN ('public', 'private')),
             announcement boolean NOT NULL, tells_joins boolean NOT NULL, slow_mode_seconds integer NOT NULL,
             subject text, member_count integer NOT NULL, last_seq bigint NOT NULL, version bigint NOT NULL,
             changed_version bigint NOT NULL, created_by uuid NOT NULL, created_at timestamptz NOT NULL,
             archived_at timestamptz, PRIMARY KEY (tenant_id, id),
             CONSTRAINT uq_rooms_subject UNIQUE (tenant_id, subject)) WITH (fillfactor = 50)"""
    )
    op.execute("CREATE INDEX ix_rooms_public ON chat.rooms (tenant_id, id) WHERE visibility = 'public'")
    op.execute(
        """CREATE TABLE chat.members (
             tenant_id uuid NOT NULL, room_id uuid NOT NULL, user_id uuid NOT NULL,
             status text NOT NULL CHECK (status IN ('active', 'left', 'banned')),
             role text NOT NULL CHECK (role IN ('owner', 'moderator', 'member')),
             name text NOT NULL, names text[] NOT NULL, read_seq bigint NOT NULL, version bigint NOT NULL,
             joined_at timestamptz NOT NULL, muted_until timestamptz, last_sent_at timestamptz,
             PRIMARY KEY (tenant_id, room_id, user_id),
             FOREIGN KEY (tenant_id, room_id) REFERENCES chat.rooms ON DELETE CASCADE) WITH (fillfactor = 70)"""
    )
    op.execute("CREATE INDEX ix_members_user ON chat.members (tenant_id, user_id) WHERE status = 'active'")
    op.execute("CREATE INDEX ix_members_version ON chat.members (tenant_id, room_id, version)")


def _messages() -> None:
    op.execute(
        """CREATE TABLE chat.messages (
             tenant_id uuid NOT NULL, room_id uuid NOT NULL, seq bigint NOT NULL, id uuid NOT NULL,
             kind text NOT NULL CHECK (kind IN ('message', 'system')), author_id uuid NOT NULL,
             client_message_id text NOT NULL, body text NOT NULL, reply_to uuid, thread_id uuid,
             mentions uuid[] NOT NULL, mentions_room boolean NOT NULL, attachments jsonb NOT NULL,
             reactions jsonb NOT NULL, system jsonb, version bigint NOT NULL, created_version bigint NOT NULL,
             sent_at timestamptz NOT NULL, edited_at timestamptz, deleted_at timestamptz, pinned_at timestamptz,
             pinned_by uuid, words tsvector GENERATED ALWAYS AS (to_tsvector('simple', body)) STORED,
             PRIMARY KEY (tenant_id, room_id, seq),
             CONSTRAINT uq_messages_id UNIQUE (tenant_id, id),
             CONSTRAINT uq_messages_client_message_id UNIQUE (tenant_id, author_id, client_message_id),
             FOREIGN KEY (tenant_id, room_id) REFERENCES chat.rooms ON DELETE CASCADE)"""
    )
    op.execute("CREATE INDEX ix_messages_version ON chat.messages (tenant_id, room_id, version)")
    op.execute(
        "CREATE INDEX ix_messages_thread ON chat.messages (tenant_id, thread_id, seq) WHERE thread_id IS NOT NULL"
    )
    op.execute("CREATE INDEX ix_messages_pinned ON chat.messages (tenant_id, room_id) WHERE pinned_at IS NOT NULL")
    op.execute(
        """CREATE TABLE chat.edits (
             tenant_id uuid NOT NULL, message_id uuid NOT NULL, replaced_at timestamptz NOT NULL, room_id uuid NOT NULL,
             body text NOT NULL, PRIMARY KEY (tenant_id, message_id, replaced_at),
             FOREIGN KEY (tenant_id, message_id) REFERENCES chat.messages (tenant_id, id) ON DELETE CASCADE)"""
    )


def downgrade() -> None:
    op.execute("DROP SCHEMA chat CASCADE")
