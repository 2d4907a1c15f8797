"""Templates: drafts, publishing, previews, layout and partials."""

import json
from typing import Any

from septet.kernel.uow import UnitOfWork
from septet.kernel.versions import etag_of, require_match
from septet.services.notifications import permissions, system_templates
from septet.services.notifications.deciding.facts import branding_json
from septet.services.notifications.deciding.quiet import zone
from septet.services.notifications.errors import TemplateExists, TemplateIncomplete, TemplateInvalid, TemplateNotFound
from septet.services.notifications.models import Json, Template, TemplateVersion
from septet.services.notifications.schemas.templates import TemplateCreate
from septet.services.notifications.store import templates as store
from septet.services.notifications.templating.completeness import find_gaps
from septet.services.notifications.templating.layout import expand_partials
from septet.services.notifications.templating.messageformat import Language, MessageSyntaxError, find_locale
from septet.services.notifications.templating.rendering import (
    ENGLISH,
    Rendered,
    choose_locale,
    missing_variables,
    render_message,
)


async def create_template(uow: UnitOfWork, new: TemplateCreate) -> Template:
    """A draft; publishing checks it. Raises TemplateExists."""
    uow.actor.require(permissions.CHANGE_TEMPLATES)
    template = Template(
        tenant_id=uow.tenant_id,
        key=new.key,
        draft=_definition(new),
        revision=1,
        published_version=None,
        created_at=uow.now,
        updated_at=uow.now,
    )
    if not await store.add_template(uow, template):
        raise TemplateExists(f"Change it instead: PUT /templates/{new.key}.")
    return template


async def change_template(uow: UnitOfWork, new: TemplateCreate, if_match: str | None) -> Template:
    """Replace the draft; what is published stays for now. Raises TemplateNotFound, PreconditionFailed."""
    uow.actor.require(permissions.CHANGE_TEMPLATES)
    template = await require_template(uow, new.key, lock=True)
    require_match(if_match, version_of(template))
    template.draft, template.revision, template.updated_at = _definition(new), template.revision + 1, uow.now
    await uow.session.flush()
    return template


async def delete_template(uow: UnitOfWork, key: str) -> None:
    """What was accepted with it is still sent. Raises TemplateNotFound."""
    uow.actor.require(permissions.CHANGE_TEMPLATES)
    await require_template(uow, key, lock=True)
    await store.remove_template(uow, key)


async def publish(uow: UnitOfWork, key: str) -> TemplateVersion:
    """Make the draft the version in use. Raises TemplateNotFound, TemplateIncomplete with the list of gaps."""
    uow.actor.require(permissions.CHANGE_TEMPLATES)
    template = await require_template(uow, key, lock=True)
    gaps = find_gaps(template.draft, json.loads(await branding_json(uow)))
    if gaps:
        told = "; ".join(f"`{gap.field}` {gap.message}" for gap in gaps[:5])
        raise TemplateIncomplete(f"{told}{' …' if len(gaps) > 5 else ''}", errors=gaps)
    template.published_version = await store.add_version(uow, key, template.draft)
    template.updated_at = uow.now
    await uow.session.flush()
    version = await store.version(uow, key, template.published_version)
    assert version is not None
    return version


async def preview(
    uow: UnitOfWork, key: str, locale: str, data: dict[str, Any], time_zone: str, *, published: bool
) -> tuple[list[Rendered], list[str]]:
    """Every channel's message, and the variables without a value. Raises TemplateNotFound, TemplateInvalid."""
    uow.actor.require(permissions.READ)
    definition = await _definition_of(uow, key, published=published)
    branding = await branding_json(uow)
    language = Language(find_locale(locale) or ENGLISH, zone(time_zone))
    link = data.get("link")
    values = {
        "userName": "Ada Lovelace",
        "userEmail": "ada@example.com",
        **data,
        "hasLink": "true" if link else "false",
    }
    channels = [channel for channel, texts in definition["channels"].items() if texts]
    try:
        messages = []
        for channel in channels:
            texts = definition["channels"][channel]
            chosen, fallback = choose_locale([locale], list(texts), definition["defaultLocale"])
            messages.append(
                render_message(channel, chosen, texts[chosen], values, language, branding, fallback=fallback)
            )
        return messages, missing_variables(definition, channels, data)
    except MessageSyntaxError as error:
        raise TemplateInvalid(f"The template {error}.") from None


async def _definition_of(uow: UnitOfWork, key: str, *, published: bool) -> dict[str, Any]:
    template = await store.template(uow, key)
    version = await store.published(uow, key) if published else None
    definition = version.definition if version else template.draft if template else system_templates.definition(key)
    if definition is None:
        raise _not_found(key)
    return definition


async def set_branding(uow: UnitOfWork, layout: Json, partials: Json) -> None:
    """Layout and partials, checked to fit together. Raises TemplateInvalid, for cycles too."""
    uow.actor.require(permissions.CHANGE_TEMPLATES)
    try:
        for name, source in partials.items():
            expand_partials(source, partials, (name,))
        if frame := layout.get("html"):
            filled = dict.fromkeys(("content", "lang", "direction", "color", "brand", "footer"), "")
            expand_partials(frame, {**partials, **filled})
    except MessageSyntaxError as error:
        raise TemplateInvalid(f"A partial or the layout {error}.") from None
    if layout.get("html") and "{>content}" not in layout["html"].replace(" ", ""):
        raise TemplateInvalid("`layout.html` must have `{>content}` where the mail's body goes.")
    await store.save_branding(uow, layout, partials)


async def require_template(uow: UnitOfWork, key: str, *, lock: bool = False) -> Template:
    found = await store.template(uow, key, lock=lock)
    if found is None:
        raise _not_found(key)
    return found


def version_of(template: Template) -> str:
    return etag_of(template.key, template.revision)


def _definition(new: TemplateCreate) -> Json:
    return new.model_dump(by_alias=True, exclude_none=True, mode="json")


def _not_found(key: str) -> TemplateNotFound:
    return TemplateNotFound(f"There is no template `{key}`; GET /templates lists them.")
