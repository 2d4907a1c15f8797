"""A request as one row of ClickHouse's RowBinary, as `derivation.REQUEST_STRUCTURE` declares it."""

import struct
from uuid import UUID

from septet.services.logs.codecs import inflate
from septet.services.logs.queue import Entry

_NO_LIMIT = 1 << 40


def request_row(entry: Entry) -> bytes:
    """The whole request, decompressed, whose lines ClickHouse will find."""
    body = inflate(entry.body, entry.encoding, _NO_LIMIT)
    overrides = entry.policy.days_per_service
    return b"".join(
        [
            _uuid(entry.tenant),
            _uuid(entry.request),
            struct.pack("<q", received_ms(entry.request)),
            _string(entry.service.encode()),
            struct.pack("<H", entry.policy.days),
            _varint(len(overrides)),
            *(_string(service.encode()) + struct.pack("<H", days) for service, days in overrides.items()),
            _string(body),
        ]
    )


def received_ms(request: UUID) -> int:
    """When a request was accepted, in milliseconds since 1970: its id is a UUIDv7."""
    return request.int >> 80


def _uuid(value: UUID) -> bytes:
    return value.bytes[7::-1] + value.bytes[:7:-1]


def _string(data: bytes) -> bytes:
    return _varint(len(data)) + data


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
