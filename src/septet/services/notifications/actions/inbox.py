"""One's own inbox."""

from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.errors import InboxEntryNotFound, UserRequired
from septet.services.notifications.events import NotificationRead
from septet.services.notifications.models import InboxEntry
from septet.services.notifications.store import inbox as store
from septet.services.notifications.stream import Notice, announce
from septet.services.notifications.webhooks.publishing import occurrence, publish


def require_user(uow: UnitOfWork) -> UUID:
    """The acting user. Raises UserRequired (403) for an API key."""
    if uow.actor.user_id is None:
        raise UserRequired("Use a user's session token; an inbox, preferences and subscriptions belong to a person.")
    return uow.actor.user_id


async def read(uow: UnitOfWork, entry_id: UUID) -> InboxEntry:
    """Mark an entry as read; it may be already. Raises InboxEntryNotFound."""
    user_id = require_user(uow)
    await _mark(uow, user_id, entry_id)
    return await require_entry(uow, user_id, entry_id)


async def read_all(uow: UnitOfWork) -> int:
    """Mark all unread entries; returns how many those were."""
    return await _mark(uow, require_user(uow), None)


async def archive(uow: UnitOfWork, entry_id: UUID) -> InboxEntry:
    """Move an entry out of sight. Raises InboxEntryNotFound."""
    user_id = require_user(uow)
    await require_entry(uow, user_id, entry_id)
    await store.archive(uow, user_id, entry_id)
    await _announce_count(uow, user_id)
    return await require_entry(uow, user_id, entry_id)


async def require_entry(uow: UnitOfWork, user_id: UUID, entry_id: UUID) -> InboxEntry:
    found = await store.entry(uow, user_id, entry_id)
    if found is None:
        raise InboxEntryNotFound("GET /inbox lists your entries.")
    return found


async def _mark(uow: UnitOfWork, user_id: UUID, entry_id: UUID | None) -> int:
    done = await store.mark_read(uow, user_id, entry_id)
    if done:
        await store.mark_deliveries_read(uow, [row.id for row in done])
        events = [NotificationRead(uow.tenant_id, row.notification_id, row.id, user_id) for row in done]
        await publish(uow, [occurrence(uow, event) for event in events])
        await _announce_count(uow, user_id)
    return len(done)


async def _announce_count(uow: UnitOfWork, user_id: UUID) -> None:
    announce(uow, [Notice(user_id, "changed", {"unreadCount": await store.count_unread(uow, user_id)})])
