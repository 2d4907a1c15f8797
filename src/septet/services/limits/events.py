"""Facts that limits publishes."""

from uuid import UUID

from septet.kernel.events import event


@event("limits.rules_changed")
class RulesChanged:
    """A rule was created, changed or deleted."""

    tenant_id: UUID
    rule_id: UUID
    rule_name: str
    change: str


@event("limits.nearly_reached")
class NearlyReached:
    """SEPTET_LIMITS_WARN_PERCENT of a limit is used. `user_id` is in the caller's own terms; empty: not per user."""

    tenant_id: UUID
    rule_id: UUID
    rule_name: str
    audience: str
    user_id: str
    limit: int
    used_percent: int
