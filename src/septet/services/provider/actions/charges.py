"""Charges, and the balance transactions that they, refunds and disputes leave."""

from typing import Any

from septet.services.provider.actions.payment_methods import merged
from septet.services.provider.call import Call
from septet.services.provider.cards import Card, Decline
from septet.services.provider.currencies import fee_of
from septet.services.provider.schemas import Described

Json = dict[str, Any]
PAYOUT_DELAY_SECONDS = 2 * 86_400
DISPUTE_FEE = 1500
PAID = {
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "seller_message": "Payment complete.",
    "type": "authorized",
}


def charge(call: Call, intent: Json, method: Json, card: Card) -> Json:
    """A charge that succeeds; captured unless the intent says that this is done by hand."""
    captured = intent["capture_method"] != "manual"
    made = _made(call, intent, method) | {"captured": captured, "outcome": PAID, "paid": True, "status": "succeeded"}
    call.save(made)
    if captured:
        _book(call, made, intent["amount"])
    call.emit("charge.succeeded", made)
    if captured and card.disputed:
        _dispute(call, made, card.disputed)
    return made


def failed_charge(call: Call, intent: Json, method: Json, decline: Decline) -> Json:
    """A charge that the bank refused."""
    outcome = {
        "network_status": "declined_by_network",
        "reason": decline.decline_code or decline.code,
        "risk_level": "normal",
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }
    failure = {"failure_code": decline.code, "failure_message": decline.message, "outcome": outcome}
    made = _made(call, intent, method) | failure | {"captured": False, "paid": False, "status": "failed"}
    call.save(made)
    call.emit("charge.failed", made)
    return made


def _made(call: Call, intent: Json, method: Json) -> Json:
    card = method["card"]
    shown = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    return call.new(
        "charge",
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        application_fee=None,
        balance_transaction=None,
        billing_details=method["billing_details"],
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        dispute=None,
        disputed=False,
        failure_balance_transaction=None,
        failure_code=None,
        failure_message=None,
        fraud_details={},
        metadata=intent["metadata"],
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={
            "type": "card",
            "card": {name: card[name] for name in shown} | {"network": card["brand"]},
        },
        receipt_email=intent["receipt_email"],
        receipt_number=None,
        receipt_url=None,
        refunded=False,
        review=None,
        shipping=intent["shipping"],
        source_transfer=None,
        statement_descriptor=intent["statement_descriptor"],
        transfer_data=None,
        transfer_group=None,
    )


def _book(call: Call, made: Json, amount: int) -> None:
    made["amount_captured"] = amount
    made["balance_transaction"] = balance_transaction(call, made, "charge", amount, fee_of(amount))["id"]
    call.save(made)


def balance_transaction(call: Call, source: Json, kind: str, amount: int, fee: int) -> Json:
    """What moved on the account's balance because of `source`."""
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": source["currency"],
            "description": "Fees",
            "type": "stripe_fee",
        }
    ]
    return call.new(
        "balance_transaction",
        amount=amount,
        available_on=call.now + PAYOUT_DELAY_SECONDS,
        currency=source["currency"],
        description=source.get("description"),
        exchange_rate=None,
        fee=fee,
        fee_details=details if fee else [],
        net=amount - fee,
        reporting_category="dispute" if kind == "adjustment" else kind,
        source=source["id"],
        status="pending",
        type=kind,
    )


async def capture_charge(call: Call, intent: Json, amount: int) -> Json:
    """Take the authorized money, or a part of it; the rest is released."""
    made = dict(await call.get("charge", intent["latest_charge"], lock=True))
    made |= {"captured": True, "amount_refunded": made["amount"] - amount}
    _book(call, made, amount)
    call.emit("charge.captured", made)
    return made


async def release_charge(call: Call, intent: Json) -> Json:
    """Give up what was authorized."""
    made = dict(await call.get("charge", intent["latest_charge"], lock=True))
    made |= {"amount_refunded": made["amount"], "refunded": True}
    call.emit("charge.refunded", call.save(made), amount_refunded=0, refunded=False)
    return made


def _dispute(call: Call, made: Json, reason: str) -> None:
    """The cardholder complains at once: the money and a fee are withdrawn until it is decided."""
    dispute = call.new(
        "dispute",
        amount=made["amount"],
        balance_transactions=[],
        charge=made["id"],
        currency=made["currency"],
        evidence={"uncategorized_text": None},
        evidence_details={
            "due_by": call.now + 9 * 86_400,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=False,
        metadata={},
        payment_intent=made["payment_intent"],
        reason=reason,
        status="needs_response",
    )
    withdrawn = balance_transaction(call, dispute, "adjustment", -made["amount"], DISPUTE_FEE)
    dispute["balance_transactions"] = [withdrawn]
    made |= {"disputed": True, "dispute": dispute["id"]}
    call.save(made)
    call.emit("charge.dispute.created", call.save(dispute))
    call.emit("charge.dispute.funds_withdrawn", dispute)


async def update(call: Call, params: Described) -> Json:
    """Describe it; the money does not change."""
    made = dict(await call.target("charge"))
    if params.description is not None:
        made["description"] = params.description
    made["metadata"] = merged(made["metadata"], params.metadata)
    call.emit("charge.updated", call.save(made))
    return made
