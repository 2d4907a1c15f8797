"""An order is paid at the second attempt and given back in two parts; our ledger agrees with the provider's."""

from datetime import datetime
from typing import Any

from septet.client.retrying import Refused
from septet.tour.journey import Tour

AMOUNT = 4200
DECLINED, GOOD = "pm_card_chargeDeclined", "pm_card_visa"


async def sell_refund_and_reconcile(tour: Tour) -> None:
    """Both sides must have the same three movements in the end."""
    ada = tour.ada.api
    order = {"orderId": f"tour-{tour.name}", "amount": AMOUNT, "currency": "EUR"}
    path = f"/payments/{(await ada.call('POST', '/payments', order))['id']}"
    refusal = await _confirm(tour, path, DECLINED)
    await _confirm(tour, path, GOOD)
    await tour.until("the payment", lambda: _status(tour, path), lambda status: status == "SUCCESS")
    await ada.call("POST", f"{path}/refunds", {"amount": AMOUNT // 2, "reason": "requested_by_customer"})
    await tour.until("the first refund", lambda: _refunded(tour, path), lambda amount: amount == AMOUNT // 2)
    await ada.call("POST", f"{path}/refunds", {})
    refunded = await tour.settled(lambda: _refunded(tour, path), AMOUNT)
    console, api = path, f"GET {path}"
    tour.check("the first card", refusal, "card_declined", console=console, api=f"POST {path}/confirm")
    tour.check("given back, in cents", refunded, AMOUNT, console=console, api=api)
    payment = await ada.call("GET", path)
    tour.check("the payment", payment["status"], "REFUNDED", console=console, api=api)
    balances = (await ada.call("GET", "/payments/balances"))["data"]
    total = sum(account["balance"] for account in balances)
    tour.check("sum of the ledger's accounts", total, 0, console="/payments", api="GET /payments/balances")
    report = await tour.settled(lambda: _report(tour, payment["createdAt"]), (3, 0))
    api = "GET /payments/reconciliation"
    tour.check("movements reconciled, discrepancies", report, (3, 0), console="/payments", api=api)


async def _confirm(tour: Tour, path: str, method: str) -> str:
    """The code of the refusal, empty when there is none."""
    try:
        await tour.ada.api.call("POST", f"{path}/confirm", {"paymentMethod": method})
    except Refused as refused:
        return refused.code
    return ""


async def _status(tour: Tour, path: str) -> str:
    return str((await tour.ada.api.call("GET", path))["status"])


async def _refunded(tour: Tour, path: str) -> int:
    return int((await tour.ada.api.call("GET", path))["refundedAmount"])


async def _report(tour: Tour, since: str) -> tuple[int, int]:
    day = datetime.fromisoformat(since).date().isoformat()
    report: Any = await tour.ada.api.call("GET", "/payments/reconciliation", **{"from": day})
    return report["matched"], len(report["discrepancies"])
