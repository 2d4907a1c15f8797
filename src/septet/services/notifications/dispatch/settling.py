"""Settlement: what became of deliveries is written in one transaction with their exit from the outbox and the receipts.

Only what this worker still holds is settled, so two workers that believed they had the same delivery settle it once.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.deciding.facts import Task
from septet.services.notifications.events import (
    NotificationDelivered,
    NotificationFailed,
    NotificationSent,
    NotificationSuppressed,
)
from septet.services.notifications.store import digests, outbox, webhooks
from septet.services.notifications.store.outbox import Settlement
from septet.services.notifications.webhooks.publishing import occurrence, publish


async def settle(uow: UnitOfWork, worker: int, settlements: Sequence[Settlement], tasks: dict[Any, Task]) -> None:
    """Write them, answer for digests' members, and publish the receipts."""
    later = [(s.id, s.due_at) for s in settlements if s.due_at is not None]
    done = [s.id for s in settlements if s.due_at is None]
    held = await outbox.postpone(uow, worker, later) | await outbox.finish(uow, worker, done)
    kept = [s for s in settlements if s.id in held]
    rows = await outbox.settle(uow, kept)
    for settlement in kept:
        task = tasks[settlement.id]
        if task.digest_id and settlement.due_at is None:
            await _answer_for_members(uow, task, settlement)
    if await webhooks.anybody_listens(uow):
        await publish(uow, [event for row in rows if (event := _receipt(uow, row))])


async def _answer_for_members(uow: UnitOfWork, listing: Task, settlement: Settlement) -> None:
    assert listing.digest_id is not None
    entry = {
        "at": uow.now.isoformat(),
        "outcome": settlement.outcome,
        "reason": settlement.reason,
        "detail": {"digestId": str(listing.digest_id), "deliveryId": str(listing.id)},
    }
    await digests.settle_members(
        uow, listing.digest_id, listing.id, settlement.status, settlement.reason, json.dumps([entry])
    )


def _receipt(uow: UnitOfWork, row: Row[Any]) -> Any:
    where = (uow.tenant_id, row.notification_id, row.id, row.channel, row.recipient)
    if row.status == "sent":
        return occurrence(uow, NotificationSent(*where))
    if row.status == "delivered":
        return occurrence(uow, NotificationDelivered(*where))
    if row.status == "failed":
        return occurrence(uow, NotificationFailed(*where, row.reason))
    if row.status == "suppressed":
        return occurrence(uow, NotificationSuppressed(*where, row.reason))
    return None
