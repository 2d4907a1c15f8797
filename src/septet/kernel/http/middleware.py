"""What happens to every HTTP request: an id, log context, trace span, metrics, security headers."""

import json
import time
from itertools import count
from uuid import uuid4

from opentelemetry import propagate
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from septet.kernel import journal, telemetry
from septet.kernel.errors import BodyTooLarge
from septet.kernel.fastlane_request import HotRequest

LONGEST_REQUEST_ID = 128
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}

_TOO_LARGE = json.dumps(
    BodyTooLarge("The body is larger than this endpoint accepts (SEPTET_MAX_BODY_BYTES).").body()
).encode()
_PROBLEM_HEADERS = [
    (b"content-type", b"application/problem+json"),
    (b"content-length", str(len(_TOO_LARGE)).encode()),
    (b"connection", b"close"),
]


class Observed:
    """ASGI middleware, outermost. The request id is the client's `X-Request-Id` when it is sane, else a new one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _request_id(headers.get("x-request-id", ""))
        started = time.perf_counter()
        status = 500

        too_large = False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, too_large
            if message["type"] == "http.response.start":
                status = message["status"]
                too_large = status == 413 and _is_plain_text(message)
                if too_large:
                    message = {**message, "headers": _PROBLEM_HEADERS}
                answer = MutableHeaders(scope=message)
                answer["X-Request-Id"] = request_id
                for name, value in SECURITY_HEADERS.items():
                    answer.setdefault(name, value)
            elif too_large and message["type"] == "http.response.body":
                message = {"type": "http.response.body", "body": _TOO_LARGE}
            await send(message)

        context = propagate.extract(dict(headers))
        with (
            telemetry.bound(request_id=request_id, tenant=""),
            telemetry.tracer.start_as_current_span(f"{scope['method']} {scope['path']}", context),
        ):
            try:
                await self.app(scope, receive, send_with_headers)
            finally:
                _measure(scope, status, time.perf_counter() - started)


_SECURITY_LINES = b"".join(b"%b: %b\r\n" % (n.lower().encode(), v.encode()) for n, v in SECURITY_HEADERS.items())
_lane_prefix = uuid4().hex[:16].encode()
_lane_numbers = count()


def lane_headers(request: HotRequest) -> bytes:
    """The same headers for answers of the fast lane; ids are a random prefix of the process and a running number."""
    given = request.headers.get(b"x-request-id", b"").decode("latin-1")
    if given and _request_id(given) == given:
        return b"x-request-id: %b\r\n%b" % (given.encode(), _SECURITY_LINES)
    return b"x-request-id: %b%016x\r\n%b" % (_lane_prefix, next(_lane_numbers), _SECURITY_LINES)


def _is_plain_text(message: Message) -> bool:
    """The framework's own body limit answers in plain text; ours is a problem document like any other."""
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/plain")


def _request_id(given: str) -> str:
    return given if 0 < len(given) <= LONGEST_REQUEST_ID and given.isascii() and given.isprintable() else uuid4().hex


def _measure(scope: Scope, status: int, seconds: float) -> None:
    route = scope.get("septet.route", "other")
    service = scope.get("septet.service", "platform")
    telemetry.REQUESTS.labels(service, scope["method"], route, status).inc()
    telemetry.REQUEST_SECONDS.labels(service, route).observe(seconds)
    journal.note(
        "request",
        level="error" if status >= 500 else "warn" if status >= 400 else "info",
        method=scope["method"],
        route=route,
        status=status,
        ms=round(seconds * 1000, 2),
        actor=scope.get("septet.actor", ""),
    )
