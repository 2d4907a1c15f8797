"""The journal: what this process does and says, kept for a moment until somebody stores it as log lines.

Each entry has the request id and the tenant that were bound when it was made. Nobody reads it: nothing is kept. Nobody
stores it in time: the oldest entries are lost, since no request may wait for its own log line.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

MOST_KEPT = 20_000
_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
_entries: deque[dict[str, Any]] | None = None
_taking = asyncio.Lock()


def begin() -> None:
    """From now on entries are kept until they are `taken`."""
    global _entries, _taking
    _entries = deque(maxlen=MOST_KEPT)
    _taking = asyncio.Lock()


def end() -> None:
    """Keep nothing any more."""
    global _entries
    _entries = None


@asynccontextmanager
async def taken() -> AsyncIterator[list[dict[str, Any]]]:
    """All entries since the last time, the oldest first; they are kept no longer. One at a time stores what they took:
    after the block, all that was noted before it is stored."""
    async with _taking:
        entries: list[dict[str, Any]] = []
        while _entries:
            entries.append(_entries.popleft())
        yield entries


def note(event: str, **values: Any) -> None:
    """An entry that is not worth a line on the terminal: a request, a job, an act of the audit log."""
    if _entries is not None:
        bound = structlog.contextvars.get_contextvars()
        _entries.append(dict(_stamp(None, "info", {"event": event, "level": "info", **bound, **values})))


def keep(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
    """A processor of structlog, before the one that renders: what is logged is in the journal too."""
    if _entries is not None:
        _entries.append(dict(entry))
    return entry
