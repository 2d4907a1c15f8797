"""Change plan, seats or term; begin a trial. The preview is the invoice: one function makes both."""

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import audit
from septet.services.tenancy.actions.renewals import apply, schedule_next
from septet.services.tenancy.actions.subscriptions import current, locked, terms_of, write_terms
from septet.services.tenancy.errors import PaymentDue, SeatsInUse, SeatsOutOfRange, TrialNotAvailable, UnknownPlan
from septet.services.tenancy.events import PlanChanged
from septet.services.tenancy.models import Subscription
from septet.services.tenancy.plans import PLANS, Term
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import organizations
from septet.services.tenancy.terms import Choice, Quote, quote, trial


async def preview(uow: UnitOfWork, plan: str, term: Term | None, seats: int | None) -> Quote:
    """What `change` would do now. Raises UnknownPlan, SeatsOutOfRange, SeatsInUse."""
    uow.actor.require(permissions.READ_BILLING)
    row = await current(uow)
    return quote(terms_of(row), await _choice(uow, row, plan, term, seats), uow.now)


async def change(uow: UnitOfWork, plan: str, term: Term | None, seats: int | None) -> Quote:
    """An upgrade at once, a downgrade when the period ends; replaces what was pending.

    Raises UnknownPlan, SeatsOutOfRange, SeatsInUse, and PaymentDue while an invoice is past due.
    """
    uow.actor.require(permissions.CHANGE_BILLING)
    row = await locked(uow)
    if row.status in ("past_due", "restricted"):
        raise PaymentDue("Pay what is past due first: GET /billing/invoices.")
    quoted = quote(terms_of(row), await _choice(uow, row, plan, term, seats), uow.now)
    await apply(uow, row, quoted, "change")
    audit.record(uow, "billing.changed", plan=plan, term=term, seats=seats, effectiveAt=quoted.effective_at.isoformat())
    return quoted


async def _choice(uow: UnitOfWork, row: Subscription, plan: str, term: Term | None, seats: int | None) -> Choice:
    """What is asked for, completed by what there is."""
    if plan not in PLANS:
        raise UnknownPlan(f"There is no plan `{plan}`; there are {', '.join(PLANS)}.")
    if not PLANS[plan].paid:
        return Choice(plan, "month", 1)
    used = await organizations.count_members(uow)
    keeps = row.seats if PLANS[row.plan].paid and row.status != "trialing" else 1
    wanted = seats if seats is not None else max(used, keeps)
    if not 1 <= wanted <= PLANS[plan].seat_limit:
        raise SeatsOutOfRange(f"{plan} has 1 to {PLANS[plan].seat_limit} seats, not {wanted}.")
    if wanted < used:
        raise SeatsInUse(f"{used} seats are taken; remove members first, or keep {used} seats.", used=used)
    current_term: Term = "year" if row.term == "year" and PLANS[row.plan].paid else "month"
    return Choice(plan, term or current_term, wanted)


async def begin_trial(uow: UnitOfWork, plan: str) -> None:
    """A paid plan for nothing for 14 days, once, from the free plan. Raises UnknownPlan, TrialNotAvailable."""
    uow.actor.require(permissions.CHANGE_BILLING)
    row = await locked(uow)
    if plan not in PLANS or not PLANS[plan].paid:
        raise UnknownPlan(f"A trial is of {' or '.join(p.key for p in PLANS.values() if p.paid)}.")
    if row.trial_used or PLANS[row.plan].paid:
        raise TrialNotAvailable("A trial can be had once, and only while on the free plan.")
    days = uow.settings(TenancySettings).trial_days
    seats = await organizations.count_members(uow)
    old_plan, row.trial_used = row.plan, True
    write_terms(row, trial(plan, seats, uow.now, days))
    await organizations.set_plan(uow, plan)
    audit.record(uow, "billing.trial_started", plan=plan)
    uow.emit(PlanChanged(uow.tenant_id, old_plan, plan, uow.actor.user_id))
    await schedule_next(uow, row)


async def keep_current(uow: UnitOfWork) -> None:
    """Forget the pending downgrade or cancellation."""
    uow.actor.require(permissions.CHANGE_BILLING)
    row = await locked(uow)
    row.pending_plan = row.pending_term = row.pending_seats = None
    audit.record(uow, "billing.pending_change_dropped")
