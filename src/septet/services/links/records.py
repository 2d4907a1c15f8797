"""The record of a click on its way to ClickHouse: one line, so that writing and reading it cost next to nothing.

    <tenant><link> NUL <source> NUL <milliseconds> NUL <visitor> NUL <variant> NUL <description> LF

A description is what the visitor's headers tell, fields between NULs. It stays one string until somebody needs its
fields: a few thousand descriptions make up nearly all clicks. Header values hold neither NUL nor line breaks, or they
would not be header values (RFC 9110). A batch is the hexadecimal id of its first click, and a line for each click.
"""

from collections.abc import Iterator
from typing import NamedTuple

from septet.services.links.visits import Visit

_RANDOM_BITS = (1 << 62) - 1


class RawClick(NamedTuple):
    """A click as it was recorded, not yet classified. `at`: milliseconds since 1970; `reference`: tenant and link."""

    id: int
    reference: bytes
    source: bytes
    at: int
    visitor: int
    variant: int
    description: bytes


def render_click(reference: bytes, visit: Visit, variant: int) -> bytes:
    """`reference`: a destination's, which is tenant, link and source."""
    return b"%b\0%d\0%b\0%d\0%b\0%b\0%b\0%b\0%b\0%d\n" % (
        reference,
        visit.at,
        visit.visitor.hex().encode(),
        variant,
        visit.user_agent,
        visit.referrer,
        visit.language,
        visit.country,
        visit.query,
        visit.tracked,
    )


def read_batch(batch: bytes) -> Iterator[RawClick]:
    """The clicks of a batch, each with an id that is the same however often the batch is read.

    Raises ValueError for what is no batch.
    """
    first, *lines = batch.split(b"\n")
    first_id = int(first, 16)
    for number, line in enumerate(lines[:-1]):
        reference, source, at, visitor, variant, description = line.split(b"\0", 5)
        yield RawClick(
            _id_after(first_id, number), reference, source, int(at), int(visitor, 16), int(variant), description
        )


def _id_after(first: int, number: int) -> int:
    """Counts within the 62 random bits, so that the id stays a UUIDv7 of the same millisecond."""
    return (first & ~_RANDOM_BITS) | ((first + number) & _RANDOM_BITS)
