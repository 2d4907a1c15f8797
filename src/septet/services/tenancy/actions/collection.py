"""Whether invoices are paid: the answer to `InvoiceDue`, from the payments service or an operator."""

from dataclasses import replace
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import audit
from septet.services.tenancy.actions.invoicing import ask_for_payment
from septet.services.tenancy.actions.renewals import apply, mark_past_due, schedule_next
from septet.services.tenancy.actions.standing import forget_standing
from septet.services.tenancy.actions.subscriptions import locked, terms_of
from septet.services.tenancy.errors import InvoiceNotFound
from septet.services.tenancy.events import InvoicePaid, InvoicePaymentFailed, RestrictionLifted
from septet.services.tenancy.models import Invoice, Subscription
from septet.services.tenancy.store import billing as store
from septet.services.tenancy.store import organizations
from septet.services.tenancy.terms import Period, renewal


async def invoice_paid(uow: UnitOfWork, invoice_id: UUID, reference: str) -> Invoice:
    """Note the payment; once nothing is open any more the organization is in good standing. Safe to repeat.

    Raises InvoiceNotFound.
    """
    row = await locked(uow)
    invoice = await get_invoice(uow, invoice_id)
    if invoice.status != "open":
        return invoice
    invoice.status, invoice.paid_at, invoice.payment_reference = "paid", uow.now, reference
    audit.record(uow, "invoice.paid", invoice.id, number=invoice.number, amount=invoice.amount_due)
    owed = (invoice.id, invoice.number, invoice.amount_due, invoice.currency)
    uow.emit(InvoicePaid(uow.tenant_id, *owed, reference))
    await uow.session.flush()
    if row.status in ("past_due", "restricted") and not await store.open_invoices(uow):
        await _back_to_good_standing(uow, row)
    return invoice


async def _back_to_good_standing(uow: UnitOfWork, row: Subscription) -> None:
    restricted = row.status == "restricted"
    row.status, row.past_due_since, row.reminders_sent = "active", None, 0
    await uow.session.flush()
    if restricted:
        await forget_standing(uow)
        audit.record(uow, "organization.restriction_lifted")
        uow.emit(RestrictionLifted(uow.tenant_id))
    terms = terms_of(row)
    if restricted and terms.period is not None and terms.period.end <= uow.now:
        now = uow.now.replace(microsecond=0)
        paused = replace(terms, period=Period(now, now, now))  # the time of the restriction is not billed
        await apply(uow, row, renewal(paused, await organizations.count_members(uow)), "resumption")
    else:
        await schedule_next(uow, row)


async def invoice_payment_failed(uow: UnitOfWork, invoice_id: UUID, reason: str) -> None:
    """Note the failure: the organization is past due from now. Safe to repeat. Raises InvoiceNotFound."""
    row = await locked(uow)
    invoice = await get_invoice(uow, invoice_id)
    if invoice.status == "open":
        invoice.last_failure = reason
        mark_past_due(row, uow.now)
        audit.record(uow, "invoice.payment_failed", invoice.id, number=invoice.number, reason=reason)
        owed = (invoice.id, invoice.number, invoice.amount_due, invoice.currency)
        uow.emit(InvoicePaymentFailed(uow.tenant_id, *owed, reason))
        await schedule_next(uow, row)


async def ask_again(uow: UnitOfWork, invoice_id: UUID) -> Invoice:
    """Have an open invoice's payment tried once more. Raises InvoiceNotFound."""
    invoice = await get_invoice(uow, invoice_id)
    if invoice.status == "open":
        ask_for_payment(uow, invoice)
    return invoice


async def get_invoice(uow: UnitOfWork, invoice_id: UUID) -> Invoice:
    """Raises InvoiceNotFound."""
    invoice = await store.invoice(uow, invoice_id)
    if invoice is None:
        raise InvoiceNotFound("The organization has no such invoice; GET /billing/invoices lists them.")
    return invoice
