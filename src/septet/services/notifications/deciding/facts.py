"""Everything the rules look at, loaded for a whole batch of one tenant's deliveries with a handful of queries."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from septet.kernel.uow import UnitOfWork
from septet.services.notifications import system_templates
from septet.services.notifications.models import Delivery, Notification, Preferences
from septet.services.notifications.people import Person, directory
from septet.services.notifications.settings import NotificationsSettings
from septet.services.notifications.store import recipients, templates


@dataclass(frozen=True, slots=True)
class Task:
    """One delivery with what its notification says; also made up for a dry run. In the order of `_TASK`'s columns."""

    id: UUID
    channel: str
    recipient: str
    user_id: UUID | None
    address: str | None
    category: str
    status: str
    attempts: int
    notification_id: UUID
    template: str | None
    template_version: int | None
    content: dict[str, Any] | None
    data: dict[str, Any]
    locale: str | None
    digest_key: str | None
    digest_id: UUID | None
    notification_status: str
    attachments: list[dict[str, Any]] | None
    send_at: datetime


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """`required`: nobody can turn it off. `critical`: it passes quiet hours. Windows in seconds."""

    required: bool = False
    critical: bool = False
    throttle_limit: int | None = None
    throttle_window_seconds: int | None = None
    digest_window_seconds: int | None = None


BUILT_IN_CATEGORIES = {"account": CategoryRule(required=True, critical=True)}


@dataclass(frozen=True, slots=True)
class Facts:
    """About one tenant, now. Templates by (key, version); layout and partials as JSON."""

    now: datetime
    default_locale: str
    people: Mapping[UUID, Person]
    preferences: Mapping[str, Preferences]
    categories: Mapping[str, CategoryRule]
    suppressed: Mapping[str, str]
    templates: Mapping[tuple[str, int | None], dict[str, Any]]
    branding: str

    def rule(self, category: str) -> CategoryRule:
        return self.categories.get(category) or CategoryRule()

    def person(self, task: Task) -> Person | None:
        return self.people.get(task.user_id) if task.user_id else None

    def email(self, task: Task) -> str | None:
        """The address of a mail: the one given with the recipient, else the member's."""
        person = self.person(task)
        return task.address if task.address and task.channel == "email" else person.email if person else None


_TASK = (
    select(
        Delivery.id,
        Delivery.channel,
        Delivery.recipient,
        Delivery.user_id,
        Delivery.address,
        Delivery.category,
        Delivery.status,
        Delivery.attempts,
        Delivery.notification_id,
        Notification.template,
        Notification.template_version,
        Notification.content,
        Notification.data,
        Notification.locale,
        Notification.digest_key,
        Notification.digest_id,
        Notification.status.label("notification_status"),
        Notification.attachments,
        Notification.send_at,
    )
    .join(
        Notification,
        (Notification.tenant_id == Delivery.tenant_id) & (Notification.id == Delivery.notification_id),
    )
    .order_by(Delivery.id)
)


async def load_tasks(uow: UnitOfWork, delivery_ids: Sequence[UUID]) -> list[Task]:
    statement = _TASK.where(Delivery.tenant_id == uow.tenant_id, Delivery.id.in_(delivery_ids))
    rows = await uow.session.execute(statement)
    return [Task(*row) for row in rows]  # type: ignore[call-arg]


async def gather_facts(uow: UnitOfWork, tasks: Sequence[Task]) -> Facts:
    user_ids = list({task.user_id for task in tasks if task.user_id})
    people = await directory().people(uow, user_ids) if user_ids else {}
    emails = [email for task in tasks if (email := task.address if task.channel == "email" else None)]
    emails += [person.email for person in people.values()]
    return Facts(
        now=uow.now,
        default_locale=uow.settings(NotificationsSettings).default_locale,
        people=people,
        preferences=await recipients.preferences_of(uow, list({task.recipient for task in tasks})),
        categories=await category_rules(uow),
        suppressed=await recipients.suppressed(uow, emails) if emails else {},
        templates=await _templates(uow, {(t.template, t.template_version) for t in tasks if t.template}),
        branding=await branding_json(uow),
    )


async def category_rules(uow: UnitOfWork) -> dict[str, CategoryRule]:
    """The built-in rules, replaced by the tenant's own where it has some."""
    own = {
        row.name: CategoryRule(
            row.required, row.critical, row.throttle_limit, row.throttle_window_seconds, row.digest_window_seconds
        )
        for row in await recipients.categories(uow)
    }
    return BUILT_IN_CATEGORIES | own


async def branding_json(uow: UnitOfWork) -> str:
    found = await templates.branding(uow)
    return json.dumps({"layout": found.layout, "partials": found.partials}, sort_keys=True) if found else "{}"


async def _templates(
    uow: UnitOfWork, wanted: set[tuple[str, int | None]]
) -> dict[tuple[str, int | None], dict[str, Any]]:
    """Without a version it is a built-in one."""
    found: dict[tuple[str, int | None], dict[str, Any]] = {}
    for key, number in wanted:
        if number is None:
            definition = system_templates.definition(key)
        else:
            version = await templates.version(uow, key, number)
            definition = version.definition if version else None
        if definition is not None:
            found[key, number] = definition
    return found
