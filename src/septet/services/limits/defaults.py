"""The rules that a new organization starts with: brakes against runaways, as far up as its plan allows."""

from collections.abc import Sequence

from septet.services.limits.schemas import RuleIn

MINUTE_MS = 60_000
FREE = "FREE"
REQUESTS_PER_MINUTE = 60_000
"""To Septet itself, before the plan is known; an application's own checks may be ten times as many."""


def default_rules(requests_per_minute: int) -> Sequence[RuleIn]:
    """One user may use half of what the whole organization may."""
    checks = requests_per_minute * 10
    return [
        _brake("Organization", "tenant", checks, "application"),
        _brake("Per user", "user", checks // 2, "application"),
        _brake("Septet: organization", "tenant", requests_per_minute, "platform"),
        _brake("Septet: per user", "user", max(1, requests_per_minute // 2), "platform"),
    ]


def _brake(name: str, scope: str, limit: int, audience: str) -> RuleIn:
    return RuleIn.model_validate({
        "name": name, "scope": scope, "algorithm": "token_bucket", "limit": limit, "windowMs": MINUTE_MS,
        "onFailure": "open", "priority": -100, "audience": audience,
    })  # fmt: skip
