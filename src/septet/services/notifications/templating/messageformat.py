"""ICU MessageFormat with CLDR's rules and formats (Babel): `{name}`, plural, selectordinal, select, number, date, time.

Messages are parsed once and formatted often. In HTML the values are escaped, and one that stands right behind `href="`
or `src="` must be a web, mail or telephone address. `<style>` elements are left alone, since CSS is full of braces.
"""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.numbers import format_currency, format_decimal, format_percent
from pyicumessageformat.parser import Parser

Node = str | dict[str, Any]
Message = tuple[Node, ...]

_STYLE = re.compile(r"(<style\b.*?</style\s*>|<mj-style\b.*?</mj-style\s*>)", re.IGNORECASE | re.DOTALL)
_IN_LINK = re.compile(r"""(?:href|src)\s*=\s*["']?$""", re.IGNORECASE)
_SAFE_LINK = re.compile(r"(?:https?://|mailto:|tel:|/(?!/)|#|$)", re.IGNORECASE)
_WIDTHS = {"short", "medium", "long", "full"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_FORMATS = {"number", "date", "time", "plural", "selectordinal", "select"}
LONGEST_SOURCE = 200_000


class MessageSyntaxError(ValueError):
    """The message cannot be parsed; the text says where."""


@dataclass(frozen=True, slots=True)
class Language:
    """For whom a message is formatted."""

    locale: Locale
    zone: tzinfo = UTC

    @property
    def tag(self) -> str:
        return str(self.locale).replace("_", "-")


@lru_cache(maxsize=512)
def find_locale(tag: str) -> Locale | None:
    """The CLDR locale of a BCP 47 tag; None for an unknown language."""
    try:
        return Locale.parse(tag, sep="-")
    except (ValueError, TypeError, LookupError):
        return None


@lru_cache(maxsize=2048)
def parse(source: str, *, markup: bool = False) -> Message:
    """Raises MessageSyntaxError."""
    if len(source) > LONGEST_SOURCE:
        raise MessageSyntaxError(f"is longer than {LONGEST_SOURCE} characters")
    nodes: list[Node] = []
    for number, part in enumerate(_STYLE.split(source) if markup else [source]):
        nodes += [part] if number % 2 else _parse_part(part)
    for node in _walk(nodes):
        if not _NAME.fullmatch(node["name"]) or node.get("type", "number") not in _FORMATS:
            raise MessageSyntaxError(f"has the placeholder `{{{node['name']}}}`, which is no variable or format of ICU")
    return tuple(nodes)


def _parse_part(source: str) -> list[Node]:
    try:
        nodes: list[Node] = Parser().parse(source)  # type: ignore[no-untyped-call]
    except SyntaxError as error:
        raise MessageSyntaxError(f"is no ICU message: {error}") from None
    return nodes


def _walk(nodes: Sequence[Node]) -> Iterator[dict[str, Any]]:
    """Every placeholder, those within plural and select forms included."""
    for node in nodes:
        if isinstance(node, dict):
            yield node
            for option in node.get("options", {}).values():
                yield from _walk(option)


def variables(message: Message) -> set[str]:
    return {node["name"] for node in _walk(message)}


def missing_plural_forms(message: Message, locale: Locale) -> list[tuple[str, list[str]]]:
    """For each plural that lacks forms which CLDR names for the language: its variable and those forms."""
    gaps = []
    for node in _walk(message):
        if node.get("type") in ("plural", "selectordinal"):
            rule = locale.plural_form if node["type"] == "plural" else locale.ordinal_form
            lacking = sorted((set(rule.tags) | {"other"}) - set(node["options"]))
            if lacking:
                gaps.append((node["name"], lacking))
    return gaps


def render(message: Message, data: dict[str, Any], language: Language, *, markup: bool = False) -> str:
    """The text for these values; a variable without a value is empty."""
    written: list[str] = []
    _render(message, data, language, _escape if markup else _plain, 0, written)
    return "".join(written)


Escape = Callable[[str, list[str]], str]


def _render(
    nodes: Sequence[Node], data: dict[str, Any], language: Language, escape: Escape, offset: int, written: list[str]
) -> None:
    for node in nodes:
        if isinstance(node, str):
            written.append(node)
        elif node.get("hash"):
            written.append(format_decimal(_number(lookup(data, node["name"])) - offset, locale=language.locale))
        elif "options" in node:
            chosen = _choose(node, lookup(data, node["name"]), language.locale)
            _render(chosen, data, language, escape, node.get("offset", 0), written)
        else:
            written.append(escape(_format(node, lookup(data, node["name"]), language), written))


def _plain(value: str, _: list[str]) -> str:
    return value


def _escape(value: str, written: list[str]) -> str:
    if written and _IN_LINK.search(written[-1][-16:]) and not _SAFE_LINK.match(value.strip()):
        return "#"
    return html.escape(value)


def lookup(data: dict[str, Any], path: str) -> Any:
    """`{user.name}` finds `data["user"]["name"]`, or `data["user.name"]`; None when there is neither."""
    if path in data:
        return data[path]
    found: Any = data
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _choose(node: dict[str, Any], value: Any, locale: Locale) -> Sequence[Node]:
    options = node["options"]
    if node["type"] == "select":
        name = str(value).lower() if isinstance(value, bool) else str(value)
        return options.get(name) or options["other"]  # type: ignore[no-any-return]
    number = _number(value)
    exact = options.get(f"={number.normalize():f}")
    if exact is not None:
        return exact  # type: ignore[no-any-return]
    rule = locale.plural_form if node["type"] == "plural" else locale.ordinal_form
    return options.get(rule(number - node.get("offset", 0))) or options["other"]  # type: ignore[no-any-return]


def _number(value: Any) -> Decimal:
    try:
        number = Decimal(str(value if value is not None else 0))
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() else Decimal(0)


def _format(node: dict[str, Any], value: Any, language: Language) -> str:
    kind, style = node.get("type"), node.get("format", "")
    if value is None:
        return ""
    if kind == "number":
        return _format_number(_number(value), style, language.locale)
    if kind in ("date", "time"):
        return _format_moment(kind, value, style, language)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return str(format_decimal(_number(value), locale=language.locale))
    return str(value)


def _format_number(value: Decimal, style: str, locale: Locale) -> str:
    if style == "percent":
        return str(format_percent(value, locale=locale))
    if style == "integer":
        return str(format_decimal(int(value), locale=locale))
    if style.startswith("::currency/"):
        return str(format_currency(value, style.removeprefix("::currency/"), locale=locale))
    return str(format_decimal(value, style if style and not style.startswith("::") else None, locale=locale))


def _format_moment(kind: str, value: Any, style: str, language: Language) -> str:
    moment = _moment(value)
    if moment is None:
        return str(value)
    locale = language.locale
    if isinstance(moment, datetime):
        moment = moment.astimezone(language.zone)
        if style.startswith("::"):
            return str(format_skeleton(style[2:], moment, locale=locale))
        if kind == "time":
            return str(format_time(moment, style if style in _WIDTHS else "short", locale=locale))
        if style == "dateTime":
            return str(format_datetime(moment, "medium", tzinfo=language.zone, locale=locale))
    return str(format_date(moment, style if style in _WIDTHS else "medium", locale=locale))


def _moment(value: Any) -> datetime | date | None:
    """From RFC 3339 text, a plain date, or milliseconds since 1970."""
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value / 1000, UTC)
        text = str(value)
        if len(text) == 10:
            return date.fromisoformat(text)
        parsed = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
