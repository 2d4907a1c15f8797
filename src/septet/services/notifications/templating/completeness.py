"""Whether a template may be published: every locale says everything, in every plural form that its language has."""

from collections.abc import Mapping
from typing import Any

from septet.kernel.errors import FieldError
from septet.services.notifications.templating.layout import without_partials
from septet.services.notifications.templating.messageformat import (
    MessageSyntaxError,
    find_locale,
    missing_plural_forms,
    parse,
    variables,
)
from septet.services.notifications.templating.rendering import email_sources


def find_gaps(definition: Mapping[str, Any], branding: Mapping[str, Any]) -> list[FieldError]:
    """Everything that keeps the template from being published; fields are `channel.locale.field`."""
    channels = {name: texts for name, texts in definition["channels"].items() if texts}
    if not channels:
        return [FieldError("channels", "is empty: write at least one channel in one locale")]
    locales = sorted({locale for texts in channels.values() for locale in texts} | {definition["defaultLocale"]})
    gaps: list[FieldError] = []
    for channel, texts in channels.items():
        gaps += [
            FieldError(f"{channel}.{locale}", "is missing: every channel needs the locales of all others")
            for locale in locales
            if locale not in texts
        ]
        gaps += _gaps_of_channel(channel, texts, branding)
    return gaps


def _gaps_of_channel(
    channel: str, texts: Mapping[str, Mapping[str, Any]], branding: Mapping[str, Any]
) -> list[FieldError]:
    gaps: list[FieldError] = []
    used: dict[str, set[str]] = {}
    for locale, fields in texts.items():
        if find_locale(locale) is None:
            gaps.append(FieldError(f"{channel}.{locale}", "is no locale that CLDR knows"))
            continue
        used[locale] = set()
        for field, source in fields.items():
            if source:
                gaps += _gaps_of_source(f"{channel}.{locale}.{field}", field, source, locale, used[locale])
        if channel == "email":
            gaps += _gaps_of_mail(f"email.{locale}", locale, fields, branding)
    every = set().union(*used.values()) if used else set()
    for locale, names in used.items():
        gaps += [
            FieldError(f"{channel}.{locale}", f"does not use the variable `{name}`, which other locales use")
            for name in sorted(every - names)
        ]
    return gaps


def _gaps_of_source(path: str, field: str, source: str, locale: str, used: set[str]) -> list[FieldError]:
    try:
        message = parse(without_partials(source), markup=field in ("html", "mjml"))
    except MessageSyntaxError as error:
        return [FieldError(path, str(error))]
    used |= variables(message)
    known = find_locale(locale)
    assert known is not None
    return [
        FieldError(path, f"lacks the plural forms {', '.join(forms)} of `{name}`, which {known.english_name} needs")
        for name, forms in missing_plural_forms(message, known)
    ]


def _gaps_of_mail(path: str, locale: str, fields: Mapping[str, Any], branding: Mapping[str, Any]) -> list[FieldError]:
    if not any(fields.get(name) for name in ("html", "mjml", "text")):
        return [FieldError(path, "has no body: write html, mjml or text")]
    if fields.get("html") and fields.get("mjml"):
        return [FieldError(path, "has both html and mjml: write one of them")]
    try:
        markup, text = email_sources(fields, branding.get("layout") or {}, branding.get("partials") or {}, locale)
        parse(markup or "", markup=True)
        parse(text)
    except MessageSyntaxError as error:
        return [FieldError(path, str(error))]
    return []
