"""Limits' tables, in the PostgreSQL schema `limits`. Counters are in Valkey, decisions in ClickHouse."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, String, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from septet.kernel.postgres import TenantOwned, service_metadata


class Base(DeclarativeBase):
    metadata = service_metadata("limits")


Moment = DateTime(timezone=True)


class Tenant(TenantOwned, Base):
    """That the default rules were made, and for which plan."""

    __tablename__ = "tenants"

    plan: Mapped[str]
    seeded_at: Mapped[datetime] = mapped_column(Moment)


class Rule(TenantOwned, Base):
    """`definition` is the rule as the API shows it, without what is in columns of its own."""

    __tablename__ = "rules"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str]
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    seeded: Mapped[bool]
    revision: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class RuleChange(TenantOwned, Base):
    """One entry of the history: the definition before and after (null: it did not exist)."""

    __tablename__ = "rule_changes"
    __table_args__ = (Index(None, "tenant_id", "rule_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    rule_id: Mapped[UUID] = mapped_column(Uuid)
    change: Mapped[str] = mapped_column(String)
    author_kind: Mapped[str]
    author_id: Mapped[UUID | None] = mapped_column(Uuid)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    changed_at: Mapped[datetime] = mapped_column(Moment)
