"""Notifications' tables, in the PostgreSQL schema `notifications`.

A notification is what was asked for; a delivery is one recipient on one channel, with its trace; the outbox holds what
is still to be done about deliveries, by due time, and is all that the dispatcher reads across tenants.
"""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, ForeignKeyConstraint, LargeBinary, String, Time, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from septet.kernel.postgres import TenantOwned, service_metadata


class Base(DeclarativeBase):
    metadata = service_metadata("notifications")


Moment = DateTime(timezone=True)
Json = dict[str, Any]


class Notification(TenantOwned, Base):
    __tablename__ = "notifications"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str | None]
    template: Mapped[str | None]
    template_version: Mapped[int | None]
    content: Mapped[Json | None] = mapped_column(JSONB)
    data: Mapped[Json] = mapped_column(JSONB)
    category: Mapped[str]
    channels: Mapped[list[str]] = mapped_column(ARRAY(String))
    locale: Mapped[str | None]
    digest_key: Mapped[str | None]
    digest_id: Mapped[UUID | None] = mapped_column(Uuid)
    status: Mapped[str]
    send_at: Mapped[datetime] = mapped_column(Moment)
    recipient_count: Mapped[int]
    waiting_recipients: Mapped[list[Json] | None] = mapped_column(JSONB)
    attachments: Mapped[list[Json] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Delivery(TenantOwned, Base):
    __tablename__ = "deliveries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "notification_id"], [Notification.tenant_id, Notification.id], ondelete="CASCADE"
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    notification_id: Mapped[UUID] = mapped_column(Uuid)
    channel: Mapped[str]
    recipient: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(Uuid)
    address: Mapped[str | None]
    category: Mapped[str]
    locale: Mapped[str | None]
    status: Mapped[str]
    reason: Mapped[str | None]
    attempts: Mapped[int]
    digest_id: Mapped[UUID | None] = mapped_column(Uuid)
    trace: Mapped[list[Json]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class Digest(TenantOwned, Base):
    __tablename__ = "digests"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    recipient: Mapped[str]
    channel: Mapped[str]
    key: Mapped[str]
    category: Mapped[str]
    items: Mapped[int]
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closes_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class InboxEntry(TenantOwned, Base):
    __tablename__ = "inbox"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid)
    notification_id: Mapped[UUID] = mapped_column(Uuid)
    category: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    link: Mapped[str | None]
    locale: Mapped[str]
    data: Mapped[Json] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    archived_at: Mapped[datetime | None] = mapped_column(Moment)


class InboxCounter(TenantOwned, Base):
    __tablename__ = "inbox_counters"

    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unread: Mapped[int]


class Template(TenantOwned, Base):
    __tablename__ = "templates"

    key: Mapped[str] = mapped_column(String, primary_key=True)
    draft: Mapped[Json] = mapped_column(JSONB)
    revision: Mapped[int]
    published_version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class TemplateVersion(TenantOwned, Base):
    __tablename__ = "template_versions"

    key: Mapped[str] = mapped_column(String, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[Json] = mapped_column(JSONB)
    published_at: Mapped[datetime] = mapped_column(Moment)


class Branding(TenantOwned, Base):
    __tablename__ = "branding"

    layout: Mapped[Json] = mapped_column(JSONB)
    partials: Mapped[Json] = mapped_column(JSONB)
    revision: Mapped[int]


class Category(TenantOwned, Base):
    __tablename__ = "categories"

    name: Mapped[str] = mapped_column(String, primary_key=True)
    required: Mapped[bool]
    critical: Mapped[bool]
    throttle_limit: Mapped[int | None]
    throttle_window_seconds: Mapped[int | None]
    digest_window_seconds: Mapped[int | None]


class Preferences(TenantOwned, Base):
    __tablename__ = "preferences"

    recipient: Mapped[str] = mapped_column(String, primary_key=True)
    locale: Mapped[str | None]
    time_zone: Mapped[str | None]
    quiet_start: Mapped[time | None] = mapped_column(Time)
    quiet_end: Mapped[time | None] = mapped_column(Time)
    categories: Mapped[Json] = mapped_column(JSONB)
    opt_out: Mapped[bool]
    revision: Mapped[int]


class Suppression(TenantOwned, Base):
    __tablename__ = "suppressions"

    email: Mapped[str] = mapped_column(String, primary_key=True)
    reason: Mapped[str]
    detail: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)


class PushSubscription(TenantOwned, Base):
    __tablename__ = "push_subscriptions"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(Uuid)
    kind: Mapped[str]
    endpoint: Mapped[str]
    p256dh: Mapped[str | None]
    auth: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Moment)


class WebhookEndpoint(TenantOwned, Base):
    __tablename__ = "webhook_endpoints"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(ARRAY(String))
    description: Mapped[str]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_secret_until: Mapped[datetime | None] = mapped_column(Moment)
    enabled: Mapped[bool]
    disabled_reason: Mapped[str | None]
    failing_since: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class WebhookDelivery(TenantOwned, Base):
    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "endpoint_id"], [WebhookEndpoint.tenant_id, WebhookEndpoint.id], ondelete="CASCADE"
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    endpoint_id: Mapped[UUID] = mapped_column(Uuid)
    event_id: Mapped[UUID] = mapped_column(Uuid)
    event_type: Mapped[str]
    body: Mapped[str]
    status: Mapped[str]
    attempts: Mapped[int]
    log: Mapped[list[Json]] = mapped_column(JSONB)
    delivery_id: Mapped[UUID | None] = mapped_column(Uuid)
    next_attempt_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Mail(TenantOwned, Base):
    __tablename__ = "mailbox"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    to_address: Mapped[str]
    subject: Mapped[str]
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    sent_at: Mapped[datetime] = mapped_column(Moment)


class OutboxItem(TenantOwned, Base):
    __tablename__ = "outbox"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str]
    lane: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(Moment)
    claimed_by: Mapped[int | None]
