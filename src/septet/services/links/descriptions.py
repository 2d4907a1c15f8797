"""What a visitor's headers tell of a click: which program, browser, system and device, from where, in which campaign.

Of visitors who asked not to be tracked, nothing is kept but whether they are a program.
"""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from septet.services.links.classification import Verdict, program_verdict
from septet.services.links.user_agents import agent_of

_REMEMBERED = 20_000
_LONGEST_VALUE = 200
_MOST_PARAMETERS = 100


@dataclass(frozen=True, slots=True)
class Description:
    """`program`: the verdict about a program, None for a browser."""

    program: Verdict | None
    referrer: str = ""
    referrer_host: str = ""
    browser: str = ""
    operating_system: str = ""
    device: str = ""
    language: str = ""
    country: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    user_agent: str = ""


@lru_cache(_REMEMBERED)
def describe(description: bytes) -> Description:
    """Read the fields that `records.render_click` wrote. Raises ValueError for anything else."""
    user_agent, referrer, language, country, query, tracked = description.decode("utf-8", "replace").split("\0")
    program = program_verdict(user_agent)
    utm = _utm(query)
    campaign = {f"utm_{name}": utm.get(f"utm_{name}", [""])[0][:_LONGEST_VALUE] for name in _CAMPAIGN}
    if tracked != "1":
        return Description(program, **campaign)
    agent = agent_of(user_agent)
    page, host = _page_and_host(referrer)
    return Description(
        program,
        referrer=page,
        referrer_host=host,
        browser=agent.browser,
        operating_system=agent.operating_system,
        device=agent.device,
        language=_language(language),
        country=country,
        user_agent=user_agent,
        **campaign,
    )


_CAMPAIGN = ("source", "medium", "campaign")


def _utm(query: str) -> dict[str, list[str]]:
    if "utm_" not in query or query.count("&") >= _MOST_PARAMETERS:
        return {}
    return parse_qs(query, max_num_fields=_MOST_PARAMETERS)


def _page_and_host(referrer: str) -> tuple[str, str]:
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
