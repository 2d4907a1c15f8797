"""Content encodings in both directions: lz4, zstd, gzip and deflate."""

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

import lz4.frame  # type: ignore[import-untyped]

from septet.engines.clickhouse_server.refusals import refusal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP = 31  # zlib's window bits for a gzip wrapper
PREFERENCE = ("lz4", "zstd", "gzip", "deflate")


class Encoder(Protocol):
    """Compresses a stream."""

    def compress(self, data: bytes) -> bytes: ...

    def flush(self) -> bytes: ...


def decoder(encoding: str) -> Callable[[bytes], bytes] | None:
    """A function that decompresses the next chunk; None for an identity encoding. Raises Refusal."""
    match encoding:
        case "" | "identity":
            return None
        case "lz4":
            return _Frames(lz4.frame.LZ4FrameDecompressor)
        case "zstd":
            return _Frames(zstd.ZstdDecompressor)
        case "gzip":
            return zlib.decompressobj(GZIP).decompress
        case "deflate":
            return zlib.decompressobj().decompress
    raise refusal(48, "NOT_IMPLEMENTED", f"Content-Encoding {encoding!r} is not supported")


def negotiate(accepted: str) -> str | None:
    """The encoding to answer with, the cheapest of those the client accepts."""
    names = {item.split(";")[0].strip() for item in accepted.split(",")}
    return next((name for name in PREFERENCE if name in names), None)


def encoder(encoding: str) -> Encoder:
    """A compressor for one answer, in an encoding that `negotiate` chose."""
    match encoding:
        case "lz4":
            return _Lz4Encoder()
        case "zstd":
            return zstd.ZstdCompressor(level=1)
        case "gzip":
            return zlib.compressobj(1, wbits=GZIP)
    return zlib.compressobj(1)


class _Frames:
    """Decompresses any number of concatenated frames, which is what clients send that compress block by block."""

    def __init__(self, new: Callable[[], "lz4.frame.LZ4FrameDecompressor | zstd.ZstdDecompressor"]) -> None:
        self._new = new
        self._current = new()

    def __call__(self, data: bytes) -> bytes:
        parts = []
        while data:
            if self._current.eof:
                self._current = self._new()
            parts.append(self._current.decompress(data))
            data = self._current.unused_data or b"" if self._current.eof else b""
        return b"".join(parts)


class _Lz4Encoder:
    def __init__(self) -> None:
        self._frame = lz4.frame.LZ4FrameCompressor()
        self._started = False

    def compress(self, data: bytes) -> bytes:
        header = b"" if self._started else bytes(self._frame.begin())
        self._started = True
        return header + bytes(self._frame.compress(data))

    def flush(self) -> bytes:
        header = b"" if self._started else bytes(self._frame.begin())
        return header + bytes(self._frame.flush())
