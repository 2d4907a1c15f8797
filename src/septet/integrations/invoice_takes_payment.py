"""An invoice that is due is paid with the organization's saved payment method, and the books follow the outcome."""

from uuid import UUID

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.payments.actions.charges import charge
from septet.services.payments.events import ChargeFailed, ChargeSucceeded
from septet.services.tenancy.actions.collection import invoice_paid, invoice_payment_failed
from septet.services.tenancy.events import InvoiceDue

REFERENCE = "invoice:"


@on(InvoiceDue)
async def take_payment(uow: UnitOfWork, event: InvoiceDue) -> None:
    """One charge for one invoice, however often it is asked for."""
    reference = f"{REFERENCE}{event.invoice_id}"
    await charge(
        uow, reference=reference, amount=event.amount, currency=event.currency, description=f"Invoice {event.number}"
    )


@on(ChargeSucceeded)
async def note_payment(uow: UnitOfWork, event: ChargeSucceeded) -> None:
    """The invoice is paid; the period goes on."""
    if event.reference.startswith(REFERENCE):
        await invoice_paid(uow, UUID(event.reference.removeprefix(REFERENCE)), str(event.payment_id))


@on(ChargeFailed)
async def note_failure(uow: UnitOfWork, event: ChargeFailed) -> None:
    """The organization is past due, and reminders begin."""
    if event.reference.startswith(REFERENCE) and event.reason != "no_payment_method":
        await invoice_payment_failed(uow, UUID(event.reference.removeprefix(REFERENCE)), event.reason)
