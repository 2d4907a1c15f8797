"""What must hold of payments when the dust has settled, whatever went wrong; and all that can be made go wrong."""

import random
from typing import Any

import httpx

REQUEST_FAULTS = (
    "timeout_after_success",
    "error_before_commit",
    "error_after_commit",
    "rate_limited",
    "connection_reset",
)
WEBHOOK_FAULTS = (
    "webhook_delayed",
    "webhook_duplicated",
    "webhook_reordered",
    "webhook_dropped",
    "webhook_bad_signature",
    "webhook_altered",
)
METHODS = ("pm_card_visa", "pm_card_visa", "pm_card_chargeDeclined")


async def misbehave(provider: httpx.AsyncClient, seed: int) -> None:
    """Every fault at once, by chance."""
    faults = [(kind, 0.06, 20) for kind in REQUEST_FAULTS] + [(kind, 0.15, 200) for kind in WEBHOOK_FAULTS]
    for kind, probability, delay in faults:
        fault = {"kind": kind, "probability": probability, "seed": seed, "delayMs": delay}
        assert (await provider.post("/simulator/faults", json=fault)).status_code == 200


def requests_of(payment_id: str, chance: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """(path, body) of some confirms and refunds of one payment, which may be refused."""
    confirms = [{"paymentMethod": chance.choice(METHODS)} for _ in range(chance.randint(1, 3))]
    refunds = [{"amount": chance.randint(1, 2500)} for _ in range(chance.randint(0, 3))]
    path = f"/payments/{payment_id}"
    return [(f"{path}/confirm", body) for body in confirms] + [(f"{path}/refunds", body) for body in refunds]


def is_settled(payment: dict[str, Any]) -> bool:
    """Nothing that was asked of the provider is without an outcome."""
    return payment["detail"] != "processing" and all(each["status"] != "pending" for each in payment["refunds"])


async def check_agreement(api: httpx.AsyncClient, provider: httpx.AsyncClient, payment_id: str) -> None:
    """The payment, its ledger and the provider say the same; it was charged at most once."""
    payment = (await api.get(f"/payments/{payment_id}")).json()
    assert sum(line["debit"] - line["credit"] for line in payment["ledger"]) == 0
    if payment["providerId"] is None:
        assert payment["status"] != "SUCCESS"
        return
    intent = (await provider.get(f"/v1/payment_intents/{payment['providerId']}")).json()
    listed = (await provider.get("/v1/charges", params={"payment_intent": intent["id"]})).json()["data"]
    charges = [each for each in listed if each["status"] == "succeeded"]
    assert len(charges) <= 1
    assert (intent["status"] == "succeeded") == (payment["status"] in ("SUCCESS", "REFUNDED"))
    assert intent["amount_received"] == payment["capturedAmount"]
    assert sum(charge["amount_refunded"] for charge in charges) == payment["refundedAmount"]


async def check_books(api: httpx.AsyncClient) -> None:
    """The ledger's sum is zero, and reconciliation finds nothing."""
    balances = (await api.get("/payments/balances")).json()["data"]
    assert sum(each["balance"] for each in balances) == 0
    assert (await api.get("/payments/reconciliation")).json()["discrepancies"] == []
