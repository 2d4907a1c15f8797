"""The tables of links, in the PostgreSQL schema `links`.

`codes` is the directory by which a visitor's request, which names no organization, finds the owner of a code. It is
nobody's secret: whoever knows a code may follow it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, LargeBinary, SmallInteger, String, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from septet.kernel.postgres import TenantOwned, service_metadata


class Base(DeclarativeBase):
    metadata = service_metadata("links")


Moment = DateTime(timezone=True)


class Link(TenantOwned, Base):
    """`host` is empty for links below the platform's own `/s/`, else the custom domain.

    `source`: who is told of each click, `<who>:<what>`; empty for links that people make.
    """

    __tablename__ = "links"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    host: Mapped[str]
    code: Mapped[str]
    url: Mapped[str]
    title: Mapped[str]
    notes: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    status: Mapped[str] = mapped_column(String, default="active")
    disabled_reason: Mapped[str | None]
    redirect_status: Mapped[int] = mapped_column(SmallInteger)
    forward_query: Mapped[bool]
    starts_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    max_clicks: Mapped[int | None] = mapped_column(BigInteger)
    password_hash: Mapped[str | None]
    fallback_url: Mapped[str | None]
    utm: Mapped[dict[str, str]] = mapped_column(JSONB)
    targets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    source: Mapped[str] = mapped_column(String, default="")
    milestone: Mapped[int] = mapped_column(BigInteger, default=0)
    revision: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class Usage(TenantOwned, Base):
    """How many links people of the tenant have made; the row is what simultaneous creations wait for."""

    __tablename__ = "usage"

    links: Mapped[int] = mapped_column(BigInteger)


class Code(Base):
    __tablename__ = "codes"
    __table_args__ = (ForeignKeyConstraint(["owner_id", "link_id"], [Link.tenant_id, Link.id], ondelete="CASCADE"),)

    host: Mapped[str] = mapped_column(String, primary_key=True)
    code: Mapped[str] = mapped_column(String, primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(Uuid)
    link_id: Mapped[UUID] = mapped_column(Uuid)


class Domain(TenantOwned, Base):
    """Several organizations may claim a host; the first that proves it owns it."""

    __tablename__ = "domains"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    host: Mapped[str]
    token: Mapped[str]
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Report(TenantOwned, Base):
    __tablename__ = "reports"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "link_id"], [Link.tenant_id, Link.id], ondelete="CASCADE"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    link_id: Mapped[UUID] = mapped_column(Uuid)
    reason: Mapped[str]
    details: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)


class SpooledClicks(Base):
    """A batch of clicks that Valkey did not take; the consumer moves it on."""

    __tablename__ = "spooled_clicks"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    batch: Mapped[bytes] = mapped_column(LargeBinary)
