"""A template's text for one recipient: the locale is chosen by a chain of fallbacks, the sources are compiled once.

Chain: the wanted locale, the same without region, the template's default, English, then whatever there is.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from babel import Locale

from septet.services.notifications.templating import layout
from septet.services.notifications.templating.messageformat import (
    Language,
    Message,
    find_locale,
    lookup,
    parse,
    render,
    variables,
)

ENGLISH = Locale("en")
_GAPS = re.compile(r"\n{3,}")
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
BUILT_IN = {"userName", "userEmail", "link", "unsubscribeUrl", "title", "body", "hasLink"}
"""Variables that need not be in the data."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished message. `title` is the subject of a mail, `html` only a mail's."""

    channel: str
    locale: str
    fallback: bool
    title: str
    body: str
    link: str | None
    html: str | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    title: Message
    body: Message
    link: Message | None
    html: Message | None


def choose_locale(wanted: Sequence[str | None], available: Sequence[str], default: str) -> tuple[str, bool]:
    """The best of `available` (not empty) for the first wanted locale that fits, and whether it is a fallback."""
    by_tag = {tag.lower().replace("_", "-"): tag for tag in available}
    wishes = [tag.lower().replace("_", "-") for tag in wanted if tag]
    for number, wish in enumerate(wishes):
        while wish:
            if wish in by_tag:
                return by_tag[wish], number > 0 or wish.partition("-")[0] != wishes[0].partition("-")[0]
            wish = wish.rpartition("-")[0]
    for tag in (default.lower().replace("_", "-"), "en"):
        if tag in by_tag:
            return by_tag[tag], bool(wishes)
    return available[0], bool(wishes)


def render_message(
    channel: str,
    locale: str,
    texts: Mapping[str, Any],
    data: dict[str, Any],
    language: Language,
    branding: str = "{}",
    *,
    fallback: bool = False,
) -> Rendered:
    """`texts`: the channel's texts in `locale`; `branding`: layout and partials as JSON.

    Raises MessageSyntaxError when a source cannot be parsed.
    """
    compiled = _compile(channel, locale, json.dumps(texts, sort_keys=True), branding)
    written_in = Language(find_locale(locale) or ENGLISH, language.zone)
    return Rendered(
        channel,
        locale,
        fallback,
        one_line(render(compiled.title, data, written_in)),
        _GAPS.sub("\n\n", render(compiled.body, data, written_in)),
        safe_link(render(compiled.link, data, written_in)) if compiled.link else None,
        render(compiled.html, data, written_in, markup=True) if compiled.html else None,
    )


@lru_cache(maxsize=1024)
def _compile(channel: str, locale: str, texts: str, branding: str) -> _Compiled:
    sources, brand = json.loads(texts), json.loads(branding)
    if channel != "email":
        link = sources.get("link")
        return _Compiled(parse(sources["title"]), parse(sources.get("body") or ""), parse(link) if link else None, None)
    markup, text = email_sources(sources, brand.get("layout") or {}, brand.get("partials") or {}, locale)
    return _Compiled(
        parse(sources["subject"]), parse(text), None, parse(markup, markup=True) if markup is not None else None
    )


def email_sources(
    sources: Mapping[str, Any], frame: Mapping[str, Any], partials: Mapping[str, str], locale: str
) -> tuple[str | None, str]:
    """A mail's HTML in its layout (None when it is plain) and its plain text. Raises MessageSyntaxError."""
    plain = layout.expand_partials(sources.get("text") or "", partials)
    if sources.get("mjml"):
        document = layout.from_mjml(layout.expand_partials(sources["mjml"], partials))
        return document, plain or layout.to_text(document)
    if sources.get("html") is None:
        return None, plain
    document = layout.in_layout(sources["html"], frame, partials, find_locale(locale) or ENGLISH)
    return document, plain or layout.to_text(layout.expand_partials(sources["html"], partials))


def missing_variables(definition: Mapping[str, Any], channels: Sequence[str], data: dict[str, Any]) -> list[str]:
    """Variables of these channels for which `data` has no value."""
    needed = _variables_of(json.dumps({c: definition["channels"].get(c) or {} for c in channels}, sort_keys=True))
    return sorted(name for name in needed if name.partition(".")[0] not in BUILT_IN and lookup(data, name) is None)


@lru_cache(maxsize=1024)
def _variables_of(channels: str) -> frozenset[str]:
    names: set[str] = set()
    for texts_by_locale in json.loads(channels).values():
        for texts in texts_by_locale.values():
            for field, source in texts.items():
                if source:
                    markup = field in ("html", "mjml")
                    names |= variables(parse(layout.without_partials(source), markup=markup))
    return frozenset(names)


def one_line(text: str) -> str:
    """Titles and subjects have one line, whatever the data holds: no header can be smuggled in."""
    return _BREAKS.sub(" ", text).strip()


def safe_link(link: str) -> str | None:
    """A link that leads to the web or stays on the site; None for anything else, such as `javascript:`."""
    link = link.strip()
    return link if link.startswith(("https://", "http://", "/")) and not link.startswith("//") else None
