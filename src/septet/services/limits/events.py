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
