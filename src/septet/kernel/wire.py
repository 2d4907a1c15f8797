"""The shape of everything on the wire: camelCase names, unknown fields refused, no NUL characters."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

DateOrTime = TypeVar("DateOrTime", date, datetime)


class Wire(BaseModel):
    """Base of every request and response body. Built from rows and dataclasses by their attributes."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        from_attributes=True,
        extra="forbid",
        ser_json_timedelta="float",
    )


def _single_line(value: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("must not contain line breaks or control characters")
    return value


ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_single_line)
]
"""A name or title: one line, 1–200 characters, no surrounding blanks."""

_FIRST_YEAR, _LAST_YEAR = 1900, 2261  # as ClickHouse's DateTime64(9); and no arithmetic with them overflows


def in_reach(value: datetime) -> datetime:
    """The moment in UTC. Raises ValueError where it has no time zone, or is not one that every engine can store."""
    if value.tzinfo is None:
        raise ValueError("must have a time zone, such as 2030-01-31T08:00:00Z")
    _require_year(value)
    return value.astimezone(UTC)


def _require_year(value: DateOrTime) -> DateOrTime:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(f"must be from {_FIRST_YEAR} to {_LAST_YEAR}")
    return value


Day = Annotated[date, AfterValidator(_require_year)]
"""A day that is sent to us (RFC 3339's full-date), such that every engine can store it."""

Moment = Annotated[datetime, AfterValidator(in_reach)]
"""A time that is sent to us (RFC 3339), with its zone, and such that every engine can store it. In UTC once read."""

LongText = Annotated[str, StringConstraints(max_length=20_000)]
"""A description or comment: up to 20,000 characters."""

_EMAIL = re.compile(r"""[^@\s\x00-\x1f<>"(),:;]{1,64}@(?:[^@\s.\x00-\x1f<>"(),:;]+\.)+[^@\s.\x00-\x1f<>"(),:;]{2,}""")


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError("must be an e-mail address such as ada@example.com")
    return value


EmailAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, max_length=254),
    AfterValidator(_email),
    Field(description="An e-mail address; compared without regard to case.", examples=["ada@example.com"]),
]
"""An address of the form local@domain.tld, in lower case, at most 254 characters (RFC 5321)."""

Json = dict[str, Any]
