"""The frame around every HTML mail, partials, and what turns HTML sources into what mail programs understand.

All of it happens on the sources, before values are put in, so it is done once per template and not once per recipient.
"""

import html
import re
from collections.abc import Mapping
from functools import lru_cache
from html.parser import HTMLParser

import css_inline
import mrml
from babel import Locale

from septet.services.notifications.templating.messageformat import MessageSyntaxError

_PARTIAL = re.compile(r"\{>\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*\}")
DEEPEST_PARTIALS = 10
LARGEST_EXPANSION = 500_000

FRAME = """<!doctype html>
<html lang="{>lang}" dir="{>direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {margin: 0; background: #f4f5f7; font-family: system-ui, sans-serif; color: #212529; line-height: 1.5}
.card {max-width: 560px; margin: 24px auto; background: #ffffff; border-radius: 8px; padding: 32px}
.head {font-weight: 600; font-size: 18px; margin-bottom: 16px}
.button {display: inline-block; background: {>color}; color: #ffffff; padding: 10px 20px; border-radius: 6px;
  text-decoration: none}
.foot {max-width: 560px; margin: 0 auto 24px; padding: 0 32px; color: #868e96; font-size: 13px}
.message {white-space: pre-line}
a {color: {>color}}
</style></head>
<body><div class="card"><div class="head">{>brand}</div>{>content}</div>
<div class="foot">{>footer}</div></body></html>"""


class CyclicPartial(MessageSyntaxError):
    """A partial includes itself, directly or through others."""


def expand_partials(source: str, partials: Mapping[str, str], within: tuple[str, ...] = ()) -> str:
    """Replace each `{>name}`. Raises CyclicPartial, MessageSyntaxError (unknown name, too large)."""

    def replace(match: re.Match[str]) -> str:
        name = match[1]
        if name in within:
            raise CyclicPartial(f"includes the partial `{name}` within itself: {' → '.join((*within, name))}")
        if name not in partials:
            raise MessageSyntaxError(f"includes the partial `{name}`, which does not exist")
        if len(within) >= DEEPEST_PARTIALS:
            raise MessageSyntaxError(f"nests partials deeper than {DEEPEST_PARTIALS}")
        return expand_partials(partials[name], partials, (*within, name))

    expanded = _PARTIAL.sub(replace, source)
    if len(expanded) > LARGEST_EXPANSION:
        raise MessageSyntaxError(f"is longer than {LARGEST_EXPANSION} characters with its partials")
    return expanded


def in_layout(body: str, layout: Mapping[str, str | None], partials: Mapping[str, str], locale: Locale) -> str:
    """The whole document, right-to-left where the language is, with its styles inlined."""
    product = html.escape(_literal(layout.get("productName") or "Septet"))
    logo = layout.get("logoUrl")
    brand = f'<img src="{html.escape(_literal(logo))}" alt="{product}" height="40">' if logo else product
    parts = {
        "lang": str(locale).replace("_", "-"),
        "direction": "rtl" if locale.character_order == "right-to-left" else "ltr",
        "color": layout.get("color") or "#3b5bdb",
        "brand": brand,
        "footer": html.escape(_literal(layout.get("footer") or "")),
    }
    content = expand_partials(body, partials)
    frame = expand_partials(layout.get("html") or FRAME, {**partials, **parts, "content": content})
    return inline_styles(frame)


def _literal(text: str) -> str:
    """Text that ICU must take as it is."""
    return text.replace("'", "''").replace("{", "'{'").replace("}", "'}'")


@lru_cache(maxsize=256)
def from_mjml(source: str) -> str:
    """MJML to HTML, by mrml. Raises MessageSyntaxError."""
    try:
        return mrml.to_html(source).content
    except (OSError, ValueError) as error:
        raise MessageSyntaxError(f"is no MJML: {error}") from None


def inline_styles(document: str) -> str:
    """Put rules of `<style>` into `style` attributes, which all mail programs understand; nothing is fetched."""
    return css_inline.inline(document, load_remote_stylesheets=False)


def to_text(source: str) -> str:
    """Plain text of an HTML source: paragraphs, lists, and links followed by their address."""
    reader = _TextReader()
    reader.feed(source)
    reader.close()
    lines = [re.sub(r"[ \t\r\f]+", " ", line).strip() for line in "".join(reader.written).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _TextReader(HTMLParser):
    _BLOCKS = frozenset(
        "p div h1 h2 h3 h4 h5 h6 ul ol table section article blockquote".split()  # noqa: SIM905 - a list reads worse
    )
    _UNSEEN = frozenset(("style", "script", "head", "title"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self._unseen = 0
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._UNSEEN:
            self._unseen += 1
        elif tag in self._BLOCKS:
            self.written.append("\n\n")
        elif tag in ("br", "tr"):
            self.written.append("\n")
        elif tag == "li":
            self.written.append("\n- ")
        elif tag == "a":
            self._links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in self._BLOCKS:
            self.written.append("\n\n")
        elif tag == "a" and self._links and (link := self._links.pop()):
            self.written.append(f" ({link})")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.written.append(data)


def without_partials(source: str) -> str:
    """The source with its inclusions left out, to look for variables."""
    return _PARTIAL.sub("", source)
