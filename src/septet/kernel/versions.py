"""Optimistic concurrency: `ETag` on mutable resources, `If-Match` on their changes (RFC 9110, section 13)."""

from datetime import datetime
from hashlib import blake2b
from typing import Any

from septet.kernel.errors import PreconditionFailed


def etag_of(*parts: Any) -> str:
    """A strong entity tag of what identifies a version (id and revision, or the time of the last change)."""
    text = "\0".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in parts)
    return f'"{blake2b(text.encode(), digest_size=12).hexdigest()}"'


def require_match(if_match: str | None, current: str) -> None:
    """Raises PreconditionFailed (412) when the client's `If-Match` names another version. No header: no condition."""
    if if_match is None or if_match.strip() == "*":
        return
    if current not in [tag.strip() for tag in if_match.split(",")]:
        raise PreconditionFailed
