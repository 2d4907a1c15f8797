"""From a recorded click to a row: classified, described, and stripped of what is not to be kept."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from septet.services.links.classification import classify
from septet.services.links.recorder import RawClick
from septet.services.links.store.clicks import Click
from septet.services.links.user_agents import agent_of

_LONGEST_VALUE = 200
_MOST_REMEMBERED = 200_000


class Classifier:
    """Remembers when each visitor last clicked each link, to know duplicates. Clicks should come in order of time."""

    def __init__(self, duplicate_seconds: int) -> None:
        self._duplicate_ms = duplicate_seconds * 1000
        self._last: dict[tuple[UUID, int], int] = {}

    def rows(self, raw: Iterable[RawClick], version: int) -> list[Click]:
        return [self._row(click, version) for click in raw]

    def _row(self, raw: RawClick, version: int) -> Click:
        verdict = classify(raw.user_agent, self.since_last(raw.link_id, raw.visitor, raw.at), self._duplicate_ms)
        kept = raw.user_agent if raw.tracked else ""
        agent = agent_of(kept)
        referrer = urlsplit_safely(raw.referrer) if raw.tracked else ("", "")
        utm = parse_qs(raw.query, max_num_fields=100) if "utm_" in raw.query and raw.query.count("&") < 100 else {}
        return Click(
            tenant_id=raw.tenant_id,
            link_id=raw.link_id,
            at=datetime.fromtimestamp(raw.at / 1000, UTC),
            id=raw.id,
            classification=verdict.classification,
            reason=verdict.reason,
            visitor=raw.visitor,
            referrer=referrer[0],
            referrer_host=referrer[1],
            browser=agent.browser,
            operating_system=agent.operating_system,
            device=agent.device,
            language=_language(raw.language) if raw.tracked else "",
            country=raw.country if raw.tracked else "",
            utm_source=utm.get("utm_source", [""])[0][:_LONGEST_VALUE],
            utm_medium=utm.get("utm_medium", [""])[0][:_LONGEST_VALUE],
            utm_campaign=utm.get("utm_campaign", [""])[0][:_LONGEST_VALUE],
            variant=raw.variant,
            user_agent=kept,
            version=version,
        )

    def since_last(self, link_id: UUID, visitor: int, at: int) -> int | None:
        """Milliseconds since this visitor's last click on this link, None when there is none to know of."""
        if not visitor:
            return None
        last = self._last.pop((link_id, visitor), None)
        self._last[link_id, visitor] = max(at, last or 0)
        if len(self._last) > _MOST_REMEMBERED:
            del self._last[next(iter(self._last))]
        return None if last is None else abs(at - last)


def urlsplit_safely(referrer: str) -> tuple[str, str]:
    """The page without its query, and its host; both empty for what is no URL."""
    try:
        parts = urlsplit(referrer)
        host = parts.hostname or ""
    except ValueError:
        return "", ""
    return (f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}", host) if host else ("", "")


def _language(header: str) -> str:
    """The first language named, without its region."""
    language = header.partition(",")[0].partition(";")[0].partition("-")[0].strip().lower()
    return language if 2 <= len(language) <= 3 and language.isalpha() else ""
