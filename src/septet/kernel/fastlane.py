"""The fast lane: hot routes answered from an asyncio protocol, without ASGI; all else is uvicorn's, bytes untouched.

A connection starts here. A request that is plainly one of the registered routes is parsed by httptools (llhttp) and
given to the route's callback. Anything else (another route, chunked, Expect, Upgrade, HTTP/1.0, a repeated header,
anything odd) hands the connection over to uvicorn's own protocol for the rest of its life, from the first byte of that
request on. Requests of one connection are answered one after another, so a request that its route declines late is
handed over with everything behind it unseen. Each hot route also exists as an ordinary endpoint with the same answers.

    lane = FastLane([HotRoute(b"POST", b"/check", check), HotRoute(b"GET", b"/s/*", redirect)])
    uvicorn.Config(app, http=lane)
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from septet.kernel.fastlane_connection import LaneConnection
from septet.kernel.fastlane_request import Answer, HotRequest, HotRoute, render_headers

__all__ = ["Answer", "FastLane", "HotRequest", "HotRoute", "LaneCounts", "render_headers"]


@dataclass(slots=True)
class LaneCounts:
    """Since the process started, for metrics."""

    requests: int = 0
    declines: int = 0
    handovers: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


class FastLane:
    """What uvicorn calls for each connection. `decorate` gives header lines for every answer (request id, security).

    `max_head`, `max_body`: bytes; a longer head is refused (431), a longer body is the ordinary endpoint's to refuse.
    `request_seconds`: for a request to arrive, or an answer to be read. Idle connections end after uvicorn's
    `timeout_keep_alive`. `max_half_open`: connections without a first request; of more, the oldest is closed.
    """

    def __init__(
        self,
        routes: Sequence[HotRoute],
        *,
        decorate: Callable[[HotRequest], bytes] | None = None,
        max_head: int = 16_384,
        max_body: int = 1_048_576,
        request_seconds: float = 30.0,
        max_half_open: int = 2048,
    ) -> None:
        self.counts = LaneCounts()
        self.decorate = decorate
        self.max_head, self.max_body = max_head, max_body
        self.request_seconds, self.max_half_open = request_seconds, max_half_open
        self.now = 0.0  # the loop's time, as of the last sweep: reading it costs nothing
        self.connections: set[LaneConnection] = set()
        self.half_open: dict[LaneConnection, None] = {}
        keyed = [(route.method + b" " + route.path, route) for route in routes]
        self._exact = {key: route for key, route in keyed if not key.endswith(b"*")}
        self._whole_lines = {key + b" HTTP/1.1": route for key, route in self._exact.items()}
        self._prefixes = [(key[:-1], route) for key, route in keyed if key.endswith(b"*")]
        self._sweeping = False
        self.defaults: tuple[object, bytes] = (None, b"")  # uvicorn's default headers, and what they render to

    def __call__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> LaneConnection:
        if not config.loaded:
            config.load()
        return LaneConnection(self, config, server_state, app_state, _loop or asyncio.get_running_loop())

    def route_of(self, line: bytes) -> HotRoute | None:
        """The route of a request line, None when it is not plainly a hot one."""
        if route := self._whole_lines.get(line):
            return route
        key = line[:-9].partition(b"?")[0]
        if (
            not line.endswith(b" HTTP/1.1")
            or line.count(b" ") != 2
            or not line.isascii()
            or b"%" in key
            or b"#" in line
        ):
            return None
        if route := self._exact.get(key):
            return route
        return next((route for prefix, route in self._prefixes if key.startswith(prefix)), None)

    def admit(self, connection: LaneConnection, loop: asyncio.AbstractEventLoop) -> None:
        self.connections.add(connection)
        self.half_open[connection] = None
        if len(self.half_open) > self.max_half_open:
            next(iter(self.half_open)).drop()
        if not self._sweeping:
            self._sweep(loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = loop.time()
        for connection in list(self.connections):
            connection.check_patience(self.now)
        self._sweeping = bool(self.connections)
        if self._sweeping:
            loop.call_later(min(0.5, self.request_seconds / 4), self._sweep, loop)
