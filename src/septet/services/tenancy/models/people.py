"""Users, their sessions, and what else they sign in with. Of every secret only a digest or ciphertext is stored."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from septet.services.tenancy.models.schema import Base, Moment


class User(Base):
    """`password_hash` is null for those who only ever signed in elsewhere; `totp_last_step` makes codes single-use."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    locale: Mapped[str] = mapped_column(Text, default="en")
    created_at: Mapped[datetime] = mapped_column(Moment)
    email_verified_at: Mapped[datetime | None] = mapped_column(Moment)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    totp_last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class Session(Base):
    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    device: Mapped[str]
    address: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class MailToken(Base):
    """What a mailed link carries. `purpose`: `verify_email`, `reset_password` or `change_email` (to `email`)."""

    __tablename__ = "mail_tokens"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    purpose: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(Moment)
    email: Mapped[str | None]


class RecoveryCode(Base):
    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class Passkey(Base):
    """A WebAuthn credential; `public_key` is its COSE key."""

    __tablename__ = "passkeys"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    name: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)


class ExternalIdentity(Base):
    """The account at an OpenID Connect provider that belongs to a user."""

    __tablename__ = "external_identities"

    issuer: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class AccountEvent(Base):
    """A security-relevant act on an account, shown to its owner."""

    __tablename__ = "account_events"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    action: Mapped[str]
    address: Mapped[str]
    device: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
