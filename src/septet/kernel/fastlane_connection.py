"""One client's connection in the fast lane, until it is handed over to uvicorn's own protocol."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import get_remote_addr
from uvicorn.server import ServerState

from septet.kernel.errors import InternalError, Problem
from septet.kernel.fastlane_head import RequestHead
from septet.kernel.fastlane_request import (
    Answer,
    HotRequest,
    HotRoute,
    render_answer,
    render_headers,
    render_problem,
)

if TYPE_CHECKING:
    from septet.kernel.fastlane import FastLane

READ_AHEAD_BYTES = 65536
logger = logging.getLogger(__name__)


class HeadTooLarge(Problem):
    status, code, title = 431, "head_too_large", "The request line and headers are too large"


class RequestTooSlow(Problem):
    status, code, title = 408, "request_too_slow", "The request did not arrive in time"


class LaneConnection(asyncio.Protocol):
    """One client's connection until it is handed over."""

    def __init__(
        self,
        lane: "FastLane",
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._lane, self._config, self._server_state = lane, config, server_state
        self._app_state, self._loop = app_state, loop
        self._head = RequestHead(lane.max_body)
        self._is_first = True
        self._line = b""
        self._buffer = b""  # from the first byte of the current request
        self._parts: list[bytes] = []  # of a body that is still arriving
        self._missing = 0
        self._route: HotRoute | None = None
        self._pending: Answer | None = None
        self._advancing = self._done = self._stopping = self._reading_paused = self._writing_paused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        peer = get_remote_addr(transport)
        self._peer = peer[0] if peer else ""
        self._server_state.connections.add(cast(Any, self))
        self._since = self._loop.time()
        self._lane.admit(self, self._loop)

    def data_received(self, data: bytes) -> None:
        self._lane.counts.bytes_in += len(data)
        if self._missing > 0:
            self._parts.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                return
            self._buffer = b"".join(self._parts)
            self._parts.clear()
        elif self._buffer:
            self._buffer += data
        else:
            self._buffer = data
            self._since = self._lane.now
        if self._pending is None:
            self._advance()
        if self._pending is not None or self._writing_paused:
            self._limit_read_ahead()

    def _limit_read_ahead(self) -> None:
        ahead = len(self._buffer) - (self._head.end if self._pending is not None else 0)
        if ahead > READ_AHEAD_BYTES and not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()

    def _advance(self) -> None:
        """Answer what has arrived, as far as each answer comes at once."""
        self._advancing = True
        while self._buffer and self._pending is None and not (self._done or self._writing_paused):
            if self._route is None and not self._read_head():
                break
            if len(self._buffer) < self._head.end:
                self._parts, self._missing = [self._buffer], self._head.end - len(self._buffer)
                break
            self._dispatch(cast(HotRoute, self._route))
        self._advancing = False

    def _read_head(self) -> bool:
        """Whether the head of a hot request is here; sets `_route`, `_line` and `_head`."""
        buffer = self._buffer
        line_end, head_end = buffer.find(b"\r\n"), buffer.find(b"\r\n\r\n") + 4
        if line_end >= 0:
            self._line = buffer[:line_end]
            self._route = self._lane.route_of(self._line)
            if self._route is None:
                self._hand_over()
                return False
        if (head_end if head_end >= 4 else len(buffer)) > self._lane.max_head:
            self._refuse(HeadTooLarge(f"Keep the request line and all headers within {self._lane.max_head} bytes."))
            return False
        if head_end < 4 and buffer.count(b"\n") == buffer.count(b"\r\n"):  # else a bare newline may end it for others
            self._route = None
            return False
        if head_end >= 4 and self._head.is_plain(buffer[:head_end]):
            return True
        self._hand_over()
        return False

    def _dispatch(self, route: HotRoute) -> None:
        """Give the request, now complete, to its route."""
        self._route = None
        head = self._head
        body = self._buffer[head.body_start : head.end]
        if body and not head.ends_with(body):
            self._hand_over()
            return
        target = self._line[len(route.method) + 1 : -len(b" HTTP/1.1")]
        request = HotRequest(route.method, target, head.headers, body, self._peer)
        if self._is_first:
            self._is_first = False
            self._lane.half_open.pop(self, None)
        self._lane.counts.requests += 1
        self._pending = answer = Answer(self, request)
        try:
            route.handle(request, answer)
        except Exception:
            logger.exception("the hot route %s failed", route.path)
            if answer.undecided:
                answer(*render_problem(InternalError()))

    def answer(self, request: HotRequest, status: int, headers: bytes, body: bytes) -> None:
        """Write an answer and go on with the next request; `Answer` calls this, once a request."""
        self._pending = None
        if self._is_gone():
            return
        if self._lane.decorate is not None:
            headers += self._lane.decorate(request)
        self._server_state.total_requests += 1
        self._write(
            status,
            headers,
            body,
            without_body=request.method == b"HEAD",
            close=self._stopping or not self._head.keep_alive,
        )
        if not self._done:
            self._buffer = self._buffer[self._head.end :]
            self._since = self._lane.now
            self._go_on()

    def _go_on(self) -> None:
        if self._reading_paused:
            self._reading_paused = False
            self._transport.resume_reading()
        if not self._advancing:
            self._advance()

    def _write(self, status: int, headers: bytes, body: bytes, *, without_body: bool = False, close: bool) -> None:
        data = render_answer(status, self._defaults() + headers, body, without_body=without_body, close=close)
        self._lane.counts.bytes_out += len(data)
        self._transport.write(data)
        if close:
            self._done = True
            self._transport.close()

    def _defaults(self) -> bytes:
        """Date and whatever else uvicorn adds to every answer; it makes a new list each second."""
        lane, current = self._lane, self._server_state.default_headers
        if lane.defaults[0] is not current:
            lane.defaults = current, render_headers(current)
        return lane.defaults[1]

    def _refuse(self, problem: Problem) -> None:
        self._write(*render_problem(problem), close=True)

    def decline(self) -> None:
        """Leave the current request to the ordinary endpoint; `Answer` calls this."""
        self._pending = None
        if not self._is_gone():
            self._lane.counts.declines += 1
            self._hand_over()

    def _hand_over(self) -> None:
        """Let uvicorn's own protocol serve this connection from the first byte of the current request on."""
        self._lane.counts.handovers += 1
        self._leave()
        protocol = HttpToolsProtocol(self._config, self._server_state, self._app_state, self._loop)
        protocol.connection_made(self._transport)
        self._transport.set_protocol(protocol)
        if self._reading_paused:
            self._transport.resume_reading()
        if self._writing_paused:
            protocol.pause_writing()
        buffer, self._buffer = self._buffer, b""
        protocol.data_received(buffer)
        if self._stopping:
            protocol.shutdown()

    def _is_gone(self) -> bool:
        """Whether nobody is there to answer; a write that failed shows in the transport before `connection_lost`."""
        self._done = self._done or self._transport.is_closing()
        return self._done

    def _leave(self) -> None:
        self._done = True
        self._server_state.connections.discard(cast(Any, self))
        self._lane.connections.discard(self)
        self._lane.half_open.pop(self, None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        self._pending = None
        self._head.release()

    def shutdown(self) -> None:
        """uvicorn stops: finish the request in hand, then close."""
        if self._pending is None:
            self._transport.close()
        self._stopping = True

    def pause_writing(self) -> None:
        self._writing_paused = True
        self._since = self._lane.now

    def resume_writing(self) -> None:
        self._writing_paused = False
        self._since = self._lane.now
        if self._pending is None and not self._done:
            self._go_on()

    def drop(self) -> None:
        """Too many others wait for their first request too."""
        self._leave()
        self._transport.abort()

    def check_patience(self, now: float) -> None:
        """End what takes too long: a request to arrive, an answer to be read, an idle connection."""
        waited = now - self._since
        if self._writing_paused:
            if waited > self._lane.request_seconds:
                self._transport.abort()
        elif self._pending is not None or self._done:
            return
        elif self._buffer:
            if waited > self._lane.request_seconds:
                self._refuse(RequestTooSlow(f"Send the whole request within {self._lane.request_seconds:g} seconds."))
        elif waited > self._config.timeout_keep_alive:
            self._transport.close()
