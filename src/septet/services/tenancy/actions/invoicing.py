"""Invoices: issued from a quote, asked to be paid by an event."""

from dataclasses import asdict
from datetime import timedelta

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.events import InvoiceDue
from septet.services.tenancy.models import Invoice, Subscription
from septet.services.tenancy.plans import CURRENCY
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import billing as store
from septet.services.tenancy.terms import Quote


async def issue(uow: UnitOfWork, row: Subscription, quoted: Quote, reason: str) -> Invoice:
    """Write the invoice of a quote that has lines. One that needs no payment is paid already."""
    assert quoted.after.period is not None
    row.last_invoice_number += 1
    due_at = uow.now + timedelta(days=uow.settings(TenancySettings).invoice_due_days)
    invoice = Invoice(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        number=row.last_invoice_number,
        status="open" if quoted.due else "paid",
        reason=reason,
        currency=CURRENCY,
        lines=[asdict(line) for line in quoted.lines],
        total=quoted.total,
        credit_used=quoted.credit_used,
        credit_given=quoted.credit_given,
        amount_due=quoted.due,
        period_start=quoted.effective_at,
        period_end=quoted.after.period.end,
        issued_at=uow.now,
        due_at=due_at,
        paid_at=None if quoted.due else uow.now,
    )
    await store.add(uow, invoice)
    if quoted.due:
        ask_for_payment(uow, invoice)
    return invoice


def ask_for_payment(uow: UnitOfWork, invoice: Invoice) -> None:
    """Whoever takes payments answers with `collection.invoice_paid` or `invoice_payment_failed`."""
    owed = (invoice.id, invoice.number, invoice.amount_due, invoice.currency)
    uow.emit(InvoiceDue(uow.tenant_id, *owed, invoice.due_at))
