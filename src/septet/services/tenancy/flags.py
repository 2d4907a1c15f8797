"""The value of a flag for somebody at some time, computed purely, with the reason in OpenFeature's words.

Order: switched off; outside its schedule; the user's own value; the percentage. The percentage is a stable hash of flag
and user: who has a feature keeps it while the percentage grows.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from septet.services.tenancy.models import Flag

BUCKETS = 100_000


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`reason` is one of OpenFeature's; `because` says it in words."""

    key: str
    value: Any
    variant: str
    reason: str
    because: str


def of_plan(key: str, value: Any, plan: str) -> Evaluation:
    """A flag that only the plan decides."""
    return Evaluation(key, value, plan, "STATIC", f"the plan {plan} says so")


def evaluate(flag: Flag, own_value: Any, targeting_key: str, now: datetime) -> Evaluation:
    """`own_value`: what was set for this user; None for nothing."""
    if not flag.enabled:
        return Evaluation(flag.key, flag.off_value, "off", "DISABLED", "it is switched off")
    if flag.starts_at is not None and now < flag.starts_at:
        return Evaluation(flag.key, flag.off_value, "off", "DEFAULT", f"it begins at {flag.starts_at.isoformat()}")
    if flag.ends_at is not None and now >= flag.ends_at:
        return Evaluation(flag.key, flag.off_value, "off", "DEFAULT", f"it ended at {flag.ends_at.isoformat()}")
    if own_value is not None:
        return Evaluation(flag.key, own_value, "own", "TARGETING_MATCH", f"it was set for {targeting_key}")
    if flag.percentage >= 100:
        return Evaluation(flag.key, flag.value, "on", "STATIC", "it is on for everybody")
    if in_rollout(flag.key, targeting_key, flag.percentage):
        return Evaluation(flag.key, flag.value, "on", "SPLIT", f"among the {flag.percentage.normalize():f} %")
    return Evaluation(flag.key, flag.off_value, "off", "SPLIT", f"not among the {flag.percentage.normalize():f} %")


def in_rollout(key: str, targeting_key: str, percentage: Decimal) -> bool:
    """Whether the user's stable place among 100,000 is below the percentage."""
    digest = hashlib.blake2b(f"{key}\0{targeting_key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % BUCKETS < percentage * (BUCKETS // 100)
