"""One application behind two servers, with the fast lane and without, and raw sockets to talk to both."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.responses import PlainTextResponse, RedirectResponse

from septet.kernel.fastlane import Answer, FastLane, HotRequest, HotRoute, render_headers

CLOSING = b"GET /ordinary HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
TEXT = b"content-type: text/plain; charset=utf-8\r\n"
QUIET_SECONDS = 0.15
LONG = 5.0  # for those who know that the server closes
QUIET_TWICE = 2  # when this process was held up, what came meanwhile is seen only after the first time-out


@dataclass
class Executions:
    """What ran, in order, in the lane or as an ordinary endpoint."""

    names: list[str] = field(default_factory=list)
    held: list[Answer] = field(default_factory=list)


def application(executions: Executions) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def decorate(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers["x-frame-options"] = "DENY"
        return response

    @app.post("/echo")
    async def echo(request: Request) -> Response:
        executions.names.append("echo")
        return PlainTextResponse(request.scope["query_string"] + b"|" + await request.body())

    @app.api_route("/later", methods=["POST"])
    async def later(request: Request) -> Response:
        executions.names.append("later")
        return PlainTextResponse(await request.body())

    @app.get("/s/{code}")
    async def redirect(code: str) -> Response:
        return RedirectResponse(f"https://example.org/{code}", 302)

    @app.api_route("/empty", methods=["GET", "HEAD"])
    async def empty() -> Response:
        return Response(status_code=204)

    @app.head("/sized")
    async def sized() -> Response:
        return PlainTextResponse("sized")

    @app.post("/rare")
    async def rare(request: Request) -> Response:
        executions.names.append("rare")
        return PlainTextResponse(b"rare:" + await request.body())

    @app.get("/ordinary")
    async def ordinary() -> Response:
        return PlainTextResponse("ordinary")

    return app


def hot_routes(executions: Executions) -> list[HotRoute]:
    def echo(request: HotRequest, answer: Answer) -> None:
        executions.names.append("echo")
        answer(200, TEXT, request.query + b"|" + request.body)

    def later(request: HotRequest, answer: Answer) -> None:
        executions.names.append("later")
        delay = int(request.headers.get(b"x-delay-ms", b"1")) / 1000
        asyncio.get_running_loop().call_later(delay, answer, 200, TEXT, request.body)

    def redirect(request: HotRequest, answer: Answer) -> None:
        code = request.path.removeprefix(b"/s/")
        if b"/" in code or not code.isalnum():
            answer.decline()
        else:
            answer(302, render_headers([(b"location", b"https://example.org/" + code)]))

    def rare(request: HotRequest, answer: Answer) -> None:
        if b"x-late" in request.headers:
            asyncio.get_running_loop().call_later(0.005, answer.decline)
        else:
            answer.decline()

    def broken(request: HotRequest, answer: Answer) -> None:
        raise ValueError("broken on purpose")

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("broken on purpose")

    return [
        HotRoute(b"POST", b"/echo", echo),
        HotRoute(b"POST", b"/later", later),
        HotRoute(b"GET", b"/s/*", redirect),
        HotRoute(b"GET", b"/empty", lambda request, answer: answer(204, b"")),
        HotRoute(b"HEAD", b"/empty", lambda request, answer: answer(204, b"")),
        HotRoute(b"HEAD", b"/sized", lambda request, answer: answer(200, TEXT, b"sized")),
        HotRoute(b"POST", b"/rare", rare),
        HotRoute(b"GET", b"/broken", broken),
        HotRoute(b"GET", b"/broken-later", lambda request, answer: answer.later(fail())),
        HotRoute(b"GET", b"/held", lambda request, answer: executions.held.append(answer)),
        HotRoute(b"GET", b"/big", lambda request, answer: answer(200, TEXT, b"x" * 262_144)),
    ]


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals belong to pytest


class Site:
    """One running server."""

    def __init__(self, lane: FastLane | None, executions: Executions, keep_alive_seconds: int) -> None:
        self.lane = lane
        self.executions = executions
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.address = self._listener.getsockname()
        config = uvicorn.Config(
            application(executions),
            http=lane or "httptools",  # type: ignore[arg-type]
            log_config=None,
            access_log=False,
            timeout_keep_alive=keep_alive_seconds,
        )
        self.server = _Server(config)

    async def start(self) -> None:
        self._serving = asyncio.create_task(self.server.serve([self._listener]))
        while not self.server.started:
            await asyncio.sleep(0.001)

    async def stop(self) -> None:
        self.server.should_exit = True
        await asyncio.wait_for(self._serving, 5)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self.address)

    async def exchange(
        self, pieces: Iterable[bytes], *, pause: float = 0, quiet_seconds: float = QUIET_SECONDS
    ) -> "Conversation":
        """Send `pieces` one by one; read until the server closes or has been quiet for a while."""
        reader, writer = await self.connect()
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)
        received, closed, quiet = b"", False, 0
        while not closed and quiet < QUIET_TWICE:
            try:
                data = await asyncio.wait_for(reader.read(1_000_000), quiet_seconds)
            except TimeoutError:
                quiet += 1
                continue
            except ConnectionError:
                break
            received, closed, quiet = received + data, not data, 0
        writer.close()
        return Conversation(parse_answers(received), closed)


@contextlib.asynccontextmanager
async def site(*, in_lane: bool = True, keep_alive_seconds: int = 5, **limits: float) -> AsyncIterator[Site]:
    executions = Executions()
    lane = None
    if in_lane:
        decorate = b"x-frame-options: DENY\r\n"
        lane = FastLane(hot_routes(executions), decorate=lambda _: decorate, **limits)  # type: ignore[arg-type]
    running = Site(lane, executions, keep_alive_seconds)
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


@dataclass(frozen=True)
class RawAnswer:
    status: int
    headers: tuple[tuple[bytes, bytes], ...]  # sorted, without Date
    body: bytes
    dated: bool


@dataclass(frozen=True)
class Conversation:
    answers: list[RawAnswer]
    closed: bool

    @property
    def statuses(self) -> list[int]:
        return [answer.status for answer in self.answers]

    @property
    def bodies(self) -> list[bytes]:
        return [answer.body for answer in self.answers]


def parse_answers(received: bytes) -> list[RawAnswer]:
    """Raises ValueError when the bytes are not whole answers, one after another."""
    answers = []
    while received:
        head, separator, received = received.partition(b"\r\n\r\n")
        if not separator:
            raise ValueError(f"a torn answer: {head!r}")
        line, *lines = head.split(b"\r\n")
        headers = [(name, value) for name, _, value in (each.partition(b": ") for each in lines)]
        status, named = int(line.split()[1]), dict(headers)
        length = int(named.get(b"content-length", b"0"))
        if named.get(b"content-type") is not None and len(received) < length and not received.startswith(b"HTTP/"):
            length = min(length, len(received))  # the answer to HEAD has a length and no body
        body, received = (
            (b"", received) if received.startswith(b"HTTP/1.1 ") else (received[:length], received[length:])
        )
        without_date = tuple(sorted(header for header in headers if header[0] != b"date"))
        answers.append(RawAnswer(status, without_date, body, b"date" in named))
    return answers


def request(method: str, target: str, body: bytes | None = None, *headers: str) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: x", *headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")
