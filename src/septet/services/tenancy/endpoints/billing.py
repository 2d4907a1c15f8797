"""`/plans` and `/billing`; open also to an organization that may only read, since this is how it pays."""

from typing import cast
from uuid import UUID

from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import Page, PageQuery, PublicUow, RestrictedTenantUow, Router, refusals
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import billing as actions
from septet.services.tenancy.actions import collection
from septet.services.tenancy.actions.seats import seat_limit
from septet.services.tenancy.actions.subscriptions import current
from septet.services.tenancy.errors import (
    InvoiceNotFound,
    PaymentDue,
    SeatsInUse,
    SeatsOutOfRange,
    TrialNotAvailable,
    UnknownPlan,
)
from septet.services.tenancy.models import Subscription
from septet.services.tenancy.plans import CURRENCY, PLANS
from septet.services.tenancy.schemas.billing import (
    BillingChange,
    BillingOut,
    InvoiceLine,
    InvoiceOut,
    PendingChange,
    PeriodOut,
    PlanOut,
    QuoteOut,
    SeatsOut,
    Status,
    TrialStart,
)
from septet.services.tenancy.store import billing as store
from septet.services.tenancy.store import organizations
from septet.services.tenancy.terms import Quote

router = Router("tenancy", tag="billing")
BadChoice = (UnknownPlan, SeatsOutOfRange, SeatsInUse)


@router.get("/plans", summary="The plans, with prices, limits and features")
async def list_plans(uow: PublicUow) -> Page[PlanOut]:
    plans = [
        PlanOut(
            key=plan.key,
            price_per_seat=dict(plan.price),
            currency=CURRENCY,
            seat_limit=plan.seat_limit,
            features=dict(plan.features),
        )
        for plan in PLANS.values()
    ]
    return Page(data=plans, next_cursor=None)


@router.get(
    "/billing", summary="Plan, seats, period and what is pending", responses=refusals(Unauthenticated, Forbidden)
)
async def get_billing(uow: RestrictedTenantUow) -> BillingOut:
    uow.actor.require(permissions.READ_BILLING)
    return await _billing(uow, await current(uow))


@router.post(
    "/billing/preview",
    summary="What a change would cost now",
    responses=refusals(Unauthenticated, Forbidden, *BadChoice),
)
async def preview_change(body: BillingChange, uow: RestrictedTenantUow) -> QuoteOut:
    return _quote(await actions.preview(uow, body.plan, body.interval, body.seats), uow)


@router.post(
    "/billing/change",
    summary="Change plan, seats or interval: upgrades at once, downgrades when the period ends",
    responses=refusals(Unauthenticated, Forbidden, PaymentDue, *BadChoice),
)
async def change_billing(body: BillingChange, uow: RestrictedTenantUow) -> QuoteOut:
    return _quote(await actions.change(uow, body.plan, body.interval, body.seats), uow)


@router.post(
    "/billing/cancel",
    summary="Go back to the free plan when the period ends",
    responses=refusals(Unauthenticated, Forbidden, PaymentDue, *BadChoice),
)
async def cancel_subscription(uow: RestrictedTenantUow) -> QuoteOut:
    return _quote(await actions.change(uow, "FREE", None, None), uow)


@router.delete(
    "/billing/pending-change",
    status_code=204,
    summary="Forget the pending downgrade or cancellation",
    responses=refusals(Unauthenticated, Forbidden),
)
async def drop_pending_change(uow: RestrictedTenantUow) -> None:
    await actions.keep_current(uow)


@router.post(
    "/billing/trial",
    status_code=201,
    summary="Try a paid plan for 14 days",
    responses=refusals(Unauthenticated, Forbidden, UnknownPlan, TrialNotAvailable),
)
async def begin_trial(body: TrialStart, uow: RestrictedTenantUow) -> BillingOut:
    await actions.begin_trial(uow, body.plan)
    return await _billing(uow, await current(uow))


@router.get(
    "/billing/invoices",
    summary="List the invoices, newest first",
    responses=refusals(Unauthenticated, Forbidden, BadParameter),
)
async def list_invoices(uow: RestrictedTenantUow, page: PageQuery) -> Page[InvoiceOut]:
    uow.actor.require(permissions.READ_BILLING)
    rows = await store.invoices(uow, page.fetch, page.after(int))
    return Page.of(rows, page, lambda row: (row.number,), InvoiceOut.model_validate)


@router.get(
    "/billing/invoices/{invoice_id}",
    summary="Get an invoice",
    responses=refusals(Unauthenticated, Forbidden, InvoiceNotFound),
)
async def get_invoice(invoice_id: UUID, uow: RestrictedTenantUow) -> InvoiceOut:
    uow.actor.require(permissions.READ_BILLING)
    return InvoiceOut.model_validate(await collection.get_invoice(uow, invoice_id))


@router.post(
    "/billing/invoices/{invoice_id}/pay",
    status_code=202,
    summary="Have the payment of an open invoice tried again",
    responses=refusals(Unauthenticated, Forbidden, InvoiceNotFound),
)
async def pay_invoice(invoice_id: UUID, uow: RestrictedTenantUow) -> InvoiceOut:
    uow.actor.require(permissions.CHANGE_BILLING)
    return InvoiceOut.model_validate(await collection.ask_again(uow, invoice_id))


async def _billing(uow: UnitOfWork, row: Subscription) -> BillingOut:
    trialing = row.status == "trialing"
    period = None
    if row.period_start and row.period_end:
        period = PeriodOut(start=row.period_start, end=row.period_end)
    pending = None
    if row.pending_plan and row.period_end:
        pending = PendingChange(
            plan=row.pending_plan,
            interval="year" if row.pending_term == "year" else "month",
            seats=row.pending_seats or 1,
            effective_at=row.period_end,
        )
    return BillingOut(
        plan=row.plan,
        interval="year" if row.term == "year" else "month",
        status=cast(Status, row.status),  # the table's check allows these alone
        seats=SeatsOut(used=await organizations.count_members(uow), limit=seat_limit(row)),
        current_period=period,
        renewal_date=None if trialing else row.period_end,
        trial_ends_at=row.period_end if trialing else None,
        pending_change=pending,
        credit_balance=row.credit,
        currency=CURRENCY,
    )


def _quote(quoted: Quote, uow: UnitOfWork) -> QuoteOut:
    return QuoteOut(
        lines=[InvoiceLine.model_validate(line) for line in quoted.lines],
        total=quoted.total,
        credit_used=quoted.credit_used,
        amount_due=quoted.due,
        currency=CURRENCY,
        effective_at=quoted.effective_at,
        immediate=quoted.effective_at <= uow.now,
    )
