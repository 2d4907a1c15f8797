"""Preferences: one's own, those behind an unsubscribe link, and the rules of categories."""

from typing import Any

from septet.kernel.errors import FieldError
from septet.kernel.uow import UnitOfWork
from septet.services.notifications import permissions
from septet.services.notifications.deciding.facts import BUILT_IN_CATEGORIES, CategoryRule, category_rules
from septet.services.notifications.errors import RequiredCategory
from septet.services.notifications.events import NotificationUnsubscribed
from septet.services.notifications.models import Preferences
from septet.services.notifications.schemas.preferences import (
    CategoryBody,
    ChannelChoice,
    PreferencesBody,
    QuietHours,
)
from septet.services.notifications.store import recipients as store
from septet.services.notifications.unsubscribing import Subject
from septet.services.notifications.webhooks.publishing import occurrence, publish


async def get(uow: UnitOfWork, recipient: str) -> PreferencesBody:
    """The recipient's preferences, or what holds for somebody who has set none."""
    found = (await store.preferences_of(uow, [recipient])).get(recipient)
    return as_body(found) if found else PreferencesBody()


async def put(uow: UnitOfWork, recipient: str, wish: PreferencesBody) -> PreferencesBody:
    """Replace the recipient's preferences. Raises RequiredCategory for one that cannot be turned off."""
    rules = await category_rules(uow)
    refused = [
        FieldError(f"categories.{name}", "is required and cannot be turned off")
        for name, choice in wish.categories.items()
        if (rules.get(name) or CategoryRule()).required and False in choice.model_dump().values()
    ]
    if refused:
        raise RequiredCategory("; ".join(f"`{each.field}` {each.message}" for each in refused), errors=refused)
    await store.save_preferences(uow, recipient, _columns(wish))
    return wish


def as_body(found: Preferences) -> PreferencesBody:
    quiet = None
    if found.quiet_start is not None and found.quiet_end is not None:
        quiet = QuietHours(start=found.quiet_start, end=found.quiet_end)
    return PreferencesBody(
        locale=found.locale,
        time_zone=found.time_zone or "UTC",
        quiet_hours=quiet,
        categories={name: ChannelChoice.model_validate(choice) for name, choice in found.categories.items()},
        opt_out=found.opt_out,
    )


def _columns(wish: PreferencesBody) -> dict[str, Any]:
    return {
        "locale": wish.locale,
        "time_zone": wish.time_zone,
        "quiet_start": wish.quiet_hours.start if wish.quiet_hours else None,
        "quiet_end": wish.quiet_hours.end if wish.quiet_hours else None,
        "categories": {
            name: choice.model_dump(by_alias=True, exclude_none=True) for name, choice in wish.categories.items()
        },
        "opt_out": wish.opt_out,
    }


async def unsubscribe(uow: UnitOfWork, subject: Subject) -> None:
    """Turn the e-mail of the link's category off. Required categories stay on, as their mails carry no link."""
    await uow.enter_tenant(subject.tenant_id)
    wish = await get(uow, subject.recipient)
    chosen = wish.categories.get(subject.category) or ChannelChoice()
    if chosen.email is False:
        return
    wish.categories[subject.category] = chosen.model_copy(update={"email": False})
    await store.save_preferences(uow, subject.recipient, _columns(wish))
    event = NotificationUnsubscribed(uow.tenant_id, subject.recipient, subject.category)
    await publish(uow, [occurrence(uow, event)])


async def choose_by_link(uow: UnitOfWork, subject: Subject, emails: dict[str, bool], *, opt_out: bool) -> None:
    """What the preference page sends: e-mail by category, and the global opt-out."""
    await uow.enter_tenant(subject.tenant_id)
    wish = await get(uow, subject.recipient)
    rules = await category_rules(uow)
    for name, wanted in emails.items():
        if not (rules.get(name) or CategoryRule()).required:
            chosen = wish.categories.get(name) or ChannelChoice()
            wish.categories[name] = chosen.model_copy(update={"email": wanted})
    wish.opt_out = opt_out
    await store.save_preferences(uow, subject.recipient, _columns(wish))


async def page_of(uow: UnitOfWork, subject: Subject) -> tuple[dict[str, bool], bool]:
    """E-mail by category as it is now, and the opt-out, for the preference page."""
    await uow.enter_tenant(subject.tenant_id)
    wish = await get(uow, subject.recipient)
    rules = await category_rules(uow)
    names = {subject.category, *wish.categories, *(name for name, rule in rules.items() if not rule.required)}
    emails = {name: (wish.categories.get(name) or ChannelChoice()).email is not False for name in sorted(names)}
    return emails, wish.opt_out


async def put_category(uow: UnitOfWork, name: str, rules: CategoryBody) -> None:
    uow.actor.require(permissions.CHANGE_TEMPLATES)
    await store.save_category(uow, name, rules.model_dump())


async def reset_category(uow: UnitOfWork, name: str) -> CategoryRule:
    """Back to the built-in rules, or to none."""
    uow.actor.require(permissions.CHANGE_TEMPLATES)
    await store.remove_category(uow, name)
    return BUILT_IN_CATEGORIES.get(name, CategoryRule())
