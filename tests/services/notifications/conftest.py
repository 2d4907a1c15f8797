"""Counterparts of the tests' own: an SMTP server that misbehaves on demand, and an HTTP receiver that does too."""

import asyncio
import os
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.conftest import fresh_settings
from tests.platform import Organization, Platform, running_platform

VERIFICATION = "Confirm your e-mail address"  # every account that a test signs up gets this mail too


@dataclass
class Sink:
    """An SMTP server. The recipient's local part tells it how to behave; `accepted` holds what it took."""

    port: int = 0
    accepted: list[EmailMessage] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    stalled: bool = False
    pipelines: bool = True
    connections: int = 0

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return [*responses[:-1], *(["250-PIPELINING"] if self.pipelines else []), responses[-1]]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tries[address] += 1
        if self.stalled or address.startswith("stalls"):
            await asyncio.sleep(3600)
        if address.startswith("refused"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("deferred") and self.tries[address] < 3:
            return "451 4.3.0 try again later"
        if address.startswith("drops") and self.tries[address] < 2:
            assert server.transport is not None
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        if message["subject"] != VERIFICATION:
            self.accepted.append(message)
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.accepted if message["To"] == address]


@asynccontextmanager
async def smtp_sink(sink: Sink | None = None, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[Sink]:
    """`tls`: encrypted from the first byte. `options` are aiosmtpd's."""
    sink = sink or Sink()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, loop=loop, enable_SMTPUTF8=True, **options), "127.0.0.1", 0, ssl=tls
    )
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()


@dataclass
class Call:
    """One request that the receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """An HTTP server. `answers[path]` gives the answers in order, the last one for ever; 204 where none are given."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    answers: dict[str, list[Callable[[], Awaitable[web.StreamResponse]] | int | dict[str, Any]]] = field(
        default_factory=dict
    )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(Call(request.path, {k.lower(): v for k, v in request.headers.items()}, await request.read()))
        queue = self.answers.get(request.path, [204])
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if answer == 0:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(answer, int):
            return web.Response(status=answer, text=f"answered {answer}")
        if isinstance(answer, dict):
            return web.Response(**answer)
        return await answer()

    def to(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", receiver.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield receiver
    finally:
        await runner.cleanup()


@pytest.fixture(scope="session")
async def sink() -> AsyncIterator[Sink]:
    async with smtp_sink() as sink:
        yield sink


@contextmanager
def settings_of_notifications(**settings: object) -> Iterator[None]:
    """Set in the environment while a platform starts, which reads them once."""
    names = {f"SEPTET_NOTIFICATIONS_{name.upper()}": str(value) for name, value in settings.items()}
    os.environ.update(names)
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]


@asynccontextmanager
async def platform_with(directory: Path, name: str, **settings: object) -> AsyncIterator[Platform]:
    """A platform whose notifications have these settings."""
    async with AsyncExitStack() as stack:
        with settings_of_notifications(**settings):
            urls = await stack.enter_async_context(fresh_settings(directory, name))
            platform = await stack.enter_async_context(running_platform(urls))
        yield platform


# Both clocks may be moved: every test has organizations, log-ins and addresses of its own.
@pytest.fixture(scope="session")
async def wired(tmp_path_factory: pytest.TempPathFactory, worker_id: str, sink: Sink) -> AsyncIterator[Platform]:
    """A platform whose mail goes to the sink, and which may call this machine."""
    settings = {"smtp_url": f"smtp://127.0.0.1:{sink.port}", "mail_timeout_seconds": 2, "webhook_allow_private": "true"}
    async with platform_with(tmp_path_factory.mktemp("wired"), f"septet_wired_{worker_id}", **settings) as platform:
        yield platform


@pytest.fixture(scope="session")
async def boxed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> AsyncIterator[Platform]:
    """A platform whose mail goes to the development mailbox."""
    async with platform_with(tmp_path_factory.mktemp("boxed"), f"septet_boxed_{worker_id}") as platform:
        yield platform


async def send(organization: Organization, **body: object) -> dict[str, Any]:
    """Send a notification with the owner's client; returns the answer."""
    answer = await organization.client.post("/notifications", json=body)
    assert answer.status_code == 202, answer.text
    accepted: dict[str, Any] = answer.json()
    return accepted


async def trace_of(organization: Organization, notification: dict[str, Any], channel: str) -> list[tuple[str, str]]:
    """The (outcome, reason) pairs of a notification on one channel."""
    answer = await organization.client.get(f"/notifications/{notification['id']}")
    assert answer.status_code == 200, answer.text
    return [(e["outcome"], e["reason"]) for e in answer.json()["trace"] if e["channel"] == channel]


async def mails_to(organization: Organization, address: str) -> list[dict[str, Any]]:
    """What the development mailbox holds for an address, oldest first, each as GET /mailbox/{id} shows it."""
    listed = (await organization.client.get("/mailbox", params={"to": address})).json()["data"]
    wanted = [mail for mail in reversed(listed) if mail["subject"] != VERIFICATION]
    return [(await organization.client.get(f"/mailbox/{mail['id']}")).json() for mail in wanted]
