"""A payment that failed, and an invoice that stays unpaid, are told to those who own the organization."""

from babel.numbers import format_currency, get_currency_precision

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.actions.notifying import notify
from septet.services.tenancy.actions.profiles import organization_name, owners
from septet.services.tenancy.events import InvoicePaymentFailed, PaymentOverdue


@on(InvoicePaymentFailed)
async def tell_of_failure(uow: UnitOfWork, event: InvoicePaymentFailed) -> None:
    """Each attempt that fails."""
    await _tell(uow, event)


@on(PaymentOverdue)
async def remind(uow: UnitOfWork, event: PaymentOverdue) -> None:
    """After one, three and seven days."""
    await _tell(uow, event)


async def _tell(uow: UnitOfWork, event: InvoicePaymentFailed | PaymentOverdue) -> None:
    amount = event.amount / 10 ** get_currency_precision(event.currency)
    await notify(
        uow,
        template="payments.invoice_failed",
        user_ids=await owners(uow),
        data={
            "organizationName": await organization_name(uow),
            "amount": format_currency(amount, event.currency, locale="en"),
            "link": f"{uow.public_url}/console/billing",
        },
        key=f"unpaid:{uow.event_id}",
    )
