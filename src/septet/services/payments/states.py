"""The state machine of a payment, as data.

A transition that is not here is a defect and raises; `FAILED` with the detail `canceled` is final, see `FINAL_DETAILS`.
"""

from enum import StrEnum


class Status(StrEnum):
    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"


class Cause(StrEnum):
    """What made a payment change: a request, an event of the provider, the worker's recovery, or reconciliation."""

    CALLER = "caller"
    WEBHOOK = "webhook"
    RECOVERY = "recovery"
    RECONCILIATION = "reconciliation"


TRANSITIONS: dict[tuple[Status | None, Status], str] = {
    (None, Status.PENDING): "created",
    (Status.PENDING, Status.SUCCESS): "the money was captured",
    (Status.PENDING, Status.FAILED): "an attempt was refused, or the payment was canceled",
    (Status.FAILED, Status.PENDING): "confirmed again with another payment method",
    (Status.FAILED, Status.SUCCESS): "an attempt that counted as refused turned out to have succeeded",
    (Status.SUCCESS, Status.REFUNDED): "everything was given back",
}

CANCELED = "canceled"
FINAL_DETAILS = frozenset({CANCELED})


class IllegalTransition(Exception):
    """The state machine has no such transition."""


def require_transition(current: Status | None, following: Status, detail: str = "") -> None:
    """Raises IllegalTransition for one that the table does not have, and for leaving a final state."""
    if (current, following) not in TRANSITIONS or detail in FINAL_DETAILS:
        raise IllegalTransition(f"{current} → {following} (from {detail or 'no detail'})")
