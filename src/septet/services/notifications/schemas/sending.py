"""Notifications, deliveries and their traces on the wire."""

import json
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Base64Bytes, Field, model_validator

from septet.kernel.wire import EmailAddress, Moment, ShortText, Wire
from septet.services.notifications.schemas.templates import CategoryName, LocaleTag, TemplateKey

Channel = Literal["inApp", "email", "push", "webhook"]
CHANNELS: tuple[Channel, ...] = ("inApp", "email", "push", "webhook")
LARGEST_DATA = 64 * 1024
MOST_RECIPIENTS = 10_000


class PushKeys(Wire):
    """The keys of a browser's push subscription."""

    p256dh: str = Field(
        alias="p256dh", min_length=80, max_length=100, description="The browser's public key, URL-safe base64."
    )
    auth: str = Field(min_length=20, max_length=30, description="The browser's secret, URL-safe base64.")


class PushTarget(Wire):
    """A browser's push subscription as `PushSubscription.toJSON()` gives it."""

    endpoint: str = Field(max_length=2000, pattern=r"^https?://", description="The push service's address.")
    keys: PushKeys = Field(description="The browser's keys.")
    expiration_time: float | None = Field(None, description="As the browser says it; not used.")


class Recipient(Wire):
    """One of a member, an e-mail address or a push subscription. `email` beside `userId` replaces their address."""

    user_id: UUID | None = Field(None, description="A member of the organization.")
    email: EmailAddress | None = Field(None, description="An address; beside `userId` it replaces the member's own.")
    push_subscription: PushTarget | None = Field(None, description="A browser, without saying whose.")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.user_id is None and self.email is None and self.push_subscription is None:
            raise ValueError("name a `userId`, an `email` or a `pushSubscription`")
        return self


class Content(Wire):
    """A message as it is, without a template; text is taken literally."""

    title: ShortText = Field(description="Title, or subject of the mail.")
    body: str = Field(max_length=20_000, description="The text.")
    link: str | None = Field(
        None, max_length=2000, pattern=r"^(https?://|/[^/]|/$)", description="Where it leads: a URL or a path."
    )


class Attachment(Wire):
    """A file that travels with the mail."""

    filename: ShortText = Field(description="Its name.")
    content_type: str = Field(
        "application/octet-stream", max_length=100, pattern=r"^[\w.+-]+/[\w.+-]+$", description="Its media type."
    )
    content: Base64Bytes = Field(description="Its bytes in base64.")


class NotificationCreate(Wire):
    """What to tell whom, how and when."""

    template: TemplateKey | None = Field(None, description="A published or built-in template; or give `content`.")
    content: Content | None = Field(None, description="The message itself, instead of a template.")
    to: Recipient | None = Field(None, description="The recipient; or give `recipients`.")
    recipients: list[Recipient] | None = Field(
        None, min_length=1, max_length=MOST_RECIPIENTS, description="Up to 10,000 recipients."
    )
    channels: list[Channel] | None = Field(
        None, min_length=1, max_length=4, description="Left away: those of the template that reach the recipient."
    )
    data: dict[str, Any] = Field(default_factory=dict, description="Values of the template's variables, up to 64 KiB.")
    locale: LocaleTag | None = Field(None, description="Overrides the recipients' own.")
    category: CategoryName | None = Field(None, description="Left away: the template's, else `general`.")
    send_at: Moment | None = Field(None, description="Not before this time.")
    digest_key: str | None = Field(
        None, min_length=1, max_length=200, description="Collect with others of this key into one message."
    )
    attachments: list[Attachment] = Field(default_factory=list, max_length=10, description="Files for the mail.")
    key: str | None = Field(
        None, min_length=1, max_length=200, description="The same key again gives the notification that exists."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.template is None) == (self.content is None):
            raise ValueError("give either `template` or `content`")
        if (self.to is None) == (self.recipients is None):
            raise ValueError("give either `to` or `recipients`")
        if len(json.dumps(self.data)) > LARGEST_DATA:
            raise ValueError(f"`data` is larger than {LARGEST_DATA} bytes")
        return self

    @property
    def everybody(self) -> list[Recipient]:
        return self.recipients if self.recipients is not None else [self.to] if self.to else []


class TraceEntry(Wire):
    """One thing that happened to a delivery, and why."""

    at: datetime = Field(description="When.")
    recipient: str = Field(description="The recipient: a user id or an address.")
    channel: Channel = Field(description="The channel.")
    outcome: Literal["queued", "sent", "delivered", "deferred", "digested", "suppressed", "failed", "clicked"] = Field(
        description="What happened."
    )
    reason: str = Field(description="The rule or the error that decided, for programs.")
    detail: dict[str, Any] | None = Field(None, description="Particulars: until when, which digest, the error.")


class DeliveryOut(Wire):
    """One recipient on one channel."""

    id: UUID = Field(description="The delivery's id.")
    notification_id: UUID = Field(description="The notification it belongs to.")
    recipient: str = Field(description="The recipient: a user id or an address.")
    channel: Channel = Field(description="The channel.")
    status: str = Field(description="queued, sent, delivered, read, failed or suppressed.")
    reason: str | None = Field(None, description="Why it is so.")
    locale: str | None = Field(None, description="The locale the message was made in.")
    attempts: int = Field(0, description="How often it was tried.")


class NotificationAccepted(Wire):
    """A notification, accepted."""

    id: UUID = Field(description="The notification's id.")
    status: str = Field(description="queued, scheduled, expanding, canceled or done.")
    recipient_count: int = Field(description="How many recipients it has.")
    deliveries: list[DeliveryOut] = Field(
        description="One for each recipient and channel; empty for more than 100 recipients, which are expanded later."
    )


class NotificationOut(NotificationAccepted):
    """A notification with all that is known of it."""

    template: str | None = Field(description="The template, where one was used.")
    category: str = Field(description="Its category.")
    channels: list[Channel] = Field(description="The channels.")
    send_at: datetime = Field(description="Not before this time.")
    created_at: datetime = Field(description="When it was accepted.")
    digest_id: UUID | None = Field(None, description="The digest that this message is the listing of.")
    counts: dict[str, int] = Field(description="Deliveries by status.")
    trace: list[TraceEntry] = Field(description="What happened, for each recipient and channel; the first 200.")


class Forecast(Wire):
    """What would happen now on one channel."""

    recipient: str = Field(description="The recipient: a user id or an address.")
    channel: Channel = Field(description="The channel.")
    outcome: str = Field(description="sent, deferred, digested or suppressed.")
    reason: str = Field(description="The rule that decides.")
    detail: dict[str, Any] | None = Field(None, description="Particulars.")
    locale: str | None = Field(None, description="The locale it would be in.")
    title: str | None = Field(None, description="Title or subject.")
    body: str | None = Field(None, description="Text.")
    html: str | None = Field(None, description="The mail's HTML.")


class NotificationPreview(Wire):
    """The answer to a dry run; nothing was stored or sent."""

    deliveries: list[Forecast] = Field(description="One for each of the first 100 recipients and channel.")
