"""Payments' tables, in the PostgreSQL schema `payments`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, LargeBinary, SmallInteger, String, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from septet.kernel.postgres import TenantOwned, service_metadata


class Base(DeclarativeBase):
    metadata = service_metadata("payments")


Moment = DateTime(timezone=True)


class Payment(TenantOwned, Base):
    """`last_failure`: the provider's id of the last charge that was refused; each is recorded once.

    `payer_id`: the tenant whose saved method is charged, the provider's `customer_id`; null for a shop's orders.
    """

    __tablename__ = "payments"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    capture_method: Mapped[str]
    status: Mapped[str]
    detail: Mapped[str]
    description: Mapped[str | None]
    details: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)
    provider_id: Mapped[str | None]
    last_failure: Mapped[str | None]
    decline_code: Mapped[str | None]
    next_action_url: Mapped[str | None]
    payer_id: Mapped[UUID | None] = mapped_column(Uuid)
    customer_id: Mapped[str | None]
    captured_amount: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded_amount: Mapped[int] = mapped_column(BigInteger, default=0)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class Transition(TenantOwned, Base):
    __tablename__ = "transitions"

    payment_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    detail: Mapped[str]
    cause: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)


class Operation(TenantOwned, Base):
    """Something asked of the provider. While `finished_at` is null its outcome is not known here."""

    __tablename__ = "operations"

    payment_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    started_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class Refund(TenantOwned, Base):
    __tablename__ = "refunds"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(Uuid)
    amount: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str | None]
    status: Mapped[str]
    provider_id: Mapped[str | None]
    failure: Mapped[str | None]
    idempotency_key: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Moment)


class LedgerEntry(TenantOwned, Base):
    """One line of a balanced transaction; `reference` is the provider's id of what moved the money."""

    __tablename__ = "ledger_entries"

    transaction_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str]
    reference: Mapped[str]
    account: Mapped[str]
    currency: Mapped[str]
    debit: Mapped[int] = mapped_column(BigInteger)
    credit: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Moment)


class Customer(TenantOwned, Base):
    """An organization as the provider's customer."""

    __tablename__ = "customers"

    provider_id: Mapped[str]


class SavedMethod(TenantOwned, Base):
    """The card that an organization is charged with; the provider keeps it, we know what to show of it."""

    __tablename__ = "saved_methods"

    method_id: Mapped[str]
    brand: Mapped[str]
    last4: Mapped[str]
    exp_month: Mapped[int] = mapped_column(SmallInteger)
    exp_year: Mapped[int] = mapped_column(SmallInteger)
    saved_at: Mapped[datetime] = mapped_column(Moment)


class Charge(TenantOwned, Base):
    """What an organization is charged for, and the payment that does it; the payment belongs to the merchant."""

    __tablename__ = "charges"

    reference: Mapped[str] = mapped_column(String, primary_key=True)
    merchant_id: Mapped[UUID] = mapped_column(Uuid)
    payment_id: Mapped[UUID] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Moment)


class WebhookEvent(Base):
    __tablename__ = "webhook_events"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    type: Mapped[str]
    payload: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(Moment)
    processed_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str | None]


class RecoveryPoint(Base):
    """An operation that somebody must finish: the request that began it, or else the worker."""

    __tablename__ = "recovery_points"

    operation_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    merchant_id: Mapped[UUID] = mapped_column(Uuid)
    payment_id: Mapped[UUID] = mapped_column(Uuid)
    started_at: Mapped[datetime] = mapped_column(Moment)


class Merchant(Base):
    """A tenant that has payments, for the daily reconciliation of all."""

    __tablename__ = "merchants"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    since: Mapped[datetime] = mapped_column(Moment)


class WebhookRegistration(Base):
    """Our endpoint at the provider; `secret` is encrypted."""

    __tablename__ = "webhook_registrations"

    url: Mapped[str] = mapped_column(String, primary_key=True)
    provider_id: Mapped[str]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
