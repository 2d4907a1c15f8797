"""Organizations, who belongs to them, their keys, domains, exports and audit log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from septet.kernel.identity import Role
from septet.kernel.postgres import TenantOwned
from septet.services.tenancy.models.people import User
from septet.services.tenancy.models.schema import Base, Moment


class Organization(Base):
    """`deletion_due_at`: deleted, but may be restored until then. `domain_role`: what its domains' people become."""

    __tablename__ = "organizations"

    id: Mapped[UUID] = mapped_column("tenant_id", Uuid, primary_key=True)
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(Text, unique=True)
    plan: Mapped[str] = mapped_column(Text, default="FREE")
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    deletion_due_at: Mapped[datetime | None] = mapped_column(Moment)
    domain_role: Mapped[Role | None] = mapped_column(Text)


def of_organization() -> ForeignKeyConstraint:
    """Rows of an organization go with it."""
    return ForeignKeyConstraint(["tenant_id"], [Organization.id], ondelete="CASCADE")


class Membership(TenantOwned, Base):
    __tablename__ = "memberships"
    __table_args__ = (of_organization(), Index(None, "user_id"), Index(None, "tenant_id", "joined_at", "user_id"))

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = mapped_column(Text)
    joined_at: Mapped[datetime] = mapped_column(Moment)


class Invitation(TenantOwned, Base):
    """`status` goes from `pending` to `accepted`, `revoked` or `expired`, never back."""

    __tablename__ = "invitations"
    __table_args__ = (
        of_organization(),
        Index("ix_invitations_pending", "tenant_id", "email", unique=True, postgresql_where=text("status = 'pending'")),
        Index(None, "tenant_id", "token_digest", unique=True),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    email: Mapped[str]
    role: Mapped[Role] = mapped_column(Text)
    status: Mapped[str]
    token_digest: Mapped[bytes] = mapped_column(LargeBinary)
    invited_by: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    resolved_at: Mapped[datetime | None] = mapped_column(Moment)


class ApiKey(TenantOwned, Base):
    """`replaced_by`: the key that a rotation made; until `expires_at` both work."""

    __tablename__ = "api_keys"
    __table_args__ = (of_organization(), Index(None, "tenant_id", "digest", unique=True))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str]
    prefix: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    role: Mapped[Role] = mapped_column(Text)
    created_by: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    replaced_by: Mapped[UUID | None] = mapped_column(Uuid)


class Domain(TenantOwned, Base):
    """A mail domain; it is the organization's once its DNS carries the token."""

    __tablename__ = "domains"
    __table_args__ = (
        of_organization(),
        Index("ix_domains_verified", "domain", unique=True, postgresql_where=text("verified_at IS NOT NULL")),
    )

    domain: Mapped[str] = mapped_column(Text, primary_key=True)
    token: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    verified_at: Mapped[datetime | None] = mapped_column(Moment)


class AuditEvent(TenantOwned, Base):
    """The application's role may insert and read these, not change or delete them."""

    __tablename__ = "audit_events"
    __table_args__ = (of_organization(), Index(None, "tenant_id", "action", "id"))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    action: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    actor_name: Mapped[str]
    target_id: Mapped[str | None]
    address: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Export(TenantOwned, Base):
    """An archive of the organization, kept for a week."""

    __tablename__ = "exports"
    __table_args__ = (of_organization(),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    status: Mapped[str]
    requested_by: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    archive: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
