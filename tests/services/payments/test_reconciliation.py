"""Reconciliation: planted discrepancies of every kind are found, and nothing else."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.platform import problem
from tests.services.payments.conftest import Shop
from tests.services.payments.planting import plant

from septet.kernel.uow import UnitOfWork
from septet.services.payments.events import ReconciliationFoundDiscrepancies
from septet.services.payments.reconciliation import Moved, compare

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATE = timedelta(hours=1)


def moved(reference: str, amount: int = 100, *, at: datetime = NOON, payment: UUID | None = None) -> Moved:
    return Moved(reference, amount, "USD", at, payment, reference.startswith("ch"))


@given(st.lists(st.integers(-10_000, 10_000).filter(bool), max_size=30))
@settings(max_examples=50)
def test_equal_sides_match(amounts: list[int]) -> None:
    side = [moved(f"re_{n}", amount) for n, amount in enumerate(amounts)]
    result = compare(side, side[::-1], LATE)
    assert (result.matched, result.discrepancies) == (len(side), [])


KINDS = ("fine", "missing_here", "missing_there", "amount_differs", "duplicate", "late")


@given(st.lists(st.sampled_from(KINDS), max_size=30))
@settings(max_examples=100)
def test_what_is_planted_is_found_and_nothing_else(plan: list[str]) -> None:
    here: list[Moved] = []
    there: list[Moved] = []
    for number, kind in enumerate(plan):
        reference, payment = f"ch_{number}", uuid4()
        ours = moved(reference, payment=payment)
        theirs = {
            "amount_differs": moved(reference, 99, payment=payment),
            "late": moved(reference, at=NOON - LATE * 2, payment=payment),
        }.get(kind, ours)
        here += [] if kind == "missing_here" else [ours]
        there += [] if kind == "missing_there" else [theirs] * (2 if kind == "duplicate" else 1)
    result = compare(here, there, LATE)
    found = {(each.provider_id, each.kind) for each in result.discrepancies}
    assert found == {(f"ch_{number}", kind) for number, kind in enumerate(plan) if kind != "fine"}
    assert result.matched == plan.count("fine")


async def test_every_kind_is_found_through_the_api(own_shop: Shop) -> None:
    fine, gone, changed, doubled, late = [await own_shop.paid(1000 + n) for n in range(5)]
    await own_shop.news_processed()
    await own_shop.fault("webhook_dropped")
    elsewhere = await own_shop.provider.post(
        "/v1/payment_intents",
        data={"amount": "777", "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true"},
    )
    refunded = await own_shop.provider.post("/v1/refunds", data={"payment_intent": fine["providerId"], "amount": "10"})
    by_payment = {each["id"]: (await own_shop.charges(each))[0]["id"] for each in (gone, changed, doubled, late)}
    planted = {"missing_there": gone, "amount_differs": changed, "duplicate": doubled, "late": late}
    for kind, payment in planted.items():
        await plant(own_shop.platform, kind, by_payment[payment["id"]])
    report = await own_shop.reconciliation()
    found = {(each["kind"], each["providerId"], each["paymentId"]) for each in report["discrepancies"]}
    assert found == {
        ("missing_here", elsewhere.json()["latest_charge"], None),
        ("missing_here", refunded.json()["id"], fine["id"]),
        ("missing_there", by_payment[gone["id"]], gone["id"]),
        ("amount_differs", by_payment[changed["id"]], changed["id"]),
        ("duplicate", by_payment[doubled["id"]], doubled["id"]),
        ("late", by_payment[late["id"]], late["id"]),
    }
    assert report["matched"] == 1
    csv = await own_shop.client.get("/payments/reconciliation", params={"format": "csv"})
    assert csv.headers["content-type"].startswith("text/csv")
    assert len(csv.text.strip().splitlines()) == 7


async def test_a_missed_refund_is_repaired(own_shop: Shop) -> None:
    payment = await own_shop.paid(1000)
    await own_shop.news_processed()  # an earlier event that is still under way would bring the refund's news too
    await own_shop.fault("webhook_dropped")
    await own_shop.provider.post("/v1/refunds", data={"payment_intent": payment["providerId"]})
    (discrepancy,) = (await own_shop.reconciliation())["discrepancies"]
    assert discrepancy["repairable"]
    wanted = {"kind": discrepancy["kind"], "paymentId": discrepancy["paymentId"]}
    repaired = (await own_shop.client.post("/payments/reconciliation/repairs", json=wanted)).json()
    assert (repaired["status"], repaired["refundedAmount"]) == ("REFUNDED", 1000)
    assert (await own_shop.reconciliation())["discrepancies"] == []
    unsafe = {"kind": "missing_there", "paymentId": payment["id"]}
    problem(await own_shop.client.post("/payments/reconciliation/repairs", json=unsafe), 409, "repair_refused")


async def test_a_range_that_is_none_is_refused(shop: Shop) -> None:
    for params in ({"from": "2026-02-01", "to": "2026-01-01"}, {"from": "2020-01-01", "to": "2026-01-01"}):
        problem(await shop.client.get("/payments/reconciliation", params=params), 422, "invalid_input")


async def test_a_day_is_compared_when_it_has_ended(own_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    published: list[ReconciliationFoundDiscrepancies] = []
    emit = UnitOfWork.emit

    def listen(uow: UnitOfWork, event: object) -> None:
        if isinstance(event, ReconciliationFoundDiscrepancies):
            published.append(event)
        emit(uow, event)

    monkeypatch.setattr(UnitOfWork, "emit", listen)
    fine, wrong = await own_shop.paid(), await own_shop.paid()
    (charge,) = await own_shop.charges(wrong)
    await own_shop.news_processed()
    await plant(own_shop.platform, "amount_differs", charge["id"])
    today = own_shop.platform.runtime.clock.now().date().isoformat()
    async with asyncio.timeout(30):
        while not any(each.tenant_id == own_shop.organization.id for each in published):
            await own_shop.platform.advance(7200)
    (told,) = [each for each in published if each.tenant_id == own_shop.organization.id]
    assert (told.day, told.discrepancies) == (today, 1)
    assert fine["status"] == "SUCCESS"
