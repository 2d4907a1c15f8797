"""Notifications and their deliveries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, text

from septet.kernel.ids import first_id_of
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.models import Delivery, Notification


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One recipient on one channel, about to be stored and put into the outbox."""

    id: UUID
    notification_id: UUID
    channel: str
    recipient: str
    user_id: UUID | None
    address: str | None
    category: str
    due_at: datetime


_ADD_DELIVERIES = text(
    """WITH fresh AS (
         SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:notifications AS uuid[]), CAST(:channels AS text[]),
           CAST(:recipients AS text[]), CAST(:users AS uuid[]), CAST(:addresses AS text[]), CAST(:categories AS text[]),
           CAST(:due AS timestamptz[]))
         AS t (id, notification_id, channel, recipient, user_id, address, category, due_at)),
       stored AS (
         INSERT INTO notifications.deliveries (tenant_id, id, notification_id, channel, recipient, user_id, address,
           category, status, attempts, trace, created_at, updated_at)
         SELECT CAST(:tenant AS uuid), id, notification_id, channel, recipient, user_id, address, category, 'queued', 0,
           '[]', :now, :now FROM fresh)
       INSERT INTO notifications.outbox (tenant_id, id, kind, lane, due_at)
       SELECT CAST(:tenant AS uuid), id, channel, '', due_at FROM fresh"""
)


# Arrays of arrays would need to be of one length, so the channels travel as text.
_PLAIN = (
    "id", "key", "template", "template_version", "category", "locale", "digest_key", "digest_id", "status", "send_at",
    "recipient_count",
)  # fmt: skip
_AS_JSON = ("content", "data", "channels", "waiting_recipients", "attachments")
_ADD_NOTIFICATIONS = text(
    """INSERT INTO notifications.notifications (tenant_id, id, key, template, template_version, category, locale,
         digest_key, digest_id, status, send_at, recipient_count, content, data, channels, waiting_recipients,
         attachments, created_at)
       SELECT CAST(:tenant AS uuid), id, key, template, template_version, category, locale, digest_key, digest_id,
         status, send_at, recipient_count, content, data, ARRAY(SELECT jsonb_array_elements_text(channels)),
         waiting_recipients, attachments, CAST(:now AS timestamptz)
       FROM unnest(CAST(:id AS uuid[]), CAST(:key AS text[]), CAST(:template AS text[]),
         CAST(:template_version AS integer[]), CAST(:category AS text[]), CAST(:locale AS text[]),
         CAST(:digest_key AS text[]), CAST(:digest_id AS uuid[]), CAST(:status AS text[]),
         CAST(:send_at AS timestamptz[]), CAST(:recipient_count AS integer[]), CAST(:content AS jsonb[]),
         CAST(:data AS jsonb[]), CAST(:channels AS jsonb[]), CAST(:waiting_recipients AS jsonb[]),
         CAST(:attachments AS jsonb[]))
       AS t (id, key, template, template_version, category, locale, digest_key, digest_id, status, send_at,
         recipient_count, content, data, channels, waiting_recipients, attachments)"""
)


async def notification_with_key(uow: UnitOfWork, key: str) -> Notification | None:
    statement = select(Notification).where(Notification.tenant_id == uow.tenant_id, Notification.key == key)
    found: Notification | None = await uow.session.scalar(statement)
    return found


async def lock_key(uow: UnitOfWork, key: str) -> None:
    """Until the transaction ends, nobody else stores a notification with this key."""
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
    await uow.session.execute(lock, {"name": f"notifications {uow.tenant_id} {key}"})


async def add_notifications(uow: UnitOfWork, notifications: Sequence[Notification]) -> None:
    """Store them in one statement; the objects stay outside the session."""
    columns = {name: [getattr(each, name) for each in notifications] for name in _PLAIN}
    columns |= {name: [_json(getattr(each, name)) for each in notifications] for name in _AS_JSON}
    await uow.session.execute(_ADD_NOTIFICATIONS, columns | {"tenant": uow.tenant_id, "now": uow.now})


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


async def add_deliveries(uow: UnitOfWork, new: Sequence[NewDelivery]) -> None:
    """Store them and put them into the outbox, however many, in one statement."""
    await uow.session.execute(
        _ADD_DELIVERIES,
        {
            "tenant": uow.tenant_id,
            "now": uow.now,
            "ids": [d.id for d in new],
            "notifications": [d.notification_id for d in new],
            "channels": [d.channel for d in new],
            "recipients": [d.recipient for d in new],
            "users": [d.user_id for d in new],
            "addresses": [d.address for d in new],
            "categories": [d.category for d in new],
            "due": [d.due_at for d in new],
        },
    )


async def notification(uow: UnitOfWork, notification_id: UUID, *, lock: bool = False) -> Notification | None:
    statement = select(Notification).where(Notification.tenant_id == uow.tenant_id, Notification.id == notification_id)
    found: Notification | None = await uow.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def notifications(
    uow: UnitOfWork, limit: int, before: UUID | None, status: str | None = None
) -> Sequence[Notification]:
    statement = select(Notification).where(Notification.tenant_id == uow.tenant_id)
    if before is not None:
        statement = statement.where(Notification.id < before)
    if status is not None:
        statement = statement.where(Notification.status == status)
    return (await uow.session.scalars(statement.order_by(Notification.id.desc()).limit(limit))).all()


async def deliveries_of(
    uow: UnitOfWork, notification_id: UUID, limit: int, after: UUID | None = None
) -> Sequence[Delivery]:
    statement = select(Delivery).where(Delivery.tenant_id == uow.tenant_id, Delivery.notification_id == notification_id)
    if after is not None:
        statement = statement.where(Delivery.id > after)
    return (await uow.session.scalars(statement.order_by(Delivery.id).limit(limit))).all()


async def deliveries_with_status(
    uow: UnitOfWork, status: str | None, channel: str | None, limit: int, before: UUID | None
) -> Sequence[Delivery]:
    statement = select(Delivery).where(Delivery.tenant_id == uow.tenant_id)
    if status is not None:
        statement = statement.where(Delivery.status == status)
    if channel is not None:
        statement = statement.where(Delivery.channel == channel)
    if before is not None:
        statement = statement.where(Delivery.id < before)
    return (await uow.session.scalars(statement.order_by(Delivery.id.desc()).limit(limit))).all()


async def count_by_status(uow: UnitOfWork, notification_ids: Sequence[UUID]) -> Sequence[Row[UUID, str, int]]:
    statement = (
        select(Delivery.notification_id, Delivery.status, func.count())
        .where(Delivery.tenant_id == uow.tenant_id, Delivery.notification_id.in_(notification_ids))
        .group_by(Delivery.notification_id, Delivery.status)
    )
    return (await uow.session.execute(statement)).all()


async def delivery(uow: UnitOfWork, delivery_id: UUID, *, lock: bool = False) -> Delivery | None:
    statement = select(Delivery).where(Delivery.tenant_id == uow.tenant_id, Delivery.id == delivery_id)
    found: Delivery | None = await uow.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def forget_before(uow: UnitOfWork, moment: datetime) -> None:
    """Retention: old notifications with their deliveries and webhook deliveries, of all tenants the session sees."""
    await uow.session.execute(
        delete(Notification).where(Notification.tenant_id == uow.tenant_id, Notification.created_at < moment)
    )


async def count_on(uow: UnitOfWork, day: date) -> int:
    """Those of a day (UTC)."""
    ids = Notification.id.between(first_id_of(day), first_id_of(day + timedelta(days=1)))
    statement = select(func.count()).where(Notification.tenant_id == uow.tenant_id, ids)
    return await uow.session.scalar(statement) or 0


_NOTE_CLICK = text(
    """UPDATE notifications.deliveries SET trace = trace || CAST(:entry AS jsonb), updated_at = :now
       WHERE tenant_id = :tenant AND id = :id AND NOT trace @> CAST(:known AS jsonb)"""
)


async def note_click(uow: UnitOfWork, delivery_id: UUID, click_id: str, entry: dict[str, Any]) -> None:
    """Add the entry to the delivery's trace, unless it has one of this click."""
    known = json.dumps([{"detail": {"clickId": click_id}}])
    parameters = {"tenant": uow.tenant_id, "id": delivery_id, "known": known, "now": uow.now}
    await uow.execute(_NOTE_CLICK, parameters | {"entry": json.dumps([entry])})
