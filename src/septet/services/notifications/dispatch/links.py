"""Links in mails, shortened where the organization wants to know whether they are followed (`layout.shortLinks`).

Never in mails about accounts: their links carry secrets, which are nobody's business but the reader's.
"""

import html
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from septet.kernel.uow import UnitOfWork
from septet.services.notifications.deciding.facts import branding_json
from septet.services.notifications.dispatch.judging import Letter
from septet.services.notifications.templating.rendering import Rendered

SOURCE = "mail:"
ACCOUNT = "account"
_IN_TEXT = re.compile(r"https?://[^\s<>\"()]+")
_IN_HTML = re.compile(r"(?<=\bhref=\")https?://[^\"]+(?=\")")


class Shortener(Protocol):
    """The service that knows short links."""

    async def shorten(self, uow: UnitOfWork, urls: Collection[str], *, source: str) -> Mapping[str, str]:
        """The short URL of each that may have one; its clicks are told with this source."""


class NothingIsShortened:
    """For an installation without short links."""

    async def shorten(self, uow: UnitOfWork, urls: Collection[str], *, source: str) -> Mapping[str, str]:
        return {}


_shortener: Shortener = NothingIsShortened()


def provide(shortener: Shortener) -> None:
    """Called once, by the integrations."""
    global _shortener
    _shortener = shortener


async def with_short_links(uow: UnitOfWork, letters: Sequence[Letter]) -> Sequence[Letter]:
    """The letters, their links replaced where the organization says so."""
    layout = json.loads(await branding_json(uow)).get("layout", {})
    if not layout.get("shortLinks"):
        return letters
    return [letter if letter.task.category == ACCOUNT else await _shortened(uow, letter) for letter in letters]


async def _shortened(uow: UnitOfWork, letter: Letter) -> Letter:
    rendered = letter.rendered
    found = set(_IN_TEXT.findall(rendered.body)) | {html.unescape(url) for url in _IN_HTML.findall(rendered.html or "")}
    if not found:
        return letter
    short = await _shortener.shorten(uow, sorted(found), source=f"{SOURCE}{letter.task.id}")
    return replace(letter, rendered=_replaced(rendered, short))


def _replaced(rendered: Rendered, short: Mapping[str, str]) -> Rendered:
    body = _IN_TEXT.sub(lambda url: short.get(url[0], url[0]), rendered.body)
    markup = rendered.html and _IN_HTML.sub(
        lambda url: html.escape(short.get(html.unescape(url[0]), html.unescape(url[0]))), rendered.html
    )
    return replace(rendered, body=body, html=markup)
