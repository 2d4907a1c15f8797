"""The words of a delivery: which template, in which locale, with which values."""

from typing import Any

from septet.services.notifications import system_templates
from septet.services.notifications.deciding.facts import Facts, Task
from septet.services.notifications.deciding.quiet import zone
from septet.services.notifications.templating.messageformat import Language
from septet.services.notifications.templating.rendering import (
    ENGLISH,
    Rendered,
    choose_locale,
    render_message,
)


class NothingToSay(Exception):
    """The template has no text for the channel, or is gone."""


def compose(task: Task, facts: Facts, unsubscribe_url: str | None = None) -> Rendered:
    """Raises NothingToSay, MessageSyntaxError."""
    definition = _definition(task, facts)
    texts = definition["channels"].get("inApp" if task.channel == "webhook" else task.channel)
    texts = texts or (definition["channels"].get("email") if task.channel == "webhook" else None)
    if not texts:
        raise NothingToSay(f"the template `{task.template}` has no text for {task.channel}")
    preferences, person = facts.preferences.get(task.recipient), facts.person(task)
    wanted = [task.locale, preferences.locale if preferences else None, person.locale if person else None]
    locale, fallback = choose_locale([*wanted, facts.default_locale], list(texts), definition["defaultLocale"])
    language = Language(ENGLISH, zone(preferences.time_zone if preferences else None))
    channel = "email" if "subject" in texts[locale] else task.channel
    return render_message(
        channel,
        locale,
        texts[locale],
        _values(task, facts, unsubscribe_url),
        language,
        facts.branding,
        fallback=fallback,
    )


def _definition(task: Task, facts: Facts) -> dict[str, Any]:
    if task.template is None:
        plain = system_templates.definition(system_templates.PLAIN)
        assert plain is not None
        return plain
    found = facts.templates.get((task.template, task.template_version))
    if found is None:
        raise NothingToSay(f"the template `{task.template}` does not exist any more")
    return found


def _values(task: Task, facts: Facts, unsubscribe_url: str | None) -> dict[str, Any]:
    person = facts.person(task)
    content = task.content or {}
    link = content.get("link") or task.data.get("link")
    email = facts.email(task) or ""
    names = {"userName": person.name if person else email, "userEmail": email, "unsubscribeUrl": unsubscribe_url or ""}
    return names | task.data | content | {"link": link, "hasLink": "true" if link else "false"}
