"""Content encodings of ingest: gzip, deflate, zstd and snappy, each inflated to a limit and no further."""

import asyncio
import sys
import zlib
from collections.abc import Callable
from typing import TypeVar

from cramjam import DecompressionError, snappy

from septet.services.logs.errors import IngestBodyTooLarge, UnreadableEncoding

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

T = TypeVar("T")
LONGEST_BLOCKING = 128 * 1024
"""Bytes of a body that may be worked on without a thread: about a millisecond."""

_ANY_ZLIB_WRAPPER, _NO_WRAPPER = 47, -15
LIMIT_SETTING = "SEPTET_LOGS_MAX_INFLATED_BYTES"


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """The body as it was before `Content-Encoding`.

    Raises UnreadableEncoding (400) and IngestBodyTooLarge (413), the latter before more than `limit` bytes are made.
    """
    try:
        match encoding:
            case "" | "identity":
                data = body
            case "gzip" | "x-gzip":
                data = _inflate_zlib(body, limit, _ANY_ZLIB_WRAPPER)
            case "deflate":
                # RFC 9110 means zlib's wrapper; some clients send none.
                wrapped = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2]) % 31 == 0
                data = _inflate_zlib(body, limit, _ANY_ZLIB_WRAPPER if wrapped else _NO_WRAPPER)
            case "zstd":
                data = _inflate_zstd(body, limit)
            case "snappy":
                data = _inflate_snappy(body, limit)
            case _:
                raise UnreadableEncoding(f"`Content-Encoding: {encoding}` is none of gzip, deflate, zstd and snappy.")
    except (zlib.error, zstd.ZstdError, DecompressionError, EOFError, ValueError) as error:
        raise UnreadableEncoding(f"The body is not what `Content-Encoding: {encoding}` says: {error}.") from error
    if len(data) > limit:
        raise IngestBodyTooLarge(LIMIT_SETTING, limit)
    return data


def deflate(body: bytes) -> bytes:
    """How bodies wait in the queue: fast zstd."""
    return zstd.compress(body, level=1)


def _inflate_zlib(body: bytes, limit: int, window_bits: int) -> bytes:
    parts, made = [], 0
    while body and made <= limit:
        stream = zlib.decompressobj(window_bits)
        part = stream.decompress(body, limit + 1 - made)
        if not stream.eof and made + len(part) <= limit:
            raise EOFError("it ends too early")
        parts.append(part)
        made += len(part)
        body = stream.unused_data
    return b"".join(parts)


def _inflate_zstd(body: bytes, limit: int) -> bytes:
    parts, made = [], 0
    while body and made <= limit:
        stream = zstd.ZstdDecompressor()
        part = stream.decompress(body, limit + 1 - made)
        if not stream.eof and made + len(part) <= limit:
            raise EOFError("it ends too early")
        parts.append(part)
        made += len(part)
        body = stream.unused_data
    return b"".join(parts)


def _inflate_snappy(body: bytes, limit: int) -> bytes:
    """Raw snappy, as Loki's clients send it; the length stands in front."""
    if snappy.decompress_raw_len(body) > limit:
        raise IngestBodyTooLarge(LIMIT_SETTING, limit)
    return bytes(snappy.decompress_raw(body))


async def aside(size: int, work: Callable[[], T]) -> T:
    """Do it, in a thread where so many bytes would keep everybody else waiting."""
    return work() if size <= LONGEST_BLOCKING else await asyncio.to_thread(work)
