"""Charging an organization's saved payment method: once for a reference, whatever happens."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from tests.platform import Organization, Platform, problem
from tests.services.payments.conftest import Shop

from septet.kernel.identity import system_actor
from septet.kernel.uow import UnitOfWork
from septet.services.payments.actions import charges

METHOD = "/payments/saved-method"


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[UUID, str, str | None]]:
    """(tenant, reference, reason) of every outcome that is published, in order; the reason of a success is None."""
    outcomes: list[tuple[UUID, str, str | None]] = []
    emit = UnitOfWork.emit

    def listen(uow: UnitOfWork, event: Any) -> None:
        charged = type(event).__name__ in ("ChargeSucceeded", "ChargeFailed")
        if charged and not event.reference.startswith("invoice:"):  # billing's, of organizations of other tests
            assert uow.tenant_id == event.tenant_id
            outcomes.append((event.tenant_id, event.reference, getattr(event, "reason", None)))
        emit(uow, event)

    monkeypatch.setattr(UnitOfWork, "emit", listen)
    return outcomes


def of(shop: Shop, outcomes: list[Any]) -> list[Any]:
    """Without those of organizations that other tests have left behind."""
    return [outcome for outcome in outcomes if outcome[0] == shop.organization.id]


async def save(shop: Shop, method: object = "pm_card_visa") -> None:
    answer = await shop.client.put(METHOD, json={"paymentMethod": method})
    assert answer.status_code == 200, answer.text


async def charge(shop: Shop, reference: str, amount: int = 4900) -> None:
    async with UnitOfWork(shop.platform.runtime, system_actor(shop.organization.id)) as uow:
        await charges.charge(uow, reference=reference, amount=amount, currency="USD", description="PRO, one month")
        await uow.commit()


async def heard_of(outcomes: list[Any], count: int) -> None:
    async with asyncio.timeout(20):
        while len(outcomes) < count:
            await asyncio.sleep(0.02)


async def paid_by(shop: Shop) -> list[Any]:
    """(status, amount) of the operator's payments that this organization paid."""
    await shop.platform.jobs_done()  # an outcome is heard of before it is committed
    async with shop.platform.runtime.postgres.session(UUID(int=0), None) as session:
        found = await session.execute(
            text("SELECT status, amount FROM payments.payments WHERE payer_id = :payer"),
            {"payer": shop.organization.id},
        )
        return [tuple(row) for row in found]


async def test_a_saved_card_is_shown_but_not_kept(shop: Shop) -> None:
    problem(await shop.client.get(METHOD), 404, "no_saved_method")
    await save(shop, {"card": {"number": "4242424242424242", "expMonth": 12, "expYear": 2040}})
    shown = (await shop.client.get(METHOD)).json()
    assert (shown["brand"], shown["last4"], shown["expMonth"], shown["expYear"]) == ("visa", "4242", 12, 2040)
    await save(shop, "pm_card_mastercard")
    assert (await shop.client.get(METHOD)).json()["brand"] == "mastercard"
    assert (await shop.client.delete(METHOD)).status_code == 204
    problem(await shop.client.delete(METHOD), 404, "no_saved_method")


@pytest.mark.parametrize(
    ("method", "status", "code"),
    [
        ("pm_card_chargeDeclined", 402, "card_declined"),
        ("pm_card_authenticationRequired", 402, "card_declined"),
        ("pm_card_unheard_of", 422, "provider_refused"),
        ({"card": {"number": "4242424242424242", "expMonth": 1, "expYear": 2020}}, 402, "card_declined"),
    ],
)
async def test_what_cannot_be_charged_is_not_saved(shop: Shop, method: object, status: int, code: str) -> None:
    problem(await shop.client.put(METHOD, json={"paymentMethod": method}), status, code)
    problem(await shop.client.get(METHOD), 404, "no_saved_method")


async def test_only_owners_see_and_change_it(platform: Platform, shop: Shop, stranger: Organization) -> None:
    await save(shop)
    problem(await stranger.client.get(METHOD), 404, "no_saved_method")
    reading = await platform.api_client(shop.organization, "payments:read")
    problem(await reading.put(METHOD, json={"paymentMethod": "pm_card_visa"}), 403, "forbidden")


async def test_one_reference_is_charged_once(shop: Shop, heard: list[Any]) -> None:
    await save(shop)
    await asyncio.gather(*(charge(shop, "invoice-1") for _ in range(10)))
    await heard_of(heard, 1)
    await charge(shop, "invoice-1")  # told again, not charged again
    assert set(heard) == {(shop.organization.id, "invoice-1", None)}
    assert await paid_by(shop) == [("SUCCESS", 4900)]
    assert (await shop.client.get("/payments")).json()["data"] == []


async def test_without_a_method_the_charge_fails(shop: Shop, heard: list[Any]) -> None:
    await charge(shop, "invoice-2")
    assert heard == [(shop.organization.id, "invoice-2", "no_payment_method")]
    assert await paid_by(shop) == []


async def test_a_failed_charge_is_attempted_again(shop: Shop, heard: list[Any]) -> None:
    await save(shop, "pm_card_chargeCustomerFail")
    await charge(shop, "invoice-3")
    await heard_of(heard, 1)
    await save(shop)
    await charge(shop, "invoice-3")
    await heard_of(heard, 2)
    assert [reason for _, _, reason in heard] == ["generic_decline", None]
    assert await paid_by(shop) == [("SUCCESS", 4900)]


async def test_a_method_that_the_provider_forgot_fails_the_charge(own_shop: Shop, heard: list[Any]) -> None:
    await save(own_shop)
    await own_shop.news_processed()
    await own_shop.provider.post("/simulator/reset")
    await charge(own_shop, "invoice-4")
    await heard_of(heard, 1)
    assert heard[0][2] == "resource_missing"
    await save(own_shop)
    await charge(own_shop, "invoice-5")
    await heard_of(heard, 2)
    assert heard[1] == (own_shop.organization.id, "invoice-5", None)


async def test_an_outage_delays_a_charge(own_shop: Shop, heard: list[Any]) -> None:
    await save(own_shop)
    await own_shop.fault("connection_reset", "payment_intents.*", next=8)
    await charge(own_shop, "invoice-6")
    await own_shop.platform.jobs_done()
    assert of(own_shop, heard) == []
    async with asyncio.timeout(20):
        while not of(own_shop, heard):
            await own_shop.platform.advance(20)
    assert of(own_shop, heard) == [(own_shop.organization.id, "invoice-6", None)]
    assert len((await own_shop.provider.get("/v1/charges")).json()["data"]) == 1
