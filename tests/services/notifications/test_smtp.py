"""SMTP servers that want TLS and a log-in, that pipeline or do not, and that say one thing and do another."""

import datetime as dt
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.services.notifications.conftest import Sink, platform_with, send, smtp_sink, trace_of

from septet.services.notifications.mail.smtp import MailDeferred, Mailer, MailRefused
from septet.services.notifications.settings import NotificationsSettings

HELLO = {"title": "Hello", "body": "there"}
USER, SECRET = "septet", "p@ss,w/rd"
IN_URL = "septet:p%40ss%2Cw%2Frd"
MESSAGE = ("septet@example.com", "ada@example.com", b"To: ada@example.com\r\nSubject: Hi\r\n\r\nthere\r\n")


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's context with a certificate for 127.0.0.1, which this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "server.pem"
    file.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def authenticate(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), SECRET.encode())
    return AuthResult(success=right, handled=False)  # else the server takes it that we answered


@asynccontextmanager
async def sent_through(directory: Path, name: str, url: str) -> AsyncIterator[list[tuple[str, str]]]:
    """One notification over these servers: its trace."""
    async with platform_with(directory, name, smtp_url=url) as platform:
        organization = await platform.organization()
        sent = await send(organization, content=HELLO, to={"email": "ada@example.com"})
        await platform.jobs_done()
        yield await trace_of(organization, sent, "email")


async def test_starttls_and_log_in_after_a_server_that_refuses_us(
    tmp_path: Path, worker_id: str, certificate: ssl.SSLContext
) -> None:
    wanted = {"authenticator": authenticate, "auth_required": True}
    async with (
        smtp_sink(tls=certificate, auth_require_tls=False, **wanted) as implicit,
        smtp_sink(tls_context=certificate, require_starttls=True, **wanted) as explicit,
    ):
        urls = f"smtps://{USER}:wrong@127.0.0.1:{implicit.port},smtp://{IN_URL}@127.0.0.1:{explicit.port}?starttls=true"
        async with sent_through(tmp_path, f"septet_starttls_{worker_id}", urls) as trace:
            assert trace[-1] == ("sent", "accepted_by_server")
        assert len(explicit.to("ada@example.com")) == 1
        assert implicit.accepted == []


async def test_tls_from_the_first_byte(certificate: ssl.SSLContext) -> None:
    wanted = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    async with smtp_sink(tls=certificate, **wanted) as sink, mailer(f"smtps://{IN_URL}@127.0.0.1:{sink.port}") as ours:
        assert await ours.send(*MESSAGE) == (f"127.0.0.1:{sink.port}", "taken")
        assert len(sink.to("ada@example.com")) == 1


async def test_a_server_without_starttls_gets_nothing_where_it_is_demanded() -> None:
    async with smtp_sink() as sink, mailer(f"smtp://127.0.0.1:{sink.port}?starttls=true") as ours:
        with pytest.raises(MailDeferred, match="STARTTLS"):
            await ours.send(*MESSAGE)
        assert sink.accepted == []


@pytest.mark.parametrize("pipelines", [True, False])
async def test_refusals_leave_the_connection_usable(pipelines: bool) -> None:
    async with smtp_sink(Sink(pipelines=pipelines)) as sink, mailer(f"smtp://127.0.0.1:{sink.port}") as ours:
        sender, to, raw = MESSAGE
        for _ in range(3):
            with pytest.raises(MailRefused, match="no such mailbox"):
                await ours.send(sender, "refused@example.com", raw)
            await ours.send(sender, to, raw)
        assert len(sink.to("ada@example.com")) == 3
        assert sink.connections == 1


async def test_lines_that_begin_with_a_dot_arrive_whole() -> None:
    async with smtp_sink() as sink, mailer(f"smtp://127.0.0.1:{sink.port}") as ours:
        raw = b"To: ada@example.com\r\nSubject: dots\r\n\r\n.one\r\n..two\r\n.\r\nthree\r\n"
        await ours.send("septet@example.com", "ada@example.com", raw)
        assert sink.accepted[0].get_content().splitlines() == [".one", "..two", ".", "three"]


async def test_an_address_cannot_smuggle_commands() -> None:
    async with smtp_sink() as sink, mailer(f"smtp://127.0.0.1:{sink.port}") as ours:
        for address in ("a@example.com>\r\nRCPT TO:<eve@example.com", "a b@example.com"):
            with pytest.raises(ValueError, match="address"):
                await ours.send("septet@example.com", address, b"x\r\n")
        assert set(sink.tries) == set()


@asynccontextmanager
async def mailer(url: str) -> AsyncIterator[Mailer]:
    """Our side alone, without a platform."""
    ours = Mailer(NotificationsSettings(smtp_url=url, mail_timeout_seconds=2))  # type: ignore[arg-type]
    try:
        yield ours
    finally:
        ours.close()
