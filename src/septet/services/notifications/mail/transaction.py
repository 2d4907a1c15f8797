"""Mail transactions over an open SMTP connection (RFC 5321), in two round trips where the server pipelines (RFC 2920).

aiosmtplib connects, encrypts and logs in; then its protocol, which takes one answer at a time, gives way to this one.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import cast

from aiosmtplib import SMTP, SMTPResponse
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from septet.services.notifications.mail.mime import ascii_address

LONGEST_LINE, MOST_LINES = 8192, 100  # of an answer
COMPLETED, FORWARDED, GO_ON, CLOSING = 250, 251, 354, 421


class Transactions(asyncio.Protocol):
    """One connection; one message at a time. `timeout`: the longest wait for an answer, in seconds."""

    def __init__(self, client: SMTP, timeout: float) -> None:
        self._transport = cast(asyncio.Transport, client.transport)  # uvloop's only look like one
        self._timeout = timeout
        self._pipelining = client.supports_extension("pipelining")
        self._sizes = client.supports_extension("size")
        self._buffer = bytearray()
        self._lines: list[bytes] = []
        self._replies: deque[SMTPResponse] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._transport.set_protocol(self)

    @property
    def usable(self) -> bool:
        """Still open, and nothing was said unasked: a server that says goodbye does so."""
        return not (self._transport.is_closing() or self._replies or self._buffer)

    async def send(self, sender: str, to: str, raw: bytes) -> str:
        """The server's answer to a message whose lines end in CRLF.

        Raises SMTPSenderRefused, SMTPRecipientsRefused, SMTPDataError, SMTPServerDisconnected, TimeoutError,
        AddressUnsupported.
        """
        size = b" SIZE=%d" % len(raw) if self._sizes else b""
        commands = [
            b"MAIL FROM:<%b>%b\r\n" % (ascii_address(sender).encode(), size),
            b"RCPT TO:<%b>\r\n" % ascii_address(to).encode(),
            b"DATA\r\n",
        ]
        if refusal := await self._open(commands, sender, to):
            if not self._transport.is_closing():
                await self._say(b"RSET\r\n")
            raise refusal
        reply = await self._say(_stuffed(raw))
        if reply.code != COMPLETED:
            raise SMTPDataError(reply.code, reply.message)
        return reply.message

    async def _open(self, commands: Sequence[bytes], sender: str, to: str) -> SMTPException | None:
        """Announce the message; the server's refusal, or None when it waits for the message."""
        replies: list[SMTPResponse] = []
        if self._pipelining:
            self._transport.write(b"".join(commands))
            replies = [await self._reply() for _ in commands]
        else:
            while len(replies) < len(commands) and not _refusal(replies, sender, to):
                replies.append(await self._say(commands[len(replies)]))
        refusal = _refusal(replies, sender, to)
        if refusal and replies[-1].code == GO_ON:
            await self._say(b".\r\n")  # it wants a message in spite of its refusal: an empty one, which it refuses too
        return refusal

    async def _say(self, command: bytes) -> SMTPResponse:
        self._transport.write(command)
        return await self._reply()

    async def _reply(self) -> SMTPResponse:
        if not self._replies:
            if self._transport.is_closing():
                raise SMTPServerDisconnected("Connection lost")
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            expiry = loop.call_later(self._timeout, self._expire)
            try:
                await self._waiter
            finally:
                expiry.cancel()
        reply = self._replies.popleft()
        if reply.code == CLOSING:
            self._transport.close()
        return reply

    def _expire(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(TimeoutError(f"no answer within {self._timeout:g} seconds"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._lines.append(line[4:].strip())
            if line[3:4] != b"-":
                code = int(line[:3]) if line[:3].isdigit() else 500
                self._replies.append(SMTPResponse(code, b"\n".join(self._lines).decode("utf-8", "replace")))
                self._lines.clear()
        if len(self._buffer) > LONGEST_LINE or len(self._lines) > MOST_LINES:
            self._transport.abort()
        if self._replies and self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(SMTPServerDisconnected(str(error or "Connection lost")))

    def close(self, *, politely: bool = False) -> None:
        if politely and not self._transport.is_closing():
            self._transport.write(b"QUIT\r\n")
        self._transport.close()


def _refusal(replies: Sequence[SMTPResponse], sender: str, to: str) -> SMTPException | None:
    """What the first answer that is none of the expected ones means."""
    for number, (code, message) in enumerate(replies):
        if code in (COMPLETED, FORWARDED, GO_ON):
            continue
        if code == CLOSING:
            return SMTPResponseException(code, message)
        if number == 0:
            return SMTPSenderRefused(code, message, sender)
        if number == 1:
            return SMTPRecipientsRefused([SMTPRecipientRefused(code, message, to)])
        return SMTPDataError(code, message)
    return None


def _stuffed(raw: bytes) -> bytes:
    """With lines that begin with a dot marked, and the dot that ends the message (RFC 5321, section 4.5.2)."""
    stuffed = raw.replace(b"\r\n.", b"\r\n..")
    return (b"." + stuffed if stuffed.startswith(b".") else stuffed) + b".\r\n"
