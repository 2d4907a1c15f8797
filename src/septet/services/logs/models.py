"""What organizations configure about their logs, in the PostgreSQL schema `logs`. The lines are in ClickHouse."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, String, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from septet.kernel.postgres import TenantOwned, service_metadata

Moment = DateTime(timezone=True)


class Base(DeclarativeBase):
    metadata = service_metadata("logs")


class Retention(TenantOwned, Base):
    """How long lines are kept; `max_bytes` of raw lines in all, and by service."""

    __tablename__ = "retentions"

    days: Mapped[int]
    per_service: Mapped[dict[str, int]] = mapped_column(JSONB)
    max_bytes: Mapped[int | None] = mapped_column(BigInteger)
    max_bytes_per_service: Mapped[dict[str, int]] = mapped_column(JSONB)
    set_at: Mapped[datetime] = mapped_column(Moment)


class SavedSearch(TenantOwned, Base):
    __tablename__ = "searches"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str]
    query: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Alert(TenantOwned, Base):
    """Fires when more than `threshold` lines of the last `window_seconds` match, once until it has calmed down."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str]
    query: Mapped[dict[str, Any]] = mapped_column(JSONB)
    window_seconds: Mapped[int]
    threshold: Mapped[int]
    state: Mapped[str] = mapped_column(String)
    fired_at: Mapped[datetime | None] = mapped_column(Moment)
    last_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Moment)


class MaskRule(TenantOwned, Base):
    """A pattern that is replaced in every line before it is stored."""

    __tablename__ = "masks"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str]
    pattern: Mapped[str]
    replacement: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
