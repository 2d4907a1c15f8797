"""One HTTP answer, with the headers that clients of ClickHouse look for."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

from septet.engines.clickhouse_server.codecs import Encoder, encoder
from septet.engines.clickhouse_server.refusals import Refusal
from septet.engines.clickhouse_server.request import Request
from septet.engines.clickhouse_server.session import Outcome

DISPLAY_NAME = b"septet"
INLINE_COMPRESSION_BYTES = 64 * 1024
CONTENT_TYPES = {
    "TabSeparated": b"text/tab-separated-values; charset=UTF-8",
    "TSV": b"text/tab-separated-values; charset=UTF-8",
    "CSV": b"text/csv; charset=UTF-8; header=absent",
    "CSVWithNames": b"text/csv; charset=UTF-8; header=present",
    "JSON": b"application/json; charset=UTF-8",
    "JSONCompact": b"application/json; charset=UTF-8",
    "JSONEachRow": b"application/x-ndjson; charset=UTF-8",
}


class Answer:
    """Sends exactly one response for `request`."""

    def __init__(self, request: Request, send: Any, timezone: str) -> None:
        self._request = request
        self._send = send
        self._timezone = timezone
        self._began = time.monotonic_ns()
        self._tag = secrets.token_hex(8)
        self._encoder: Encoder | None = None

    async def whole(self, outcome: Outcome, fmt: str) -> None:
        """A complete result."""
        headers = self._headers(fmt, outcome)
        body = outcome.data
        if body and (encoding := self._request.answer_encoding):
            codec = encoder(encoding)
            body = await asyncio.to_thread(codec.compress, body) + codec.flush()
            headers.append((b"content-encoding", encoding.encode()))
        await self._finish(200, headers, body)

    async def stream(self, blocks: AsyncIterator[bytes], fmt: str) -> None:
        """A result as it comes. An error before its first block is told by the status, a later one in the body."""
        try:
            first = await anext(blocks, b"")
            second = await anext(blocks, b"") if first else b""
        except Refusal as error:
            await self.refuse(error)
            return
        if not second:
            await self.whole(Outcome(first), fmt)
            return
        headers = self._headers(fmt, Outcome())
        if encoding := self._request.answer_encoding:
            self._encoder = encoder(encoding)
            headers.append((b"content-encoding", encoding.encode()))
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._more(first)
        await self._more(second)
        try:
            async for block in blocks:
                await self._more(block)
        except Refusal as error:
            await self._more(self._exception(error))
        tail = self._encoder.flush() if self._encoder else b""
        await self._send({"type": "http.response.body", "body": tail})

    async def refuse(self, error: Refusal) -> None:
        """An error instead of a result."""
        headers = self._headers("", Outcome())
        headers.append((b"x-clickhouse-exception-code", str(error.code).encode()))
        await self._finish(error.status, headers, error.message.encode("utf-8", "replace") + b"\n")

    async def not_found(self) -> None:
        """There is nothing at this path."""
        await self._finish(404, self._headers("", Outcome()), b"There is no handle for this path.\n")

    async def _finish(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        headers.append((b"content-length", str(len(body)).encode()))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body if self._request.method != "HEAD" else b""})

    async def _more(self, data: bytes) -> None:
        if self._encoder is not None:
            small = len(data) <= INLINE_COMPRESSION_BYTES
            data = self._encoder.compress(data) if small else await asyncio.to_thread(self._encoder.compress, data)
        if data:
            await self._send({"type": "http.response.body", "body": data, "more_body": True})

    def _exception(self, error: Refusal) -> bytes:
        """The block that marks an answer as broken off, between tags that no data can contain by chance."""
        message = error.message.encode("utf-8", "replace") + b"\n"
        tag = self._tag.encode()
        return b"\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n" % (tag, message, len(message), tag)

    def _headers(self, fmt: str, outcome: Outcome) -> list[tuple[bytes, bytes]]:
        summary = {
            "read_rows": str(outcome.read_rows),
            "read_bytes": str(outcome.read_bytes),
            "written_rows": str(outcome.written_rows),
            "written_bytes": str(outcome.written_bytes),
            "total_rows_to_read": "0",
            "result_rows": str(outcome.written_rows),
            "result_bytes": str(outcome.written_bytes or len(outcome.data)),
            "elapsed_ns": str(time.monotonic_ns() - self._began),
        }
        headers = [
            (
                b"content-type",
                CONTENT_TYPES.get(fmt, b"application/octet-stream" if fmt else b"text/plain; charset=UTF-8"),
            ),
            (b"x-clickhouse-server-display-name", DISPLAY_NAME),
            (b"x-clickhouse-query-id", self._request.query_id.encode("latin-1", "replace")),
            (b"x-clickhouse-timezone", self._timezone.encode()),
            (b"x-clickhouse-exception-tag", self._tag.encode()),
            (b"x-clickhouse-summary", json.dumps(summary, separators=(",", ":")).encode()),
        ]
        return [*headers, (b"x-clickhouse-format", fmt.encode())] if fmt else headers
