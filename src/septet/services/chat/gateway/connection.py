"""One WebSocket connection (RFC 6455): messages from frames, bounded output, orderly closing.

picows hands over frames and checks their headers; reserved bits, fragments, UTF-8 and the closing handshake are
checked here. What one turn of the event loop wants to send goes out as one write. `permessage-deflate` is not offered.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from picows import WSFrame, WSListener, WSMsgType, WSTransport

from septet.services.chat.frames import websocket_text
from septet.services.chat.gateway import closing
from septet.services.chat.gateway.closing import Closing
from septet.services.chat.settings import ChatSettings

CONGESTED_BYTES = 65_536
KERNEL_BUFFER_BYTES = 131_072
DIRECT_BYTES = 8192  # up to here picows copies a frame and hands it to the kernel without a detour by the event loop
CLOSE_SECONDS = 2.0
NORMAL = 1000


class Application(Protocol):
    """What a connection carries; see `session`."""

    def received(self, text: bytes) -> None: ...
    def throttled(self) -> None: ...
    def removed(self, room_id: UUID, status: str) -> None: ...
    def ended(self) -> None: ...


class Connection(WSListener):
    """Made by the server for each client; slots keep an idle one small."""

    __slots__ = (
        "_fragments",
        "_gone",
        "_limits",
        "_loop",
        "_output",
        "_refused",
        "_schedule",
        "_tokens",
        "_tokens_at",
        "_transport",
        "_writable",
        "application",
        "closed",
        "congested",
        "heard_at",
        "pinged",
    )

    def __init__(
        self, limits: ChatSettings, schedule: Callable[["Connection"], None], gone: Callable[["Connection"], None]
    ) -> None:
        """`schedule` is asked once, when there is output, to call `flush` at the end of this turn of the loop."""
        self.application: Application | None = None
        self.closed = self.congested = self.pinged = False
        self._limits = limits
        self._schedule = schedule
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._transport: WSTransport | None = None
        self._fragments: list[bytes] | None = None
        self._output: list[bytes] = []
        self._writable: asyncio.Future[None] | None = None
        self._tokens, self._tokens_at = float(limits.frame_burst), self._loop.time()
        self._refused = 0
        self.heard_at = self._tokens_at

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        transport.request.headers.clear()  # read by now, and kept as long as the connection otherwise
        transport.underlying_transport.set_write_buffer_limits(high=CONGESTED_BYTES)
        # Left alone, the kernel buffers megabytes for a client that reads nothing, which then looks healthy.
        peer: socket.socket = transport.underlying_transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self.heard_at = self._loop.time()
        self.pinged = False
        kind = frame.msg_type
        if kind == WSMsgType.CLOSE:
            self._peer_closes(transport, frame)
        elif self.closed:
            return
        elif frame.rsv1 or frame.rsv2 or frame.rsv3:
            self.close(closing.PROTOCOL_ERROR)
        elif kind == WSMsgType.TEXT:
            self._begin(frame)
        elif kind == WSMsgType.CONTINUATION:
            self._continue(frame)
        elif kind == WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        elif kind == WSMsgType.BINARY:
            self.close(closing.PROTOCOL_ERROR if self._fragments is not None else closing.BINARY)

    def _begin(self, frame: WSFrame) -> None:
        if self._fragments is not None:
            self.close(closing.PROTOCOL_ERROR)
        elif frame.fin:
            self._message(frame.get_payload_as_bytes())
        else:
            self._fragments = [frame.get_payload_as_bytes()]

    def _continue(self, frame: WSFrame) -> None:
        if self._fragments is None:
            self.close(closing.PROTOCOL_ERROR)
            return
        self._fragments.append(frame.get_payload_as_bytes())
        if sum(map(len, self._fragments)) > self._limits.max_frame_bytes:
            self.close(closing.TOO_BIG)
        elif frame.fin:
            whole, self._fragments = b"".join(self._fragments), None
            self._message(whole)

    def _message(self, text: bytes) -> None:
        try:
            text.decode()
        except UnicodeDecodeError:
            self.close(closing.INVALID_UTF8)
            return
        assert self.application is not None, "the server gives it before the first frame"
        if self._admitted():
            self.application.received(text)
        elif self._refused > self._limits.frame_burst:
            self.close(closing.FLOODING)
        else:
            self.application.throttled()

    def _admitted(self) -> bool:
        """A token bucket: a burst, then so many a second."""
        elapsed = self.heard_at - self._tokens_at
        self._tokens = min(self._limits.frame_burst, self._tokens + elapsed * self._limits.frames_per_second)
        self._tokens_at = self.heard_at
        if self._tokens < 1:
            self._refused += 1
            return False
        self._tokens -= 1
        self._refused = 0
        return True

    def _peer_closes(self, transport: WSTransport, frame: WSFrame) -> None:
        """Answer a close frame with the same code, once, and hang up."""
        if not self.closed:
            self.closed = True
            self._leave()
            transport.send_close(_answer_to_close(frame), b"")  # type: ignore[arg-type]
        transport.disconnect()

    def ping(self) -> None:
        """See whether the peer is there; `pinged` until it says anything."""
        if self._transport is not None and not self.closed:
            self.pinged = True
            self._transport.send_ping(b"")

    def send(self, *texts: bytes) -> None:
        """Send JSON frames at the end of this turn; who is too far behind is closed instead."""
        if self.closed:
            return
        if self.congested and self._waiting_bytes() > self._limits.buffer_bytes:
            self.close(closing.SLOW)
            return
        if not self._output:
            self._schedule(self)
        self._output += texts

    def flush(self) -> None:
        output = self._output
        if not output or self._transport is None:
            return
        if len(output) == 1 and len(output[0]) <= DIRECT_BYTES:
            self._transport.send(WSMsgType.TEXT, output[0])
        else:
            self._transport.underlying_transport.write(b"".join(map(websocket_text, output)))
        output.clear()

    def _waiting_bytes(self) -> int:
        assert self._transport is not None
        size: int = self._transport.underlying_transport.get_write_buffer_size()
        return size

    def pause_writing(self) -> None:
        self.congested = True

    def resume_writing(self) -> None:
        self.congested = False
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    async def drained(self) -> None:
        """Return when the client has taken most of what was sent, or is gone; for sending much at a client's pace."""
        self.flush()
        if self.congested and not self.closed:
            self._writable = self._writable or self._loop.create_future()
            await asyncio.shield(self._writable)
            self._writable = None

    def close(self, why: Closing, retry_after_ms: int | None = None) -> None:
        """Tell the client why, behind what waits for it, and hang up when it answers or after two seconds."""
        if self.closed or self._transport is None:
            return
        self.flush()
        self.closed = True
        self._transport.send_close(why.status, why.reason(retry_after_ms))  # type: ignore[arg-type]
        self._loop.call_later(CLOSE_SECONDS, self._transport.disconnect, False)
        self._leave()

    def abort(self) -> None:
        """Hang up without a word; for peers that are not there any more."""
        if self._transport is not None:
            self._transport.disconnect(False)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.closed = True
        self._leave()
        self._gone(self)

    def _leave(self) -> None:
        self.resume_writing()
        application, self.application = self.application, None
        if application is not None:
            application.ended()


def _answer_to_close(frame: WSFrame) -> int:
    """The peer's own code where it may be sent (RFC 6455, section 7.4), 1000 where there is none, else 1002."""
    if frame.rsv1 or frame.rsv2 or frame.rsv3:
        return closing.PROTOCOL_ERROR.status
    if not frame.payload_size:
        return NORMAL
    code = int.from_bytes(frame.get_payload_as_bytes()[:2])
    allowed = 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999
    return code if allowed else closing.PROTOCOL_ERROR.status
