"""What the calendar does to a subscription: renewals, ends of trials, pending downgrades, reminders, restriction.

One durable job waits for the next moment at which something is due; it handles what is, in order of time, and leaves
a job for the moment after.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from septet.kernel.jobs import job
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import audit, invoicing
from septet.services.tenancy.actions.standing import forget_standing
from septet.services.tenancy.actions.subscriptions import locked, terms_of, write_terms
from septet.services.tenancy.events import OrganizationRestricted, PaymentOverdue, PlanChanged
from septet.services.tenancy.models import Subscription
from septet.services.tenancy.store import billing as store
from septet.services.tenancy.store import organizations
from septet.services.tenancy.terms import Quote, renewal

REMINDER_DAYS = (1, 3, 7)
RESTRICTION_DAY = 14
Step = Callable[[UnitOfWork, Subscription], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something is due."""

    at: datetime


async def apply(uow: UnitOfWork, row: Subscription, quoted: Quote, reason: str) -> None:
    """Put new terms in force and invoice them."""
    old_plan = row.plan
    write_terms(row, quoted.after)
    if quoted.lines:
        await invoicing.issue(uow, row, quoted, reason)
    if row.plan != old_plan:
        await organizations.set_plan(uow, row.plan)
        uow.emit(PlanChanged(uow.tenant_id, old_plan, row.plan, uow.actor.user_id))
    await schedule_next(uow, row)


async def schedule_next(uow: UnitOfWork, row: Subscription) -> None:
    """Leave a job for the next thing that is due."""
    following = await _next(uow, row)
    if following is not None:
        at = following[0]
        uow.enqueue(advance, Occasion(at), at=at, dedupe_key=f"billing:{uow.tenant_id}:{at.isoformat()}")


@job()
async def advance(uow: UnitOfWork, _: Occasion) -> None:
    """Do all that is due by now, the earliest first."""
    if await organizations.organization(uow, lock=True) is None:
        return
    row = await locked(uow)
    while (following := await _next(uow, row)) is not None and following[0] <= uow.now:
        await following[1](uow, row)
    await schedule_next(uow, row)


async def _next(uow: UnitOfWork, row: Subscription) -> tuple[datetime, Step] | None:
    steps: list[tuple[datetime, Step]] = []
    if row.status == "past_due" and row.past_due_since is not None:
        days = (*REMINDER_DAYS, RESTRICTION_DAY)[row.reminders_sent]
        step = _restrict if days == RESTRICTION_DAY else _remind
        steps.append((row.past_due_since + timedelta(days=days), step))
    if row.status in ("active", "trialing"):
        steps += [(invoice.due_at, _fall_past_due) for invoice in (await store.open_invoices(uow))[:1]]
    if row.period_end is not None and row.status != "restricted":
        steps.append((row.period_end, _renew))
    return min(steps, key=lambda step: step[0], default=None)


async def _renew(uow: UnitOfWork, row: Subscription) -> None:
    quoted = renewal(terms_of(row), await organizations.count_members(uow))
    audit.record(uow, "billing.renewed", plan=quoted.after.choice.plan, total=quoted.total)
    if row.status == "trialing":
        row.status = "active"
    await apply(uow, row, quoted, "renewal")


async def _fall_past_due(uow: UnitOfWork, row: Subscription) -> None:
    invoice = (await store.open_invoices(uow))[0]
    mark_past_due(row, invoice.due_at)


def mark_past_due(row: Subscription, since: datetime) -> None:
    """From here reminders count; no effect on what is past due already."""
    if row.status == "active":
        row.status, row.past_due_since, row.reminders_sent = "past_due", since, 0


async def _remind(uow: UnitOfWork, row: Subscription) -> None:
    days = REMINDER_DAYS[row.reminders_sent]
    row.reminders_sent += 1
    assert row.past_due_since is not None
    restricted_at = row.past_due_since + timedelta(days=RESTRICTION_DAY)
    for invoice in (await store.open_invoices(uow))[:1]:
        owed = (invoice.id, invoice.number, invoice.amount_due, invoice.currency)
        uow.emit(PaymentOverdue(uow.tenant_id, *owed, days, restricted_at))


async def _restrict(uow: UnitOfWork, row: Subscription) -> None:
    row.status = "restricted"
    await uow.session.flush()
    await forget_standing(uow)
    audit.record(uow, "organization.restricted", reason="unpaid for 14 days")
    uow.emit(OrganizationRestricted(uow.tenant_id))
