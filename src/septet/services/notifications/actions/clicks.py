"""A link in a mail was followed: its delivery's trace says so."""

from datetime import datetime
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.store import notifications as store


async def note_click(uow: UnitOfWork, delivery_id: UUID, click_id: UUID, url: str, by: str, at: datetime) -> None:
    """Once for each click, however often it is told. `by`: human, bot, preview or duplicate."""
    entry = {"at": at.isoformat(), "outcome": "clicked", "reason": by, "detail": {"url": url, "clickId": str(click_id)}}
    await store.note_click(uow, delivery_id, str(click_id), entry)
