"""One HTTP request to ClickHouse: who asks, with which parameters, and its body, decompressed."""

import base64
import binascii
import email.message
import hmac
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from septet.engines.clickhouse_server.codecs import decoder, negotiate
from septet.engines.clickhouse_server.refusals import refusal
from septet.engines.clickhouse_server.session import ExternalTable

BODY_LIMIT_BYTES = 64 * 1024 * 1024

# Parameters of the interface itself; every other one is a setting.
INTERFACE_PARAMETERS = frozenset(
    (
        "query",
        "query_id",
        "database",
        "default_format",
        "user",
        "password",
        "quota_key",
        "role",
        "session_id",
        "session_timeout",
        "session_check",
        "close_session",
        "stacktrace",
        "buffer_size",
        "wait_end_of_query",
        "compress",
        "decompress",
        "client_protocol_version",
        "enable_http_compression",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "cancel_http_readonly_queries_on_client_close",
    )
)


class Disconnected(Exception):
    """The client went away before its request was complete."""


@dataclass(slots=True)
class Request:
    """`query` is what the URL or form says; the statement is it and the body together."""

    method: str
    headers: Mapping[str, str]
    parameters: dict[str, str]
    query_id: str
    receive: Any
    tables: list[ExternalTable] = field(default_factory=list)
    gone: bool = False

    @property
    def query(self) -> bytes:
        """The statement, or its beginning, from the parameters."""
        text = self.parameters.get("query", "")
        return text.encode("utf-8", "surrogateescape") + b"\n" if text else b""

    @property
    def database(self) -> str:
        """The database to use; empty for the default one."""
        return self.parameters.get("database") or self.headers.get("x-clickhouse-database", "")

    @property
    def default_format(self) -> str:
        """The format of the answer when the statement names none."""
        named = self.parameters.get("default_format") or self.headers.get("x-clickhouse-format")
        return named or "TabSeparated"

    @property
    def settings(self) -> dict[str, str]:
        """ClickHouse settings and query parameters (`param_…`)."""
        tables = tuple(f"{table.name}_" for table in self.tables)
        return {
            name: value
            for name, value in self.parameters.items()
            if name not in INTERFACE_PARAMETERS and not (tables and name.startswith(tables))
        }

    @property
    def answer_encoding(self) -> str | None:
        """The content encoding of the answer, when the client asks for one."""
        if self.parameters.get("enable_http_compression") in ("1", "true"):
            return negotiate(self.headers.get("accept-encoding", ""))
        return None

    @property
    def whole_answer(self) -> bool:
        """Whether the answer must not begin before the query has ended."""
        return self.parameters.get("wait_end_of_query") in ("1", "true")

    async def body(self) -> AsyncIterator[bytes]:
        """The body, decompressed, as it comes in. Raises Disconnected, Refusal."""
        decode = decoder(self.headers.get("content-encoding", "").strip().lower())
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            chunk: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            if chunk:
                try:
                    yield decode(chunk) if decode else chunk
                except Exception as error:
                    raise refusal(354, "CANNOT_DECOMPRESS", f"The body cannot be decompressed: {error}") from error

    async def read_form(self) -> None:
        """Take parameters and external tables from a multipart body. Raises Disconnected, Refusal."""
        data = bytearray()
        async for chunk in self.body():
            data += chunk
            if len(data) > BODY_LIMIT_BYTES:
                raise refusal(62, "QUERY_IS_TOO_LARGE", f"A form may have at most {BODY_LIMIT_BYTES} bytes")
        for name, filename, content in _parts(self.headers["content-type"], bytes(data)):
            if filename is None:
                self.parameters[name] = content.decode("utf-8", "surrogateescape")
            else:
                self.tables.append(self._table(name, content))

    def _table(self, name: str, content: bytes) -> ExternalTable:
        structure = self.parameters.get(f"{name}_structure")
        if structure is None:
            types = self.parameters.get(f"{name}_types", "").split(",")
            structure = ", ".join(f"_{number} {type_}" for number, type_ in enumerate(types, 1))
        return ExternalTable(name, structure, self.parameters.get(f"{name}_format", "TabSeparated"), content)


def from_scope(scope: Mapping[str, Any], receive: Any) -> Request:
    """The request of an ASGI scope."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query_string = scope["query_string"].decode("latin-1")
    parameters = dict(parse_qsl(query_string, keep_blank_values=True, errors="surrogateescape"))
    query_id = parameters.get("query_id") or str(uuid.uuid4())
    return Request(scope["method"], headers, parameters, query_id, receive)


def authenticate(request: Request, user: str, token: str) -> None:
    """Compare what the request presents. Raises Refusal (REQUIRED_PASSWORD, AUTHENTICATION_FAILED)."""
    given_user, given_token = _credentials(request)
    if not given_token:
        raise refusal(194, "REQUIRED_PASSWORD", f"{given_user or 'default'}: Password required")
    same = hmac.compare_digest(given_token.encode(), token.encode())
    if not same or given_user not in (user, ""):
        raise refusal(516, "AUTHENTICATION_FAILED", f"{given_user}: Authentication failed: password is incorrect")


def _credentials(request: Request) -> tuple[str, str]:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return "", value.strip()
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return user, password
    if "x-clickhouse-key" in request.headers:
        return request.headers.get("x-clickhouse-user", ""), request.headers["x-clickhouse-key"]
    return request.parameters.get("user", ""), request.parameters.get("password", "")


def _parts(content_type: str, data: bytes) -> list[tuple[str, str | None, bytes]]:
    """Name, file name and content of every part of a multipart/form-data body (RFC 7578)."""
    boundary = _header("content-type", content_type).get_param("boundary")
    if not isinstance(boundary, str):
        raise refusal(36, "BAD_ARGUMENTS", "The multipart body names no boundary")
    parts = []
    for piece in (b"\r\n" + data).split(b"\r\n--" + boundary.encode())[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        disposition = next((line for line in head.decode().splitlines() if line.lower().startswith("content-disp")), "")
        fields = _header("content-disposition", disposition.partition(":")[2].strip())
        name = fields.get_param("name", header="content-disposition")
        filename = fields.get_param("filename", header="content-disposition")
        parts.append((str(name), None if filename is None else str(filename), content))
    return parts


def _header(name: str, value: str) -> email.message.Message:
    message = email.message.Message()
    message[name] = value
    return message
