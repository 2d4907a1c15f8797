"""A subscription between its row and the pure terms that are computed with."""

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.errors import OrganizationNotFound
from septet.services.tenancy.models import Subscription
from septet.services.tenancy.plans import Term
from septet.services.tenancy.store import billing as store
from septet.services.tenancy.store import organizations
from septet.services.tenancy.terms import Choice, Period, Terms


async def add_free_subscription(uow: UnitOfWork) -> None:
    """What a new organization has."""
    await store.add(
        uow,
        Subscription(
            tenant_id=uow.tenant_id,
            plan="FREE",
            term="month",
            seats=1,
            status="active",
            billed=0,
            credit=0,
            trial_used=False,
            reminders_sent=0,
            last_invoice_number=0,
        ),
    )


async def locked(uow: UnitOfWork) -> Subscription:
    """The subscription, held together with its organization until the transaction ends. Raises OrganizationNotFound."""
    await organizations.organization(uow, lock=True)
    return await current(uow)


async def current(uow: UnitOfWork) -> Subscription:
    """Raises OrganizationNotFound."""
    found = await store.subscription(uow)
    if found is None:
        raise OrganizationNotFound("It does not exist any more.")
    return found


def terms_of(row: Subscription) -> Terms:
    """Read the row."""
    period = None
    if row.anchor and row.period_start and row.period_end:
        period = Period(row.anchor, row.period_start, row.period_end)
    pending = None
    if row.pending_plan and row.pending_term and row.pending_seats:
        pending = Choice(row.pending_plan, _term(row.pending_term), row.pending_seats)
    choice = Choice(row.plan, _term(row.term), row.seats)
    return Terms(choice, period, row.status == "trialing", row.billed, row.credit, pending)


def write_terms(row: Subscription, terms: Terms) -> None:
    """Store the terms; `past_due` and `restricted` stay as they are."""
    row.plan, row.term, row.seats = terms.choice.plan, terms.choice.term, terms.choice.seats
    row.anchor = terms.period.anchor if terms.period else None
    row.period_start = terms.period.start if terms.period else None
    row.period_end = terms.period.end if terms.period else None
    row.billed, row.credit = terms.billed, terms.credit
    row.pending_plan = terms.pending.plan if terms.pending else None
    row.pending_term = terms.pending.term if terms.pending else None
    row.pending_seats = terms.pending.seats if terms.pending else None
    if row.status in ("active", "trialing"):
        row.status = "trialing" if terms.trialing else "active"


def _term(text: str) -> Term:
    return "year" if text == "year" else "month"
