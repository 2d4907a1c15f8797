"""Cursor pagination: `?limit=` (default 50, at most 200) and an opaque `cursor`; answers `{data, nextCursor}`.

A cursor holds the sort values of the last row seen, so pages stay correct while rows come and go.
"""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import Field

from septet.kernel.errors import BadParameter
from septet.kernel.wire import Wire

T = TypeVar("T")
R = TypeVar("R")

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200

Cursor = tuple[Any, ...]


class Page(Wire, Generic[T]):
    """One page of a list."""

    data: list[T] = Field(description="The items of this page, in the order asked for.")
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last page.")

    @classmethod
    def of(
        cls, rows: Sequence[R], query: "PageParameters", key: Callable[[R], Cursor], convert: Callable[[R], T]
    ) -> "Page[T]":
        """Make a page from `query.limit + 1` rows; `key` gives a row's sort values."""
        more = len(rows) > query.limit
        shown = rows[: query.limit]
        return cls(data=[convert(row) for row in shown], next_cursor=encode_cursor(key(shown[-1])) if more else None)


class PageParameters(Wire):
    """The two parameters of every list."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=LARGEST_LIMIT, description="How many items at most.")
    cursor: str | None = Field(None, max_length=2000, description="Where to go on: `nextCursor` of the page before.")

    @property
    def fetch(self) -> int:
        """How many rows to ask the database for: one more than wanted tells whether there is a next page."""
        return self.limit + 1

    def after(self, *types: Callable[[Any], Any]) -> Cursor | None:
        """The sort values to go on from, each read by its converter (`moment`, `UUID`, `str`, …).

        Raises BadParameter (400).
        """
        return decode_cursor(self.cursor, *types) if self.cursor is not None else None


def _page_parameters(
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT, description="How many items at most.")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=2000, description="`nextCursor` of the page before.")] = None,
) -> PageParameters:
    return PageParameters(limit=limit, cursor=cursor)


def moment(text: str) -> datetime:
    """A sort value that is a time."""
    return datetime.fromisoformat(text)


def encode_cursor(values: Cursor) -> str:
    text = json.dumps(
        [v.isoformat() if isinstance(v, datetime) else str(v) if isinstance(v, UUID) else v for v in values]
    )
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *types: Callable[[Any], Any]) -> Cursor:
    """Raises BadParameter (400) for anything that `encode_cursor` did not make."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(types):
            raise ValueError("other number of values")
        return tuple(None if value is None else kind(value) for kind, value in zip(types, values, strict=True))
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise BadParameter(
            "`cursor` is not one that this list gave out; leave it away to start from the beginning."
        ) from error


PageQuery = Annotated[PageParameters, Depends(_page_parameters)]
