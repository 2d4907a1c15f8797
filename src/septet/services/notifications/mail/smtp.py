"""SMTP servers in order of preference, each with a pool of connections and a circuit breaker.

A server that does not answer, defers (4xx) or refuses us as a sender gives way to the next; an address that a server
refuses for good (5xx) is refused. A message whose connection breaks after its last byte may have been accepted: it is
sent again under the same Message-ID.
"""

import asyncio
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from septet.kernel.breaker import CircuitBreaker
from septet.kernel.errors import EngineUnavailable
from septet.services.notifications.mail.transaction import Transactions
from septet.services.notifications.settings import NotificationsSettings, split_urls

FAILURES_TO_OPEN = 3
RECOVERY_SECONDS = 10.0


class MailRefused(Exception):
    """The address will not be accepted however often it is tried; `code` is the server's answer."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(f"{code} {message}")


class MailDeferred(Exception):
    """No server took the message now. `attempted`: whether any was asked at all, or all breakers are open."""

    def __init__(self, message: str, *, attempted: bool) -> None:
        self.attempted = attempted
        super().__init__(message)


class SmtpServer:
    """One provider: `smtp://user:password@host:port`, `smtps://…`, `?starttls=true` to insist on encryption."""

    def __init__(self, url: str, connections: int, timeout: float) -> None:
        parts = urlsplit(url)
        self.name = f"{parts.hostname}:{parts.port or (465 if parts.scheme == 'smtps' else 587)}"
        self.breaker = CircuitBreaker(self.name, FAILURES_TO_OPEN, RECOVERY_SECONDS)
        self._options = {
            "hostname": parts.hostname,
            "port": parts.port or (465 if parts.scheme == "smtps" else 587),
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": parts.scheme == "smtps",
            "start_tls": _start_tls(parts.query) if parts.scheme == "smtp" else False,
            "timeout": timeout,
        }
        self._timeout = timeout
        self._free = asyncio.Semaphore(connections)
        self._idle: list[Transactions] = []

    async def send(self, sender: str, to: str, raw: bytes) -> str:
        """The server's answer. Raises aiosmtplib's errors, and EngineUnavailable while the server rests."""
        if self.breaker.state == "open":
            raise EngineUnavailable(self.name)
        async with self._free:
            # Asked when it is our turn: whoever waited behind a stalled server learns that it rests now.
            self.breaker.check()
            connection = await self._open()
            try:
                return await connection.send(sender, to, raw)
            except (SMTPResponseException, SMTPRecipientsRefused):
                raise  # an answer, after which the connection is as good as before
            except BaseException:
                connection.close()
                raise
            finally:
                self._put_back(connection)

    def _put_back(self, connection: Transactions) -> None:
        if connection.usable:
            self._idle.append(connection)
        else:
            connection.close()

    async def _open(self) -> Transactions:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
            connection.close()
        client = SMTP(**self._options)  # type: ignore[arg-type]
        await client.connect()
        return Transactions(client, self._timeout)

    def close(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close(politely=True)


class Mailer:
    """All servers of this process."""

    def __init__(self, settings: NotificationsSettings) -> None:
        self.servers = [
            SmtpServer(url, settings.mail_connections, settings.mail_timeout_seconds)
            for url in split_urls(settings.smtp_url)
        ]

    async def send(self, sender: str, to: str, raw: bytes) -> tuple[str, str]:
        """The name and answer of the server that took it. Raises MailRefused, MailDeferred."""
        troubles, attempted = [], False
        for server in self.servers:
            try:
                answer = await server.send(sender, to, raw)
            except EngineUnavailable:
                troubles.append(f"{server.name}: resting after failures")
            except (SMTPException, OSError, TimeoutError) as error:
                attempted = True
                troubles.append(f"{server.name}: {_told(error)}")
                _judge(server, error)
            else:
                server.breaker.succeeded()
                return server.name, answer
        raise MailDeferred("; ".join(troubles), attempted=attempted)

    def close(self) -> None:
        for server in self.servers:
            server.close()


def _judge(server: SmtpServer, error: Exception) -> None:
    """Count an outage against the server. Raises MailRefused when it is the message that is at fault."""
    answers = error.recipients if isinstance(error, SMTPRecipientsRefused) else [error]
    answered = [each for each in answers if isinstance(each, SMTPResponseException)]
    if not answered or isinstance(error, (SMTPAuthenticationError, SMTPSenderRefused)):
        server.breaker.failed()
        return
    server.breaker.succeeded()
    if 500 <= answered[0].code < 600:
        raise MailRefused(answered[0].code, str(answered[0].message)) from error


def _told(error: Exception) -> str:
    answers = error.recipients if isinstance(error, SMTPRecipientsRefused) else [error]
    first = answers[0] if answers else error
    if isinstance(first, SMTPResponseException):
        return f"{first.code} {first.message}"
    return f"{type(first).__name__}: {first}" if str(first) else type(first).__name__


def _start_tls(query: str) -> bool | None:
    """Demanded, forbidden, or (None) used when the server offers it."""
    wish = parse_qs(query).get("starttls", [""])[-1].lower()
    return {"true": True, "false": False}.get(wish)
