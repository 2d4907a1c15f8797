"""Billing on the wire. Money is in minor units of the currency."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from septet.kernel.wire import Wire

TermName = Literal["month", "year"]
Status = Literal["active", "trialing", "past_due", "restricted"]


class PlanOut(Wire):
    """A plan."""

    key: str = Field(description="FREE, PRO or BUSINESS.")
    price_per_seat: dict[TermName, int] = Field(description="Of one seat, by term.")
    currency: str = Field(description="ISO 4217.")
    seat_limit: int = Field(description="How many seats it can have at most.")
    features: dict[str, bool | int] = Field(description="Features (on or off) and quotas.")


class BillingChange(Wire):
    """What to subscribe to."""

    plan: str = Field(max_length=40, description="FREE, PRO or BUSINESS.", examples=["PRO"])
    seats: int | None = Field(None, ge=1, le=1_000_000, description="How many seats; as many as now when left away.")
    interval: TermName | None = Field(None, description="month or year; as now when left away.")


class TrialStart(Wire):
    """Which plan to try."""

    plan: str = Field(max_length=40, description="PRO or BUSINESS.", examples=["PRO"])


class InvoiceLine(Wire):
    """A line of an invoice; a credit is negative."""

    description: str = Field(description="For what.")
    quantity: int = Field(description="Seats.")
    amount: int = Field(description="In minor units.")


class QuoteOut(Wire):
    """What a change costs: to the minor unit what the invoice says."""

    lines: list[InvoiceLine] = Field(description="The lines of the invoice; none when nothing is charged now.")
    total: int = Field(description="Sum of the lines; what is negative becomes credit.")
    credit_used: int = Field(description="How much of the credit balance is used.")
    amount_due: int = Field(description="What is to be paid.")
    currency: str = Field(description="ISO 4217.")
    effective_at: datetime = Field(description="When the change takes effect.")
    immediate: bool = Field(description="Whether that is at once.")


class SeatsOut(Wire):
    """Seats."""

    used: int = Field(description="One a member.")
    limit: int = Field(description="How many there may be.")


class PeriodOut(Wire):
    """From the start until before the end."""

    start: datetime = Field(description="When it began.")
    end: datetime = Field(description="When the next one begins.")


class PendingChange(Wire):
    """What will be changed when the period ends."""

    plan: str = Field(description="The plan.")
    interval: TermName = Field(description="month or year.")
    seats: int = Field(description="The seats.")
    effective_at: datetime = Field(description="When.")


class BillingOut(Wire):
    """What the organization subscribes to."""

    plan: str = Field(description="FREE, PRO or BUSINESS.")
    interval: TermName = Field(description="month or year.")
    status: Status = Field(description="restricted: read-only, since an invoice is 14 days past due.")
    seats: SeatsOut = Field(description="Seats taken, and how many there may be.")
    current_period: PeriodOut | None = Field(description="What is paid for now; null on the free plan.")
    renewal_date: datetime | None = Field(description="When the next period begins; null on the free plan.")
    trial_ends_at: datetime | None = Field(description="When the trial ends; null when there is none.")
    pending_change: PendingChange | None = Field(description="What changes when the period ends.")
    credit_balance: int = Field(description="What is taken off the next invoices, in minor units.")
    currency: str = Field(description="ISO 4217.")


class InvoiceOut(Wire):
    """An invoice."""

    id: UUID = Field(description="The invoice's id.")
    number: int = Field(description="Its number; without gaps in an organization.")
    status: Literal["open", "paid", "void"] = Field(description="open until it is paid.")
    reason: str = Field(description="change, renewal or resumption.")
    currency: str = Field(description="ISO 4217.")
    lines: list[InvoiceLine] = Field(description="What is charged and credited.")
    total: int = Field(description="Sum of the lines.")
    credit_used: int = Field(description="Paid from the credit balance.")
    credit_given: int = Field(description="Added to the credit balance, when the total is negative.")
    amount_due: int = Field(description="What is to be paid.")
    period_start: datetime = Field(description="From when.")
    period_end: datetime = Field(description="Until before when.")
    issued_at: datetime = Field(description="When it was issued.")
    due_at: datetime = Field(description="Until when it is to be paid.")
    paid_at: datetime | None = Field(description="When it was paid.")
    last_failure: str | None = Field(description="Why the last payment failed; null when none did.")
