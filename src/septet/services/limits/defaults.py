"""The rules that a new organization starts with, by plan: brakes against runaways, far above ordinary use."""

from collections.abc import Sequence

from septet.services.limits.schemas import RuleIn

MINUTE_MS = 60_000
FREE = "FREE"
PER_MINUTE = {FREE: 600_000, "PRO": 3_000_000, "ENTERPRISE": 30_000_000}
"""Of the whole organization; one user may use half of it."""


def default_rules(plan: str) -> Sequence[RuleIn]:
    """An unknown plan has the limits of the free one."""
    limit = PER_MINUTE.get(plan, PER_MINUTE[FREE])
    return [
        _brake("Organization", "tenant", limit, "application"),
        _brake("Per user", "user", limit // 2, "application"),
        _brake("Septet: organization", "tenant", limit // 10, "platform"),
        _brake("Septet: per user", "user", limit // 20, "platform"),
    ]


def _brake(name: str, scope: str, limit: int, audience: str) -> RuleIn:
    return RuleIn.model_validate({
        "name": name, "scope": scope, "algorithm": "token_bucket", "limit": limit, "windowMs": MINUTE_MS,
        "onFailure": "open", "priority": -100, "audience": audience,
    })  # fmt: skip
