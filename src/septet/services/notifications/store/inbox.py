"""Inbox entries, and the counter of unread ones that is kept in the same transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.models import InboxCounter, InboxEntry


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry about to be stored; its id is the delivery's."""

    id: UUID
    user_id: UUID
    notification_id: UUID
    category: str
    title: str
    body: str
    link: str | None
    locale: str
    data: dict[str, Any]


_ADD = text(
    """WITH fresh AS (
         INSERT INTO notifications.inbox (tenant_id, id, user_id, notification_id, category, title, body, link, locale,
           data, created_at)
         SELECT CAST(:tenant AS uuid), id, user_id, notification_id, category, title, body, link, locale, data,
           CAST(:now AS timestamptz)
         FROM unnest(CAST(:ids AS uuid[]), CAST(:users AS uuid[]), CAST(:notifications AS uuid[]),
           CAST(:categories AS text[]), CAST(:titles AS text[]), CAST(:bodies AS text[]), CAST(:links AS text[]),
           CAST(:locales AS text[]), CAST(:data AS jsonb[]))
           AS t (id, user_id, notification_id, category, title, body, link, locale, data)
         ON CONFLICT DO NOTHING RETURNING user_id)
       INSERT INTO notifications.inbox_counters AS c (tenant_id, user_id, unread)
       SELECT CAST(:tenant AS uuid), user_id, count(*) FROM fresh GROUP BY user_id ORDER BY user_id
       ON CONFLICT (tenant_id, user_id) DO UPDATE SET unread = c.unread + EXCLUDED.unread"""
)
# The counter's row is locked first, so that two readers of one inbox cannot wait for each other in a circle.
_LOCK_COUNTER = text(
    "SELECT unread FROM notifications.inbox_counters WHERE tenant_id = :tenant AND user_id = :user FOR UPDATE"
)
_READ = text(
    """WITH done AS (
         UPDATE notifications.inbox SET read_at = :now
         WHERE tenant_id = :tenant AND user_id = :user AND read_at IS NULL AND archived_at IS NULL
           AND (CAST(:id AS uuid) IS NULL OR id = :id) RETURNING id, notification_id),
       counted AS (
         UPDATE notifications.inbox_counters SET unread = unread - (SELECT count(*) FROM done)
         WHERE tenant_id = :tenant AND user_id = :user)
       SELECT id, notification_id FROM done"""
)
_ARCHIVE = text(
    """WITH old AS (SELECT id, read_at FROM notifications.inbox
                    WHERE tenant_id = :tenant AND user_id = :user AND id = :id AND archived_at IS NULL),
       done AS (UPDATE notifications.inbox i SET archived_at = :now FROM old
                WHERE i.tenant_id = :tenant AND i.id = old.id)
       UPDATE notifications.inbox_counters SET unread = unread - (SELECT count(*) FROM old WHERE read_at IS NULL)
       WHERE tenant_id = :tenant AND user_id = :user"""
)
_FORGET = text(
    """WITH gone AS (DELETE FROM notifications.inbox WHERE tenant_id = :tenant AND created_at < :moment
                     RETURNING user_id, (read_at IS NULL AND archived_at IS NULL) AS unread)
       UPDATE notifications.inbox_counters c SET unread = c.unread - g.unread
       FROM (SELECT user_id, count(*) AS unread FROM gone WHERE unread GROUP BY user_id) g
       WHERE c.tenant_id = :tenant AND c.user_id = g.user_id"""
)


async def add_entries(uow: UnitOfWork, entries: Sequence[NewEntry]) -> None:
    """Exactly once each, and the recipients' counters with them."""
    await uow.session.execute(
        _ADD,
        {
            "tenant": uow.tenant_id,
            "now": uow.now,
            "ids": [e.id for e in entries],
            "users": [e.user_id for e in entries],
            "notifications": [e.notification_id for e in entries],
            "categories": [e.category for e in entries],
            "titles": [e.title for e in entries],
            "bodies": [e.body for e in entries],
            "links": [e.link for e in entries],
            "locales": [e.locale for e in entries],
            "data": [json.dumps(e.data) for e in entries],
        },
    )


async def entries(
    uow: UnitOfWork, user_id: UUID, limit: int, before: UUID | None, unread: bool | None, archived: bool
) -> Sequence[InboxEntry]:
    statement = select(InboxEntry).where(InboxEntry.tenant_id == uow.tenant_id, InboxEntry.user_id == user_id)
    statement = statement.where(InboxEntry.archived_at.is_not(None) if archived else InboxEntry.archived_at.is_(None))
    if unread is not None:
        statement = statement.where(InboxEntry.read_at.is_(None) if unread else InboxEntry.read_at.is_not(None))
    if before is not None:
        statement = statement.where(InboxEntry.id < before)
    return (await uow.session.scalars(statement.order_by(InboxEntry.id.desc()).limit(limit))).all()


async def entry(uow: UnitOfWork, user_id: UUID, entry_id: UUID) -> InboxEntry | None:
    statement = select(InboxEntry).where(
        InboxEntry.tenant_id == uow.tenant_id, InboxEntry.user_id == user_id, InboxEntry.id == entry_id
    )
    found: InboxEntry | None = await uow.session.scalar(statement.execution_options(populate_existing=True))
    return found


async def count_unread(uow: UnitOfWork, user_id: UUID) -> int:
    statement = select(InboxCounter.unread).where(
        InboxCounter.tenant_id == uow.tenant_id, InboxCounter.user_id == user_id
    )
    return await uow.session.scalar(statement) or 0


async def mark_read(uow: UnitOfWork, user_id: UUID, entry_id: UUID | None) -> Sequence[Row[UUID, UUID]]:
    """Mark one entry, or all; returns (id, notification id) of those that were unread."""
    parameters = {"tenant": uow.tenant_id, "user": user_id}
    await uow.session.execute(_LOCK_COUNTER, parameters)
    return (await uow.session.execute(_READ, parameters | {"id": entry_id, "now": uow.now})).all()


async def archive(uow: UnitOfWork, user_id: UUID, entry_id: UUID) -> None:
    parameters = {"tenant": uow.tenant_id, "user": user_id}
    await uow.session.execute(_LOCK_COUNTER, parameters)
    await uow.session.execute(_ARCHIVE, parameters | {"id": entry_id, "now": uow.now})


async def forget_before(uow: UnitOfWork, moment: datetime) -> None:
    await uow.session.execute(_FORGET, {"tenant": uow.tenant_id, "moment": moment})


async def mark_deliveries_read(uow: UnitOfWork, delivery_ids: Sequence[UUID]) -> None:
    statement = text(
        """UPDATE notifications.deliveries SET status = 'read', reason = 'read_by_recipient', updated_at = :now
           WHERE tenant_id = :tenant AND id = ANY(:ids) AND status = 'delivered'"""
    )
    await uow.session.execute(statement, {"tenant": uow.tenant_id, "ids": list(delivery_ids), "now": uow.now})
