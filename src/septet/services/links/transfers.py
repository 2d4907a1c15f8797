"""Links from and to files: our own CSV, and what Bitly, YOURLS, Kutt and Shlink export (CSV, or their API's JSON)."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from pydantic import ValidationError

from septet.kernel.errors import InvalidInput, Problem
from septet.services.links.errors import UnreadableImport
from septet.services.links.models import Link
from septet.services.links.schemas import LinkCreate

Format = Literal["csv", "bitly", "yourls", "kutt", "shlink"]
EXPORTED = ["url", "alias", "title", "tags", "domain", "notes", "expiresAt", "maxClicks", "fallbackUrl", "createdAt"]
_OWN = {name.lower(): name for name in LinkCreate.model_json_schema()["properties"]}

# What the field is called elsewhere, in lower case without blanks, dashes and underscores.
_NAMES: dict[Format, dict[str, tuple[str, ...]]] = {
    "csv": {},
    "bitly": {
        "url": ("longurl", "longlink", "destination", "destinationurl"),
        "alias": ("custombitlinks", "custombitlink", "link", "bitlink", "shortlink", "id"),
        "title": ("title",),
        "tags": ("tags",),
    },
    "yourls": {"url": ("url", "longurl"), "alias": ("keyword", "shorturl"), "title": ("title",)},
    "kutt": {
        "url": ("target", "url", "originalurl"),
        "alias": ("address", "customurl", "link", "shortlink"),
        "title": ("description",),
        "expiresAt": ("expirein", "expiresat"),
    },
    "shlink": {
        "url": ("longurl",),
        "alias": ("shortcode",),
        "title": ("title",),
        "tags": ("tags",),
        "startsAt": ("validsince",),
        "expiresAt": ("validuntil",),
        "maxClicks": ("maxvisits",),
    },
}


def read(text: str, format: Format) -> Iterator[LinkCreate | Problem]:  # noqa: A002
    """Each row as a link to make, or why it cannot be one. Raises UnreadableImport."""
    for row in _rows(text):
        yield _link(_own_names(row) if format == "csv" else _translated(row, _NAMES[format]))


def _rows(text: str) -> Iterable[Mapping[str, Any]]:
    text = text.removeprefix("\ufeff").strip()
    if text[:1] in ("{", "["):
        try:
            return _first_list(json.loads(text))
        except ValueError as error:
            raise UnreadableImport(f"This begins like JSON but is none: {error}.") from None
    try:
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise UnreadableImport(f"This is no CSV: {error}.") from None
    if not rows:
        raise UnreadableImport("There is no row below the header; the first line must name the columns.")
    return rows


def _first_list(document: Any) -> list[Mapping[str, Any]]:
    """The links of an API's answer, wherever it wraps them (`links`, `data`, `shortUrls.data`, `links.link_1`)."""
    if isinstance(document, list):
        return [row for row in document if isinstance(row, dict)]
    if isinstance(document, dict):
        for name in ("shortUrls", "links", "data"):
            if name in document:
                return _first_list(document[name])
        rows: list[Mapping[str, Any]] = [value for value in document.values() if isinstance(value, dict)]
        if rows:
            return rows
    raise UnreadableImport("There is no list of links in this JSON.")


def _own_names(row: Mapping[str, Any]) -> dict[str, Any]:
    return {_OWN[name.lower()]: value for name, value in row.items() if name and name.lower() in _OWN}


def _translated(row: Mapping[str, Any], names: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        nested = value if isinstance(value, dict) else {name: value}
        flat |= {_plain(str(inner)): inner_value for inner, inner_value in nested.items()}
    found = {ours: next((flat[name] for name in theirs if flat.get(name)), None) for ours, theirs in names.items()}
    if alias := found.get("alias"):
        first = alias[0] if isinstance(alias, list) else alias
        found["alias"] = str(first).rstrip("/").rpartition("/")[2]
    if found.get("title"):
        found["title"] = str(found["title"])[:200]
    return found


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _link(values: dict[str, Any]) -> LinkCreate | Problem:
    given = {name: value for name, value in values.items() if value not in (None, "")}
    if isinstance(given.get("tags"), str):
        given["tags"] = [tag.strip() for tag in given["tags"].replace(",", "|").split("|") if tag.strip()]
    if isinstance(given.get("expiresAt"), str):
        given["expiresAt"] = _zoned(given["expiresAt"])
    if isinstance(given.get("startsAt"), str):
        given["startsAt"] = _zoned(given["startsAt"])
    try:
        return LinkCreate.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        return InvalidInput(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")


def _zoned(moment: str) -> str:
    """Times without a zone are UTC."""
    told = moment.strip().replace(" ", "T", 1)
    return told if told.endswith("Z") or "+" in told or told.count("-") > 2 or "T" not in told else told + "Z"


def write(links: Iterable[Link]) -> Iterator[str]:
    """CSV with a header, line by line. Cells that a spreadsheet would run as formulas begin with an apostrophe."""
    yield _line(EXPORTED)
    for link in links:
        values = (
            link.url,
            link.code,
            link.title,
            "|".join(link.tags),
            link.host,
            link.notes,
            link.expires_at.isoformat() if link.expires_at else "",
            link.max_clicks or "",
            link.fallback_url or "",
            link.created_at.isoformat(),
        )
        yield _line([_inert(str(value)) for value in values])


def _inert(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _line(values: Iterable[str]) -> str:
    target = io.StringIO()
    csv.writer(target, lineterminator="\r\n").writerow(values)
    return target.getvalue()
