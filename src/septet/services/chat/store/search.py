"""Full-text search in messages: every word must occur, and the last may be the beginning of one.

Row-level security hides the index that a full-text operator would use (the operator is not leakproof), so there is
none: messages of the readable rooms are filtered by their stored word vectors; see the decision record on search.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from septet.kernel.uow import UnitOfWork
from septet.services.chat.models import Message

CANDIDATES = 1000
_SEARCH = """
WITH found AS MATERIALIZED (
  SELECT m.id, m.seq, m.body, m.words, q.query
  FROM chat.messages m CROSS JOIN (SELECT {parser}('simple', :words) AS query) q
  WHERE m.tenant_id = :tenant AND m.room_id = ANY (CAST(:rooms AS uuid[])) AND m.deleted_at IS NULL
    AND (CAST(:author AS uuid) IS NULL OR m.author_id = :author)
    AND (CAST(:before AS timestamptz) IS NULL OR m.sent_at < :before)
    AND (CAST(:after AS timestamptz) IS NULL OR m.sent_at >= :after)
    AND m.words @@ q.query
  ORDER BY m.sent_at DESC LIMIT :candidates
), best AS (
  SELECT id, body, query, ts_rank_cd(words, query) AS rank FROM found
  ORDER BY rank DESC, id DESC LIMIT :limit OFFSET :offset
)
SELECT id, rank, ts_headline('simple', body, query,
         'StartSel=\ue000, StopSel=\ue001, MaxFragments=2, MaxWords=20, MinWords=5') AS highlight
FROM best ORDER BY rank DESC, id DESC"""
_OPERATORS = re.compile(r"""["\-]|\bor\b""", re.IGNORECASE)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for: words, `"a phrase"`, `or`, `-without`. `before` and `after` are times."""

    words: str
    room_id: UUID | None = None
    author_id: UUID | None = None
    before: datetime | None = None
    after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A message, its matching parts, and how well it fits."""

    message: Message
    highlight: str
    rank: float


async def search(uow: UnitOfWork, query: Query, rooms: Sequence[UUID], limit: int, offset: int) -> list[Hit]:
    """The best among the newest matches in these rooms, best first."""
    parser, words = _parsed(query.words)
    if not words or not rooms:
        return []
    parameters = {
        "tenant": uow.tenant_id,
        "rooms": list(rooms),
        "words": words,
        "author": query.author_id,
        "before": query.before,
        "after": query.after,
        "candidates": CANDIDATES,
        "limit": limit,
        "offset": offset,
    }
    rows = (await uow.execute(text(_SEARCH.format(parser=parser)), parameters)).all()
    statement = select(Message).where(Message.tenant_id == uow.tenant_id, Message.id.in_([row.id for row in rows]))
    messages = {message.id: message for message in await uow.session.scalars(statement)}
    return [Hit(messages[row.id], row.highlight, row.rank) for row in rows]


def _parsed(words: str) -> tuple[str, str]:
    """PostgreSQL's parser for these words, and what to give it."""
    if _OPERATORS.search(words):
        return "websearch_to_tsquery", words
    found = [f"'{word}'" for word in _WORD.findall(words)]
    return "to_tsquery", " & ".join(found) + ":*" if found else ""
