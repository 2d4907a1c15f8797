"""Accepting notifications: who, on which channels, when. What happens to each delivery is decided when it is due."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from septet.kernel import journal
from septet.kernel.errors import FieldError
from septet.kernel.uow import UnitOfWork
from septet.services.notifications import permissions, system_templates
from septet.services.notifications.errors import (
    DeliveryNotFound,
    MissingData,
    NoChannel,
    NotCancellable,
    NotificationNotFound,
    NotRetryable,
    TemplateNotFound,
    TemplateUnpublished,
)
from septet.services.notifications.models import Delivery, Notification
from septet.services.notifications.schemas.sending import CHANNELS, NotificationCreate, Recipient
from septet.services.notifications.store import notifications as store
from septet.services.notifications.store import outbox, templates
from septet.services.notifications.templating.rendering import missing_variables
from septet.services.notifications.waking import wake_dispatchers

EXPANDED_AT_ONCE = 100
BULK = "bulk"
PLATFORM = UUID(int=0)
"""The tenant of what belongs to no organization, such as a password reset."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A notification with the deliveries that exist already."""

    notification: Notification
    deliveries: Sequence[Delivery | store.NewDelivery]


@dataclass(frozen=True, slots=True)
class Planned:
    """A notification with its deliveries, before they are stored."""

    notification: Notification
    deliveries: list[store.NewDelivery]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The template of a request, where it has one; a built-in one has no version."""

    key: str | None
    version: int | None
    definition: dict[str, Any] | None


async def accept(uow: UnitOfWork, request: NotificationCreate, *, data_required: bool = True) -> Accepted:
    """Accept a notification for delivery; without `data_required`, variables that lack a value stay empty.

    The caller has made sure that the actor may. Raises TemplateNotFound, TemplateUnpublished, MissingData, NoChannel.
    """
    if request.key is not None:
        await store.lock_key(uow, request.key)
        if existing := await store.notification_with_key(uow, request.key):
            return Accepted(existing, await store.deliveries_of(uow, existing.id, EXPANDED_AT_ONCE * len(CHANNELS)))
    planned = await plan(uow, request, data_required=data_required)
    await store_planned(uow, [planned])
    journal.note("notification", notification=str(planned.notification.id), template=request.template)
    return Accepted(planned.notification, planned.deliveries)


async def plan(uow: UnitOfWork, request: NotificationCreate, *, data_required: bool = True) -> Planned:
    """What `request` asks for, not stored yet. Raises as `accept`."""
    template = await choose_template(uow, request)
    if data_required:
        _require_data(template, request)
    recipients = unique(request.everybody)
    new = make_notification(uow, request, template, recipients)
    return Planned(new, [] if new.waiting_recipients is not None else list(plan_deliveries(uow, new, recipients)))


async def store_planned(uow: UnitOfWork, planned: Sequence[Planned]) -> None:
    """Store notifications with their deliveries; those for many recipients are expanded in the background."""
    if not planned:
        return
    await store.add_notifications(uow, [each.notification for each in planned])
    await store.add_deliveries(uow, [delivery for each in planned for delivery in each.deliveries])
    bulk = [(each.notification.id, "", uow.now) for each in planned if each.notification.waiting_recipients is not None]
    await outbox.add(uow, BULK, bulk)
    due = {
        channel for each in planned if each.notification.send_at <= uow.now for channel in each.notification.channels
    }
    wake_dispatchers(uow, *due, *([BULK] if bulk else []))


async def choose_template(uow: UnitOfWork, request: NotificationCreate) -> Chosen:
    """The published version, else the built-in one. Raises TemplateNotFound, TemplateUnpublished."""
    if request.template is None:
        return Chosen(None, None, None)
    published = await templates.published(uow, request.template)
    if published is not None:
        return Chosen(published.key, published.version, published.definition)
    if await templates.template(uow, request.template):
        raise TemplateUnpublished(f"Publish it first: POST /templates/{request.template}/publish.")
    definition = system_templates.definition(request.template)
    if definition is None:
        raise TemplateNotFound(f"There is no template `{request.template}`; GET /templates lists them.")
    return Chosen(request.template, None, definition)


def _require_data(template: Chosen, request: NotificationCreate) -> None:
    if template.definition is None:
        return
    channels = channels_of(request, template, request.everybody)
    if missing := missing_variables(template.definition, channels, request.data):
        errors = [FieldError(f"data.{name}", "is used by the template and has no value") for name in missing]
        raise MissingData(f"`data` lacks: {', '.join(missing)}.", errors=errors)


def channels_of(request: NotificationCreate, template: Chosen, recipients: Sequence[Recipient]) -> list[str]:
    """The channels asked for, else all that the template has and that can reach somebody. Raises NoChannel."""
    if request.channels is not None:
        return list(dict.fromkeys(request.channels))
    reachable = {channel for recipient in recipients for channel in default_channels(recipient)}
    written = template.definition["channels"] if template.definition else None
    channels: list[str] = [c for c in CHANNELS if c in reachable and (written is None or written.get(c))]
    if not channels:
        raise NoChannel("Name `channels`, or use a template that has a channel for these recipients.")
    return channels


def default_channels(recipient: Recipient) -> set[str]:
    """What is tried when nothing is said."""
    channels = set()
    if recipient.user_id:
        channels |= {"inApp", "email"}
    if recipient.email:
        channels.add("email")
    if recipient.push_subscription:
        channels.add("push")
    return channels


def unique(recipients: Sequence[Recipient]) -> list[Recipient]:
    """Each recipient once, the first mention counting."""
    return list({recipient_name(recipient): recipient for recipient in reversed(recipients)}.values())[::-1]


def recipient_name(recipient: Recipient) -> str:
    if recipient.user_id:
        return str(recipient.user_id)
    return recipient.email or (recipient.push_subscription.endpoint if recipient.push_subscription else "")


def make_notification(
    uow: UnitOfWork, request: NotificationCreate, template: Chosen, recipients: Sequence[Recipient]
) -> Notification:
    send_at = max(request.send_at or uow.now, uow.now)
    later = len(recipients) > EXPANDED_AT_ONCE
    default_category = template.definition["category"] if template.definition else "general"
    return Notification(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        key=request.key,
        template=template.key,
        template_version=template.version,
        content=request.content.model_dump(by_alias=True) if request.content else None,
        data=request.data,
        category=request.category or default_category,
        channels=channels_of(request, template, recipients),
        locale=request.locale,
        digest_key=request.digest_key,
        digest_id=None,
        status="expanding" if later else "scheduled" if send_at > uow.now else "queued",
        send_at=send_at,
        recipient_count=len(recipients),
        waiting_recipients=[dump_recipient(r) for r in recipients] if later else None,
        attachments=[a.model_dump(mode="json", by_alias=True) for a in request.attachments] or None,
        created_at=uow.now,
    )


def dump_recipient(recipient: Recipient) -> dict[str, Any]:
    return recipient.model_dump(mode="json", by_alias=True, exclude_none=True)


def plan_deliveries(uow: UnitOfWork, new: Notification, recipients: Sequence[Recipient]) -> Iterator[store.NewDelivery]:
    """One delivery for each recipient and channel."""
    for recipient in recipients:
        name = recipient_name(recipient)
        for channel in new.channels:
            yield store.NewDelivery(
                uow.new_id(), new.id, channel, name, recipient.user_id, _address(recipient, channel), new.category,
                new.send_at,
            )  # fmt: skip


def _address(recipient: Recipient, channel: str) -> str | None:
    if channel == "push" and recipient.push_subscription:
        return json.dumps(recipient.push_subscription.model_dump(mode="json", by_alias=True))
    return recipient.email if channel == "email" else None


async def expand(uow: UnitOfWork, notification_id: UUID, most: int) -> bool:
    """Make the next `most` recipients' deliveries of a bulk notification; whether there are more."""
    bulk = await store.notification(uow, notification_id, lock=True)
    if bulk is None or bulk.waiting_recipients is None:
        return False
    batch, rest = bulk.waiting_recipients[:most], bulk.waiting_recipients[most:]
    recipients = [Recipient.model_validate(each) for each in batch]
    await store.add_deliveries(uow, list(plan_deliveries(uow, bulk, recipients)))
    bulk.waiting_recipients = rest or None
    if not rest:
        bulk.status = "scheduled" if bulk.send_at > uow.now else "queued"
    wake_dispatchers(uow, *bulk.channels)
    return bool(rest)


async def cancel(uow: UnitOfWork, notification_id: UUID) -> Notification:
    """Stop what was not sent yet. Raises NotificationNotFound, NotCancellable when nothing is left to stop."""
    uow.actor.require(permissions.SEND)
    found = await require_notification(uow, notification_id, lock=True)
    if found.status == "canceled":
        return found
    queued = [d.id for d in await store.deliveries_of(uow, found.id, 100_000) if d.status == "queued"]
    stopped = await outbox.cancel(uow, queued)
    if not stopped and found.waiting_recipients is None:
        raise NotCancellable("Every delivery was sent, suppressed or given up already.")
    found.status, found.waiting_recipients = "canceled", None
    await outbox.settle(uow, [outbox.Settlement(each, "suppressed", "suppressed", "canceled") for each in stopped])
    return found


async def retry(uow: UnitOfWork, delivery_id: UUID) -> Delivery:
    """Try a delivery again that was given up. Raises DeliveryNotFound, NotRetryable."""
    uow.actor.require(permissions.SEND)
    found = await store.delivery(uow, delivery_id, lock=True)
    if found is None:
        raise DeliveryNotFound("GET /deliveries lists them.")
    if found.status != "failed":
        raise NotRetryable(f"Its status is {found.status}; only what failed can be tried again.")
    found.status, found.reason, found.attempts, found.updated_at = "queued", "retried_by_hand", 0, uow.now
    entry = {"at": uow.now.isoformat(), "outcome": "queued", "reason": "retried_by_hand"}
    found.trace = [*found.trace, entry]
    await uow.session.flush()
    await outbox.add(uow, found.channel, [(found.id, "", uow.now)])
    wake_dispatchers(uow, found.channel)
    return found


async def require_notification(uow: UnitOfWork, notification_id: UUID, *, lock: bool = False) -> Notification:
    found = await store.notification(uow, notification_id, lock=lock)
    if found is None:
        raise NotificationNotFound("GET /notifications lists them.")
    return found
