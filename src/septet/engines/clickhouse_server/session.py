"""chDB: one handle per request. Calls block and belong in threads (chDB releases the GIL), one at a time per handle."""

import re
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chdb import _chdb

from septet.engines.clickhouse_server.refusals import Refusal, refusal

SETTING_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
connect: Callable[[str], Any] = _chdb.connect  # type: ignore[attr-defined]  # missing from its stubs

STREAM_UNSUPPORTED = "Streaming query is not supported"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished statement answered and did."""

    data: bytes = b""
    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ExternalTable:
    """A temporary table that travels with the request."""

    name: str
    structure: str
    format: str
    data: bytes


class Database:
    """The embedded server. Blocking; every call belongs in a worker thread."""

    def __init__(self, directory: Path, configuration: Path, defaults: Mapping[str, str]) -> None:
        self._path = str(directory)
        self._defaults = dict(defaults)
        self._root = connect(f"{directory}?config-file={configuration}")  # keeps the server up
        self.version = str(self._text("SELECT version()"))
        self.timezone = str(self._text("SELECT timezone()"))

    def open(
        self, query_id: str, database: str, settings: Mapping[str, str], tables: Iterable[ExternalTable] = ()
    ) -> "Session":
        """A session of its own. Raises Refusal for an unknown database or setting."""
        session = Session(connect(self._path))
        try:
            # The query id cannot be chosen in chDB; the comment stands for it, so that KILL QUERY finds the query.
            session.set({**self._defaults, **settings, "log_comment": query_id})
            if database:
                session.run(f"USE {_quoted(database, '`')}".encode(), "TabSeparated")
            for table in tables:
                session.add_table(table)
        except BaseException:
            session.close()
            raise
        return session

    def kill(self, query_id: str) -> None:
        """Cancel the query with that id, if it runs."""
        session = Session(connect(self._path))
        try:
            condition = f"Settings['log_comment'] = {_quoted(query_id)}"
            session.run(f"KILL QUERY WHERE {condition} ASYNC".encode(), "TabSeparated")
        finally:
            session.close()

    def close(self) -> None:
        """Shut the server down."""
        self._root.close()

    def _text(self, query: str) -> str:
        text: str = self._root.query(query, "TabSeparated").bytes().decode().strip()
        return text


class Session:
    """One chDB handle."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._insert: Any = None
        self._busy = threading.Lock()  # a cancelled request may close while a thread still runs its call

    def set(self, settings: Mapping[str, str]) -> None:
        """Apply settings; `param_…` are query parameters. Raises Refusal for an unknown one."""
        for name in settings:
            if not SETTING_NAME.match(name):
                raise refusal(115, "UNKNOWN_SETTING", f"Unknown setting '{name}'")
        assignments = ", ".join(f"{name} = {_quoted(value)}" for name, value in settings.items())
        self.run(f"SET {assignments}".encode(), "TabSeparated")

    def run(self, statement: bytes, fmt: str) -> Outcome:
        """Run a statement to its end. Raises Refusal."""
        return _outcome(self._call("query", statement, fmt))

    def stream(self, statement: bytes, fmt: str) -> Generator[bytes]:
        """Run a SELECT, block by block. Raises Refusal, also in the middle."""
        try:
            stream = self._call("send_query", statement, fmt)
        except Refusal as error:
            if STREAM_UNSUPPORTED not in error.message:
                raise
            yield self.run(statement, fmt).data
            return
        ended = False
        try:
            while block := self._call("streaming_fetch_result", stream).bytes():
                yield block
            ended = True
        except Refusal:
            ended = True
            raise
        finally:
            if not ended:
                self._call("streaming_cancel_query", stream)

    def begin_insert(self, statement: bytes, fmt: str) -> None:
        """Begin an INSERT whose data follows. Raises Refusal."""
        self._insert = self._call("send_insert", statement.decode("utf-8", "surrogateescape"), fmt)

    def append(self, data: bytes) -> None:
        """More data of the INSERT. Raises Refusal."""
        self._call("insert_append", self._insert, data)

    def finish_insert(self) -> Outcome:
        """The data is complete; returns when it is written and synced. Raises Refusal."""
        insert, self._insert = self._insert, None
        return _outcome(self._call("insert_done", insert))

    def add_table(self, table: ExternalTable) -> None:
        """Create and fill a temporary table."""
        name = _quoted(table.name, "`")
        self.run(f"CREATE TEMPORARY TABLE {name} ({table.structure}) ENGINE = Memory".encode(), "TabSeparated")
        self.begin_insert(f"INSERT INTO {name}".encode(), table.format)
        self.append(table.data)
        self.finish_insert()

    def close(self) -> None:
        """Give the handle back; an INSERT that was not finished is dropped."""
        if self._insert is not None:
            self._call("insert_cancel", self._insert)
        with self._busy:
            self._handle.close()

    def _call(self, name: str, *arguments: Any) -> Any:
        try:
            with self._busy:
                return getattr(self._handle, name)(*arguments)
        except RuntimeError as error:
            raise Refusal(str(error)) from None


def _outcome(result: Any) -> Outcome:
    if result.has_error():
        raise Refusal(result.error_message())
    return Outcome(
        result.bytes(), result.rows_read(), result.bytes_read(), result.rows_written(), result.bytes_written()
    )


def _quoted(text: str, quote: str = "'") -> str:
    escaped = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return f"{quote}{escaped}{quote}"
