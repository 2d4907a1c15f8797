"""Facts about logs."""

from datetime import datetime
from uuid import UUID

from septet.kernel.events import event


@event("logs.alert_fired", version=1)
class LogAlertFired:
    """More lines than the alert's threshold matched within its window. Told once until it has calmed down."""

    tenant_id: UUID
    alert_id: UUID
    name: str
    count: int
    threshold: int
    window_seconds: int
    fired_at: datetime
