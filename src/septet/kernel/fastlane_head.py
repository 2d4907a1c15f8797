"""The head of a request in the fast lane: is it so plain that nobody could read it in two ways?

Framing is checked twice: a request is taken only when our search for its end and llhttp agree on where it is.
"""

import httptools

_ODD_HEADERS = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"proxy-connection"})
_PERSISTENCE = {None: True, b"keep-alive": True, b"close": False}
_UNPARSABLE = (httptools.HttpParserError, httptools.HttpParserUpgrade)


class RequestHead:
    """Reused for all requests of a connection. The fields hold once `is_plain` said so; the body ends at `end`."""

    __slots__ = ("_complete", "_max_body", "_parser", "_repeated", "body_start", "end", "headers", "keep_alive")

    def __init__(self, max_body: int) -> None:
        self.headers: dict[bytes, bytes] = {}
        self.body_start = self.end = 0
        self.keep_alive = True
        self._max_body = max_body
        self._repeated = self._complete = False
        self._parser = httptools.HttpRequestParser(self)

    def is_plain(self, head: bytes) -> bool:
        """Whether `head`, up to and with the first empty line, is that of a request the lane may answer."""
        self.headers = {}
        self._repeated = self._complete = False
        try:
            self._parser.feed_data(head)
        except _UNPARSABLE:
            return False
        headers = self.headers
        connection = headers.get(b"connection")
        length = headers.get(b"content-length", b"0")
        if self._repeated or not length.isdigit() or not _ODD_HEADERS.isdisjoint(headers):
            return False
        if (keep_alive := _PERSISTENCE.get(connection and connection.lower())) is None:
            return False
        self.keep_alive = keep_alive
        self.body_start = len(head)
        self.end = len(head) + int(length)
        return self.end - len(head) <= self._max_body and self._complete == (self.end == len(head))

    def ends_with(self, body: bytes) -> bool:
        """Whether llhttp, too, sees the request end where this body does."""
        try:
            self._parser.feed_data(body)
        except _UNPARSABLE:
            return False
        return self._complete

    def release(self) -> None:
        """Break the cycle with the parser, so that memory is free as soon as the connection is gone."""
        del self._parser

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name in self.headers:
            self._repeated = True
        self.headers[name] = value

    def on_message_complete(self) -> None:
        self._complete = True
