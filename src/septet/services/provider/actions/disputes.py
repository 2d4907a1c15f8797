"""Disputes: answered with evidence, or lost."""

from typing import Any

from septet.services.provider.actions.charges import balance_transaction
from septet.services.provider.actions.payment_methods import merged
from septet.services.provider.call import Call
from septet.services.provider.errors import InvalidRequest
from septet.services.provider.schemas import DisputeUpdate

Json = dict[str, Any]
OUTCOMES = {"winning_evidence": "won", "losing_evidence": "lost"}


async def update(call: Call, params: DisputeUpdate) -> Json:
    """Send evidence; two magic texts decide the dispute at once. Raises InvalidRequest when it is decided."""
    dispute = dict(await call.target("dispute"))
    _require_open(dispute)
    dispute["evidence"] = dispute["evidence"] | (params.evidence or {})
    dispute["metadata"] = merged(dispute["metadata"], params.metadata)
    if params.evidence and params.submit:
        dispute["status"] = "under_review"
        details = dispute["evidence_details"]
        dispute["evidence_details"] = details | {
            "has_evidence": True,
            "submission_count": details["submission_count"] + 1,
        }
        text = str(dispute["evidence"].get("uncategorized_text"))
        if text in OUTCOMES:
            return _decided(call, dispute, OUTCOMES[text])
    call.emit("charge.dispute.updated", call.save(dispute))
    return dispute


async def close(call: Call) -> Json:
    """Accept it as lost."""
    dispute = dict(await call.target("dispute"))
    _require_open(dispute)
    return _decided(call, dispute, "lost")


def _require_open(dispute: Json) -> None:
    if dispute["status"] in ("won", "lost"):
        raise InvalidRequest(f"This dispute is already {dispute['status']}.")


def _decided(call: Call, dispute: Json, status: str) -> Json:
    dispute["status"] = status
    if status == "won":
        returned = balance_transaction(call, dispute, "adjustment", dispute["amount"], 0)
        dispute["balance_transactions"] = [*dispute["balance_transactions"], returned]
        call.emit("charge.dispute.funds_reinstated", dispute)
    call.emit("charge.dispute.closed", call.save(dispute))
    return dispute
