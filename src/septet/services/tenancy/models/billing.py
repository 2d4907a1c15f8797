"""What an organization pays for, and its invoices. Money is in minor units of the currency."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from septet.kernel.postgres import TenantOwned
from septet.services.tenancy.models.organizations import of_organization
from septet.services.tenancy.models.schema import Base, Moment


class Subscription(TenantOwned, Base):
    """The stored form of `billing.terms.Terms`, with what payment and dunning need."""

    __tablename__ = "subscriptions"
    __table_args__ = (of_organization(),)

    plan: Mapped[str]
    term: Mapped[str]
    seats: Mapped[int]
    status: Mapped[str]
    anchor: Mapped[datetime | None] = mapped_column(Moment)
    period_start: Mapped[datetime | None] = mapped_column(Moment)
    period_end: Mapped[datetime | None] = mapped_column(Moment)
    billed: Mapped[int] = mapped_column(BigInteger)
    credit: Mapped[int] = mapped_column(BigInteger)
    pending_plan: Mapped[str | None]
    pending_term: Mapped[str | None]
    pending_seats: Mapped[int | None]
    trial_used: Mapped[bool]
    past_due_since: Mapped[datetime | None] = mapped_column(Moment)
    reminders_sent: Mapped[int]
    last_invoice_number: Mapped[int]


class Invoice(TenantOwned, Base):
    """`total` is the sum of the lines; what is negative became credit (`credit_given`)."""

    __tablename__ = "invoices"
    __table_args__ = (of_organization(), Index(None, "tenant_id", "number", unique=True))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[int]
    status: Mapped[str]
    reason: Mapped[str]
    currency: Mapped[str]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    total: Mapped[int] = mapped_column(BigInteger)
    credit_used: Mapped[int] = mapped_column(BigInteger)
    credit_given: Mapped[int] = mapped_column(BigInteger)
    amount_due: Mapped[int] = mapped_column(BigInteger)
    period_start: Mapped[datetime] = mapped_column(Moment)
    period_end: Mapped[datetime] = mapped_column(Moment)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    paid_at: Mapped[datetime | None] = mapped_column(Moment)
    payment_reference: Mapped[str | None]
    last_failure: Mapped[str | None]
