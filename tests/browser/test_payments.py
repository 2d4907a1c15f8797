"""Payments when things go wrong: a provider that fails on purpose, and books that are compared and mended."""

import httpx
from benchmarks.installation import Installation
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person, Visit

FAULTS = "/payments/simulator/faults"


def test_a_payment_survives_a_fault_that_was_injected(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/payments?tab=chaos")
    page.get_by_role("combobox", name="Fault").click()
    page.get_by_role("option", name="error_after_commit").click()
    page.get_by_role("button", name="Inject").click()
    expect(page.get_by_role("table", name="Faults in force")).to_contain_text("error_after_commit")
    payment = ada.post("/payments", {"orderId": "order-1", "amount": 4200, "currency": "EUR"})
    page.goto(page.url.split("/payments")[0] + f"/payments/{payment['id']}")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("img", name="State: Success")).to_be_visible()
    assert ada.get(FAULTS)["data"] == [], "the fault was for one time and has happened"
    assert ada.get(f"/payments/{payment['id']}")["capturedAmount"] == 4200


def test_books_are_compared_and_mended(septet: Installation, ada: Person, visit: Visit) -> None:
    payment = ada.post("/payments", {"orderId": "order-1", "amount": 4200, "currency": "EUR"})
    payment = ada.post(f"/payments/{payment['id']}/confirm", {"paymentMethod": "pm_card_visa"})
    page = visit(ada).open("/payments?tab=reconciliation")
    expect(page.get_by_text("Both books agree")).to_be_visible()
    expect(figure(page, "EUR here and there")).to_contain_text("€42.00€42.00")
    refund_behind_our_back(septet, ada, payment["providerId"])
    page.reload()
    row = page.get_by_role("table", name="Discrepancies").get_by_role("row").filter(has_text="missing here")
    expect(row).to_contain_text("-€42.00")
    row.get_by_role("button", name="Repair").click()
    expect(page.get_by_text("Both books agree")).to_be_visible()
    assert ada.get(f"/payments/{payment['id']}")["status"] == "REFUNDED"


def refund_behind_our_back(septet: Installation, ada: Person, provider_id: str) -> None:
    """At the provider, whose news of it is lost."""
    ada.post(FAULTS, {"kind": "webhook_dropped", "operation": "*", "next": 1})
    refund = httpx.post(
        f"http://127.0.0.1:{septet.provider_port}/v1/refunds",
        data={"payment_intent": provider_id},
        headers={"Authorization": "Bearer sk_test_septet"},
    )
    assert refund.status_code == 200, refund.text
    ada.api.delete(FAULTS)


def figure(page: Page, label: str) -> Locator:
    return page.locator(".surface").filter(has=page.get_by_text(label, exact=True))
