"""From recorded clicks to rows of `link_clicks`: classified, described, and written as ClickHouse reads them fastest.

A row is put together from bytes that clicks share (the link, the verdict, the description) and forty of its own.
"""

import struct
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from septet.services.links.classification import Verdict, classify
from septet.services.links.descriptions import Description, describe
from septet.services.links.records import RawClick
from septet.services.links.store.clicks import COLUMNS

_MOST_REMEMBERED = 200_000
_LOW = (1 << 64) - 1
_OWN = struct.Struct("<qQQQBQ")


class Click(NamedTuple):
    """A click with its verdict."""

    raw: RawClick
    verdict: Verdict
    description: Description

    @property
    def id(self) -> UUID:
        return UUID(int=self.raw.id)

    @property
    def tenant_id(self) -> UUID:
        return UUID(self.raw.reference[:32].decode())

    @property
    def link_id(self) -> UUID:
        return UUID(self.raw.reference[32:].decode())


class Classifier:
    """Remembers when each visitor last clicked each link, to know duplicates. Clicks should come in order of time."""

    def __init__(self, duplicate_seconds: int) -> None:
        self._duplicate_ms = duplicate_seconds * 1000
        self._last: dict[tuple[bytes, int], int] = {}

    def judged(self, raw: RawClick) -> Click:
        description = describe(raw.description)
        since_last = self.since_last(raw.reference, raw.visitor, raw.at)
        return Click(raw, classify(description.program, since_last, self._duplicate_ms), description)

    def since_last(self, reference: bytes, visitor: int, at: int) -> int | None:
        """Milliseconds since this visitor's last click on this link, None when there is none to know of."""
        if not visitor:
            return None
        last = self._last.pop((reference, visitor), None)
        self._last[reference, visitor] = max(at, last or 0)
        if len(self._last) > _MOST_REMEMBERED:
            del self._last[next(iter(self._last))]
        return None if last is None else abs(at - last)


def encoded(click: Click, version: int) -> bytes:
    """A row in ClickHouse's RowBinary. Of two rows with one id, the one with the larger `version` counts."""
    raw = click.raw
    own = _OWN.pack(raw.at, raw.id >> 64, raw.id & _LOW, raw.visitor, raw.variant, version)
    return _reference(raw.reference) + own + _verdict(click.verdict) + _description(raw.description)


@lru_cache(20_000)
def _reference(reference: bytes) -> bytes:
    return struct.pack("<QQQQ", *(int(reference[start : start + 16], 16) for start in (0, 16, 32, 48)))


@lru_cache(10_000)
def _verdict(verdict: Verdict) -> bytes:
    return _text(verdict.classification) + _text(verdict.reason)


@lru_cache(20_000)
def _description(description: bytes) -> bytes:
    described = describe(description)
    return b"".join(_text(getattr(described, name)) for name in COLUMNS[COLUMNS.index("referrer") :])


def _text(value: str) -> bytes:
    """Its length as LEB128, and its bytes."""
    data = value.encode()
    length, prefix = len(data), bytearray()
    while length > 127:
        prefix.append(length & 127 | 128)
        length >>= 7
    return bytes([*prefix, length]) + data
