"""What a hot route sees of the fast lane: the request, the answer it owes, and how answers look on the wire."""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE

from septet.kernel.errors import InternalError, Problem

_WITHOUT_LENGTH = frozenset({204, 304})
_running: set[asyncio.Task[None]] = set()  # the loop itself keeps no task alive
logger = logging.getLogger(__name__)


class HotRequest:
    """A request as it came: nothing is decoded. `headers` is keyed by lower-case names, each of which occurs once.

    `peer` is the address of the TCP peer, which may be a proxy; empty on a unix socket.
    """

    __slots__ = ("body", "headers", "method", "path", "peer", "query", "target")

    def __init__(self, method: bytes, target: bytes, headers: Mapping[bytes, bytes], body: bytes, peer: str) -> None:
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition(b"?")
        self.headers = headers
        self.body = body
        self.peer = peer


class Answering(Protocol):
    """The connection, as its answers see it."""

    def answer(self, request: HotRequest, status: int, headers: bytes, body: bytes) -> None: ...
    def decline(self) -> None: ...


class Answer:
    """Call it exactly once, now or later, or decline. Raises RuntimeError the second time.

    A client that has gone meanwhile is no error.
    """

    __slots__ = ("_connection", "request")

    def __init__(self, connection: Answering, request: HotRequest) -> None:
        self._connection: Answering | None = connection
        self.request = request

    @property
    def undecided(self) -> bool:
        return self._connection is not None

    def __call__(self, status: int, headers: bytes, body: bytes = b"") -> None:
        """`headers`: complete lines, as `render_headers` makes them. Date and Content-Length are added."""
        self._take().answer(self.request, status, headers, body)

    def decline(self) -> None:
        """Leave this request to the ordinary endpoint. Only while nothing has been changed for it."""
        self._take().decline()

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Answer from a task. An exception from it before it answers becomes a 500, so that nobody waits for ever."""
        task = asyncio.create_task(self._finish(work))
        _running.add(task)
        task.add_done_callback(_running.discard)

    async def _finish(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            logger.exception("the hot route of %s failed", self.request.path)
            if self.undecided:
                self(*render_problem(InternalError()))

    def _take(self) -> Answering:
        connection, self._connection = self._connection, None
        if connection is None:
            raise RuntimeError("this request has been answered already")
        return connection


@dataclass(frozen=True, slots=True)
class HotRoute:
    """`path`: exact, or a prefix when it ends with `*`; what follows the prefix may hold anything but `%` and `#`.

    `handle` must not block. An exception from it before it answers becomes a 500.
    """

    method: bytes
    path: bytes
    handle: Callable[[HotRequest, Answer], None]


def render_headers(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Header lines for an answer. Raises ValueError for a name or value that would break out of its line."""
    lines = []
    for name, value in headers:
        if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
            raise ValueError(f"{name!r}: {value!r} cannot be sent as a header")
        lines.append(b"%b: %b\r\n" % (name.lower(), value))
    return b"".join(lines)


def render_answer(status: int, headers: bytes, body: bytes, *, without_body: bool, close: bool) -> bytes:
    parts = [STATUS_LINE[status], headers]
    if status not in _WITHOUT_LENGTH:
        parts.append(b"content-length: %d\r\n" % len(body))
    parts.append(b"connection: close\r\n\r\n" if close else b"\r\n")
    if not without_body:
        parts.append(body)
    return b"".join(parts)


def render_problem(problem: Problem) -> tuple[int, bytes, bytes]:
    """Status, header lines and body of an RFC 9457 problem."""
    named = [(name.encode(), value.encode()) for name, value in problem.headers.items()]
    headers = render_headers([(b"content-type", b"application/problem+json"), *named])
    return problem.status, headers, json.dumps(problem.body(), ensure_ascii=False, separators=(",", ":")).encode()
