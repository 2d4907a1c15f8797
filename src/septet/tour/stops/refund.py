"""The payment is given back, and our ledger is compared with the provider's."""

from datetime import datetime
from typing import Any

from septet.tour.journey import Tour


async def refund_and_reconcile(tour: Tour) -> None:
    """Half, then the rest; then both sides must have the same three movements."""
    path, ada = f"/payments/{tour.payment_id}", tour.ada.api
    half = tour.paid // 2
    await ada.call("POST", f"{path}/refunds", {"amount": half, "reason": "requested_by_customer"})
    await tour.until("the first refund", lambda: _refunded(tour, path), lambda amount: amount == half)
    await ada.call("POST", f"{path}/refunds", {})
    refunded = await tour.settled(lambda: _refunded(tour, path), tour.paid)
    console, api = f"/payments/{tour.payment_id}", f"GET {path}"
    tour.check("given back, in cents", refunded, tour.paid, console=console, api=api)
    payment = await ada.call("GET", path)
    tour.check("the payment", payment["status"], "REFUNDED", console=console, api=api)
    balances = (await ada.call("GET", "/payments/balances"))["data"]
    total = sum(account["balance"] for account in balances)
    tour.check("sum of the ledger's accounts", total, 0, console="/payments", api="GET /payments/balances")
    report = await tour.settled(lambda: _report(tour, payment["createdAt"]), (3, 0))
    api = "GET /payments/reconciliation"
    tour.check("movements reconciled, discrepancies", report, (3, 0), console="/payments", api=api)


async def _refunded(tour: Tour, path: str) -> int:
    return int((await tour.ada.api.call("GET", path))["refundedAmount"])


async def _report(tour: Tour, since: str) -> tuple[int, int]:
    day = datetime.fromisoformat(since).date().isoformat()
    report: Any = await tour.ada.api.call("GET", "/payments/reconciliation", **{"from": day})
    return report["matched"], len(report["discrepancies"])
