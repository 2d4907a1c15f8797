"""Preferences, categories, suppressions and push subscriptions on the wire."""

from datetime import datetime, time
from typing import Annotated, Literal, Self
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, PlainSerializer, model_validator

from septet.kernel.wire import EmailAddress, Wire
from septet.services.notifications.schemas.sending import PushKeys
from septet.services.notifications.schemas.templates import CategoryName, LocaleTag


def _known_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("must be a time zone of the IANA database such as Europe/Warsaw")
    return value


TimeZone = Annotated[str, AfterValidator(_known_zone), Field(description="IANA time zone.", examples=["Europe/Warsaw"])]
ClockTime = Annotated[
    time,
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str),
    Field(description="Local time, HH:MM.", examples=["22:00"]),
]


class QuietHours(Wire):
    """When not to disturb; what comes then is sent at the end. May pass midnight."""

    start: ClockTime
    end: ClockTime


class ChannelChoice(Wire):
    """What is wanted of one category; a channel left away is on."""

    in_app: bool | None = Field(None, description="Inbox entries.")
    email: bool | None = Field(None, description="E-mail.")
    push: bool | None = Field(None, description="Push messages.")


class PreferencesBody(Wire):
    """How somebody wants to be notified."""

    locale: LocaleTag | None = Field(None, description="Language; null: that of the account.")
    time_zone: TimeZone = Field("UTC", description="Time zone for quiet hours and dates.")
    quiet_hours: QuietHours | None = Field(None, description="When not to disturb.")
    categories: dict[CategoryName, ChannelChoice] = Field(
        default_factory=dict, max_length=200, description="Choices by category."
    )
    opt_out: bool = Field(False, description="Nothing but required categories.")


class CategoryBody(Wire):
    """The rules of a category."""

    required: bool = Field(False, description="Recipients cannot turn it off.")
    critical: bool = Field(False, description="It passes quiet hours.")
    throttle_limit: int | None = Field(
        None, ge=1, le=10_000, description="At most so many to a recipient on a channel in the window."
    )
    throttle_window_seconds: int | None = Field(
        None, ge=1, le=31 * 86400, description="The throttle's window, in seconds; left away: an hour."
    )
    digest_window_seconds: int | None = Field(
        None, ge=1, le=31 * 86400, description="How long a digest collects, in seconds."
    )


class CategoryOut(CategoryBody):
    """A category and its rules."""

    name: str = Field(description="The category.")
    built_in: bool = Field(description="Whether these are the built-in rules.")


class SuppressionCreate(Wire):
    """An address that is to get nothing more."""

    email: EmailAddress
    detail: str = Field("", max_length=1000, description="Why, for people.")


class SuppressionOut(Wire):
    """A suppressed address."""

    email: str = Field(description="The address.")
    reason: str = Field(description="hard_bounce, complaint or manual.")
    detail: str = Field(description="What the provider said.")
    created_at: datetime = Field(description="Since when.")


class MailEvent(Wire):
    """What a mail provider reports about an address."""

    type: Literal["bounce", "complaint", "delivered"] = Field(description="What happened.")
    email: EmailAddress
    permanent: bool = Field(True, description="Of a bounce: whether it is for good.")
    delivery_id: UUID | None = Field(None, description="The delivery: the part of the Message-ID before the @.")
    detail: str = Field("", max_length=1000, description="The provider's words.")


class MailEvents(Wire):
    """A batch of reports."""

    events: list[MailEvent] = Field(min_length=1, max_length=1000, description="The reports.")


class MailEventsTaken(Wire):
    """What became of the reports."""

    suppressed: int = Field(description="Addresses that are suppressed now and were not before.")
    recorded: int = Field(description="Deliveries whose trace says more now.")


class PushSubscriptionCreate(Wire):
    """A browser (`PushSubscription.toJSON()`), or a device's FCM token."""

    endpoint: str | None = Field(
        None, max_length=2000, pattern=r"^https?://", description="The push service's address."
    )
    keys: PushKeys | None = Field(None, description="The browser's keys.")
    expiration_time: float | None = Field(None, description="As the browser says it; not used.")
    fcm_token: str | None = Field(None, min_length=10, max_length=1000, description="FCM registration token.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        browser = self.endpoint is not None and self.keys is not None
        if browser == (self.fcm_token is not None):
            raise ValueError("give `endpoint` and `keys`, or `fcmToken`")
        return self


class PushSubscriptionOut(Wire):
    """A push subscription of the caller."""

    id: UUID = Field(description="Its id.")
    kind: str = Field(description="web or fcm.")
    endpoint: str = Field(description="The push service's address, or the FCM token.")
    created_at: datetime = Field(description="When it was made.")


class VapidKey(Wire):
    """What a browser needs to subscribe."""

    public_key: str = Field(description="`applicationServerKey`, URL-safe base64.")
