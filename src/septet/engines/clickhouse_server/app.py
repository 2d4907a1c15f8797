"""The ASGI application: ClickHouse's HTTP interface over chDB.

A SELECT in a format without header or footer is streamed block by block, so that a result of any size needs little
memory; an INSERT's data is handed to chDB while it arrives and acknowledged when it is written and synced. A client
that goes away cancels its SELECT; anything else runs to its end, as on a ClickHouse server.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from septet.engines.clickhouse_server.answer import Answer
from septet.engines.clickhouse_server.refusals import Refusal, refusal
from septet.engines.clickhouse_server.request import BODY_LIMIT_BYTES, Disconnected, Request, authenticate, from_scope
from septet.engines.clickhouse_server.session import Database, ExternalTable, Outcome, Session
from septet.engines.clickhouse_server.statement import Statement, parse

HEAD_BYTES = 64 * 1024
INSERT_CHUNK_BYTES = 1024 * 1024
STREAM_CHUNK_BYTES = 256 * 1024
STREAMED_FORMATS = frozenset(("Native", "RowBinary", "TabSeparated", "TSV", "CSV", "JSONEachRow"))
HEALTH_PATHS = ("/ping", "/replicas_status")
INPUT_CALL = re.compile(rb"""\binput\s*\(\s*'((?:[^'\\]|\\.)*)'\s*\)""", re.IGNORECASE)
INPUT_TABLE = "_input"
ESCAPED = re.compile(rb"\\(.)")
QUERY_ID = re.compile(rb"\bquery_id\b")

T = TypeVar("T")


class Application:
    """Answers HTTP for one `Database`; at most `threads` chDB calls run at once, the rest wait their turn."""

    def __init__(self, database: Database, user: str, token: str, threads: int) -> None:
        self._database = database
        self._user = user
        self._token = token
        self._workers = ThreadPoolExecutor(threads, "chdb")
        self._killers = ThreadPoolExecutor(1, "chdb-kill")  # must not wait behind what it is to kill

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """One request (ASGI)."""
        request = from_scope(scope, receive)
        answer = Answer(request, send, self._database.timezone)
        try:
            if scope["path"] in HEALTH_PATHS or (scope["path"] == "/" and not _has_query(request)):
                await answer.whole(Outcome(b"Ok.\n"), "TabSeparated")
            elif scope["path"] != "/":
                await answer.not_found()
            else:
                authenticate(request, self._user, self._token)
                await self._serve(request, answer)
        except Refusal as error:
            await answer.refuse(error)
        except Disconnected:
            pass

    async def _serve(self, request: Request, answer: Answer) -> None:
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            await request.read_form()
            body = _nothing()
        else:
            body = request.body()
        text = bytearray(request.query)
        await _read(body, text, HEAD_BYTES)
        statement = parse(bytes(text))
        session = await self._call(
            self._database.open, request.query_id, request.database, request.settings, request.tables
        )
        try:
            if statement.data is not None and statement.format is not None:
                outcome = await self._insert(session, statement.data, statement.format, text, body)
                return await answer.whole(outcome, statement.format)
            await _read(body, text, BODY_LIMIT_BYTES)
            if len(text) >= BODY_LIMIT_BYTES:
                raise refusal(62, "QUERY_IS_TOO_LARGE", f"A statement may have at most {BODY_LIMIT_BYTES} bytes")
            statement = parse(bytes(text))
            await self._run(session, statement, bytes(text), request, answer)
        finally:
            await asyncio.shield(self._call(session.close))

    async def _insert(
        self, session: Session, data: tuple[bytes, int], fmt: str, text: bytearray, body: AsyncIterator[bytes]
    ) -> Outcome:
        insert, offset = data
        del text[:offset]
        if call := INPUT_CALL.search(insert):
            return await self._insert_select(session, insert, call, fmt, text, body)
        await self._call(session.begin_insert, insert, fmt)
        async for chunk in body:
            text += chunk
            if len(text) >= INSERT_CHUNK_BYTES:
                await self._call(session.append, bytes(text))
                text.clear()
        if text:
            await self._call(session.append, bytes(text))
        return await self._call(session.finish_insert)

    async def _insert_select(
        self,
        session: Session,
        insert: bytes,
        call: re.Match[bytes],
        fmt: str,
        text: bytearray,
        body: AsyncIterator[bytes],
    ) -> Outcome:
        """INSERT … SELECT … FROM input('structure'), which chDB lacks: its data becomes a temporary table first."""
        async for chunk in body:
            text += chunk
        structure = ESCAPED.sub(rb"\1", call[1]).decode()
        await self._call(session.add_table, ExternalTable(INPUT_TABLE, structure, fmt, bytes(text)))
        statement = insert[: call.start()] + INPUT_TABLE.encode() + insert[call.end() :]
        return await self._call(session.run, statement, "TabSeparated")

    async def _run(self, session: Session, statement: Statement, text: bytes, request: Request, answer: Answer) -> None:
        if not statement.keyword:
            raise refusal(62, "SYNTAX_ERROR", "Empty query")
        if statement.several:
            raise refusal(62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)")
        fmt = statement.format or request.default_format
        if not statement.reads:
            if statement.keyword == b"KILL":
                text = QUERY_ID.sub(b"Settings['log_comment']", text)
            return await answer.whole(await self._call(session.run, text, request.default_format), fmt)
        cancel = asyncio.create_task(self._cancel_when_gone(request))
        try:
            if request.whole_answer or fmt not in STREAMED_FORMATS:
                return await answer.whole(await self._call(session.run, text, request.default_format), fmt)
            await answer.stream(self._blocks(session.stream(text, request.default_format), request), fmt)
        finally:
            cancel.cancel()

    async def _blocks(self, blocks: Generator[bytes], request: Request) -> AsyncIterator[bytes]:
        ended = False
        try:
            while not ended and not request.gone:
                data, ended = await self._call(_take, blocks)
                if data:
                    yield data
        finally:
            if not ended:
                await asyncio.shield(self._call(blocks.close))

    async def _cancel_when_gone(self, request: Request) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        request.gone = True  # enough for a stream, which rests between two blocks; a query that computes must be told
        await asyncio.get_running_loop().run_in_executor(self._killers, self._database.kill, request.query_id)

    def _call(self, call: Callable[..., T], *arguments: object) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._workers, call, *arguments)


def _take(blocks: Generator[bytes]) -> tuple[bytes, bool]:
    """As many blocks as are worth a trip to a thread, and whether they were the last."""
    parts, size = [], 0
    for block in blocks:
        parts.append(block)
        size += len(block)
        if size >= STREAM_CHUNK_BYTES:
            return b"".join(parts), False
    return b"".join(parts), True


async def _read(body: AsyncIterator[bytes], text: bytearray, enough: int) -> None:
    """Append the body to `text` until there is `enough`, or no more."""
    while len(text) < enough:
        chunk = await anext(body, None)
        if chunk is None:
            return
        text += chunk


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


def _has_query(request: Request) -> bool:
    return request.method != "GET" or "query" in request.parameters
