"""The promises of `invoice_takes_payment.py` and `failed_payment_notifies_owners.py`."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from tests.integrations.mailbox import mail_to
from tests.platform import Organization, Platform
from tests.services.payments.conftest import payments_of

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.payments.actions.payments import list_payments
from septet.services.payments.models import Payment

DECLINED, GOOD = "pm_card_chargeCustomerFail", "pm_card_visa"
DUE_SECONDS = 86_400 + 1


@pytest.fixture(scope="module", autouse=True)
async def provider(platform: Platform) -> AsyncIterator[None]:
    """The fake provider on a port, as in production."""
    async with payments_of(platform, "sk_test_invoices"):
        yield


async def upgrade(platform: Platform, organization: Organization, method: str | None) -> None:
    if method is not None:
        saved = await organization.client.put("/payments/saved-method", json={"paymentMethod": method})
        assert saved.status_code == 200, saved.text
    changed = await organization.client.post("/billing/change", json={"plan": "PRO", "seats": 3})
    assert changed.status_code == 200, changed.text
    await platform.jobs_done()


async def invoice(organization: Organization) -> dict[str, Any]:
    (found,) = (await organization.client.get("/billing/invoices")).json()["data"]
    return dict(found)


async def charges(platform: Platform, organization: Organization) -> Sequence[Payment]:
    """What the operator of the installation was paid for the invoice."""
    reference = f"invoice:{(await invoice(organization))['id']}"
    async with UnitOfWork(platform.runtime, system_actor(UUID(int=0))) as uow:
        return await list_payments(uow, None, reference, 10, None)


async def standing(organization: Organization) -> tuple[str, str]:
    return (await organization.client.get("/billing")).json()["status"], (await invoice(organization))["status"]


async def test_an_invoice_is_paid_with_the_saved_method(platform: Platform, organization: Organization) -> None:
    await upgrade(platform, organization, GOOD)
    assert await standing(organization) == ("active", "paid")
    (payment,) = await charges(platform, organization)
    assert (payment.status, payment.amount) == ("SUCCESS", (await invoice(organization))["amountDue"])


async def test_a_declined_card_makes_it_past_due_and_tells_the_owner_then_another_card_pays(
    platform: Platform, organization: Organization
) -> None:
    await upgrade(platform, organization, DECLINED)
    assert await standing(organization) == ("past_due", "open")
    mail = await mail_to(platform, organization, organization.owner.email, "payment")
    assert "36.00" in mail["text"]
    await organization.client.put("/payments/saved-method", json={"paymentMethod": GOOD})
    await organization.client.post(f"/billing/invoices/{(await invoice(organization))['id']}/pay")
    await platform.jobs_done()
    assert await standing(organization) == ("active", "paid")
    assert [payment.status for payment in await charges(platform, organization)] == ["SUCCESS"]


async def test_without_a_saved_method_it_waits_until_it_is_late(own_platform: Platform) -> None:
    organization = await own_platform.organization()
    await upgrade(own_platform, organization, None)
    assert await standing(organization) == ("active", "open")
    assert (await invoice(organization))["lastFailure"] is None
    await own_platform.advance(DUE_SECONDS)
    assert await standing(organization) == ("past_due", "open")


async def test_asked_to_pay_twice_it_is_charged_once(platform: Platform, organization: Organization) -> None:
    await upgrade(platform, organization, GOOD)
    for _ in range(2):
        await organization.client.post(f"/billing/invoices/{(await invoice(organization))['id']}/pay")
    await platform.jobs_done()
    assert len(await charges(platform, organization)) == 1
