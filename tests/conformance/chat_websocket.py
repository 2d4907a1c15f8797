"""Raw WebSocket frames over a TCP connection: what well-behaved libraries refuse to send."""

import asyncio
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 0x1, 0x2, 0x8, 0x9, 0xA, 0x0
_REQUEST = (
    "GET / HTTP/1.1\r\nHost: chat\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, reserved: int = 0, masked: bool = True) -> bytes:
    """One frame, right or wrong, of a client."""
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    bit = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    elif len(payload) < 65536:
        head += struct.pack("!BH", bit | 126, len(payload))
    else:
        head += struct.pack("!BQ", bit | 127, len(payload))
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[position % 4] for position, byte in enumerate(payload))


@dataclass
class RawSocket:
    """Frames as (opcode, payload); a server's are neither masked nor fragmented."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))

    async def receive(self) -> tuple[int, bytes]:
        """The next frame. Raises IncompleteReadError at the end."""
        first, second = await self.reader.readexactly(2)
        assert first & 0xF0 == 0x80, "whole frames, no reserved bits"
        assert second < 0x80, "a server does not mask"
        size = second
        if size == 126:
            (size,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return first & 0xF, await self.reader.readexactly(size)

    async def close_code(self) -> int:
        """The code that the server closes with; it must hang up afterwards."""
        async with asyncio.timeout(5):
            opcode, payload = await self.receive()
            while opcode != CLOSE:
                opcode, payload = await self.receive()
            self.send(frame(CLOSE, payload[:2]))
            with suppress(ConnectionResetError):  # when it has hung up before our answer reaches it
                assert await self.reader.read() == b""
        return int.from_bytes(payload[:2])


@asynccontextmanager
async def raw_socket(port: int) -> AsyncIterator[RawSocket]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(_REQUEST.encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer
        assert b"permessage-deflate" not in answer
        yield RawSocket(reader, writer)
    finally:
        writer.close()
