"""The promise of `integrations/failed_payment_notifies_owners.py`; `test_invoice_takes_payment` has a card declined."""

from uuid import UUID

from tests.integrations.events import deliver
from tests.integrations.mailbox import mail_to
from tests.integrations.people import colleague, inbox
from tests.platform import Organization, Platform

from septet.services.tenancy.events import InvoicePaymentFailed, PaymentOverdue

INVOICE = UUID(int=5)
TOLD = "A payment for Acme failed"


async def test_each_failure_and_each_reminder_is_told_once_to_owners(
    platform: Platform, organization: Organization
) -> None:
    member = await colleague(platform, organization)
    failed = InvoicePaymentFailed(organization.id, INVOICE, 1, 3600, "EUR", "card_declined")
    await deliver(platform, organization.id, failed)
    assert await inbox(platform, organization.owner) == [TOLD]
    now = platform.runtime.clock.now()
    for days in (1, 3, 7):
        overdue = PaymentOverdue(organization.id, INVOICE, 1, 3600, "EUR", days, now)
        await deliver(platform, organization.id, overdue)
    assert await inbox(platform, organization.owner) == [TOLD] * 4
    assert await inbox(platform, member) == []
    assert "36.00" in (await mail_to(platform, organization, organization.owner.email, TOLD))["text"]


async def test_currencies_without_cents_are_written_without(platform: Platform, organization: Organization) -> None:
    failed = InvoicePaymentFailed(organization.id, INVOICE, 1, 3600, "JPY", "card_declined")
    await deliver(platform, organization.id, failed)
    assert "¥3,600" in (await mail_to(platform, organization, organization.owner.email, TOLD))["text"]
