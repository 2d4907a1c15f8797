"""Refunds: never more in total than was captured, however many come at once (the charge is locked)."""

from typing import Any

from septet.services.provider.actions.charges import balance_transaction
from septet.services.provider.actions.payment_methods import merged
from septet.services.provider.call import Call
from septet.services.provider.errors import InvalidRequest
from septet.services.provider.schemas import Described, RefundCreate

Json = dict[str, Any]


async def create(call: Call, params: RefundCreate) -> Json:
    """Give money back. Raises InvalidRequest naming what is left."""
    charge = dict(await _charge(call, params))
    if not charge["captured"] or not charge["paid"]:
        raise InvalidRequest(
            f"This charge ({charge['id']}) was not captured: cancel its PaymentIntent instead.",
            code="charge_not_refundable",
        )
    if charge["disputed"]:
        raise InvalidRequest(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise InvalidRequest(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = params.amount or left
    if amount > left:
        raise InvalidRequest(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}), in {charge['currency']}'s "
            "smallest unit.",
            param="amount",
        )
    return _refunded(call, charge, amount, params)


async def _charge(call: Call, params: RefundCreate) -> Json:
    if params.charge is not None:
        return await call.get("charge", params.charge, param="charge", lock=True)
    if params.payment_intent is None:
        raise InvalidRequest(
            "One of the following params should be provided for this request: payment_intent or charge."
        )
    intent = await call.get("payment_intent", params.payment_intent, param="payment_intent")
    if intent["status"] != "succeeded":
        raise InvalidRequest(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.", param="payment_intent"
        )
    return await call.get("charge", intent["latest_charge"], lock=True)


def _refunded(call: Call, charge: Json, amount: int, params: RefundCreate) -> Json:
    refund = call.new(
        "refund",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details={"type": "card", "card": {"reference_status": "pending", "type": "refund"}},
        metadata=merged({}, params.metadata),
        payment_intent=charge["payment_intent"],
        reason=params.reason,
        receipt_number=None,
        source_transfer_reversal=None,
        status="succeeded",
        transfer_reversal=None,
    )
    refund["balance_transaction"] = balance_transaction(call, refund, "refund", -amount, 0)["id"]
    before = charge["amount_refunded"]
    charge["amount_refunded"] = before + amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    call.emit("refund.created", call.save(refund))
    call.emit("charge.refunded", call.save(charge), amount_refunded=before)
    return refund


async def update(call: Call, params: Described) -> Json:
    refund = dict(await call.target("refund"))
    refund["metadata"] = merged(refund["metadata"], params.metadata)
    call.emit("refund.updated", call.save(refund))
    return refund
