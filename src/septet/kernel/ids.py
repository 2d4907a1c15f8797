"""Identifiers: UUIDv7 (RFC 9562), so that keys sort by creation and indexes stay compact."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
UUID_BASE62_LENGTH = 22


def uuid7(unix_ms: int, random_bytes: Callable[[int], bytes] = os.urandom) -> UUID:
    """A UUIDv7 of the moment `unix_ms` (milliseconds since 1970)."""
    value = (unix_ms & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(random_bytes(10))
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return UUID(int=value)


def uuid_to_base62(value: UUID) -> str:
    """22 letters and digits; what tokens carry where a bare UUID would need dashes."""
    number, digits = value.int, []
    for _ in range(UUID_BASE62_LENGTH):
        number, remainder = divmod(number, 62)
        digits.append(_ALPHABET[remainder])
    return "".join(reversed(digits))


def uuid_from_base62(text: str) -> UUID | None:
    """The reverse of `uuid_to_base62`; None for anything it cannot have made."""
    if len(text) != UUID_BASE62_LENGTH:
        return None
    number = 0
    for character in text:
        digit = _VALUES.get(character)
        if digit is None:
            return None
        number = number * 62 + digit
    return UUID(int=number) if number < 1 << 128 else None


def first_id_of(day: date) -> UUID:
    """No id that was made on this day (UTC) is less, and each of a day before is: ids begin with their time."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return UUID(int=int(midnight.timestamp() * 1000) << 80)
