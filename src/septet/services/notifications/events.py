"""Facts that notifications publish to the tenants' webhooks.

They are not `public` for the kernel: the service hands them to the webhook endpoints itself, in bulk and in the
transaction that made them true, instead of one job for each of a thousand receipts.
"""

from uuid import UUID

from septet.kernel.events import event


@event("notification.sent", public=False)
class NotificationSent:
    """A provider (SMTP server, push service) accepted the message."""

    tenant_id: UUID
    notification_id: UUID
    delivery_id: UUID
    channel: str
    recipient: str


@event("notification.delivered", public=False)
class NotificationDelivered:
    """The message is where the recipient reads it."""

    tenant_id: UUID
    notification_id: UUID
    delivery_id: UUID
    channel: str
    recipient: str


@event("notification.failed", public=False)
class NotificationFailed:
    """The message was given up; `reason` says why."""

    tenant_id: UUID
    notification_id: UUID
    delivery_id: UUID
    channel: str
    recipient: str
    reason: str


@event("notification.suppressed", public=False)
class NotificationSuppressed:
    """A rule stopped the message; `reason` names the rule."""

    tenant_id: UUID
    notification_id: UUID
    delivery_id: UUID
    channel: str
    recipient: str
    reason: str


@event("notification.read", public=False)
class NotificationRead:
    """The recipient read the in-app entry."""

    tenant_id: UUID
    notification_id: UUID
    delivery_id: UUID
    user_id: UUID


@event("notification.message", public=False)
class NotificationMessage:
    """The notification itself, where its channel is `webhook`."""

    tenant_id: UUID
    notification_id: UUID
    delivery_id: UUID
    recipient: str
    title: str
    body: str
    link: str | None


@event("notification.unsubscribed", public=False)
class NotificationUnsubscribed:
    """A recipient turned a category's e-mail off through a mail's link."""

    tenant_id: UUID
    recipient: str
    category: str


@event("notification.address_suppressed", public=False)
class NotificationAddressSuppressed:
    """An address bounced for good or complained; nothing is sent to it any more."""

    tenant_id: UUID
    email: str
    reason: str


@event("webhook.disabled", public=False)
class WebhookDisabled:
    """An endpoint failed for too long, or answered 410, and gets nothing more until it is enabled again."""

    tenant_id: UUID
    endpoint_id: UUID
    url: str
    reason: str


@event("webhook.ping", public=False)
class WebhookPing:
    """A test message that an endpoint's owner asked for."""

    tenant_id: UUID
    endpoint_id: UUID


OWN_EVENTS = (
    NotificationSent,
    NotificationDelivered,
    NotificationFailed,
    NotificationSuppressed,
    NotificationRead,
    NotificationMessage,
    NotificationUnsubscribed,
    NotificationAddressSuppressed,
    WebhookDisabled,
    WebhookPing,
)
