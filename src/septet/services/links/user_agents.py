"""What a user agent says about itself: browser, operating system, device; and which program it is, if it is one.

Browsers are known to `ua-parser` (the uap-core list), programs to `crawler-user-agents`. Results are remembered: the
same few thousand strings make up nearly all traffic.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import crawleruseragents
import ua_parser

_REMEMBERED = 20_000
_SYSTEMS = {"windows": "windows", "mac os x": "macos", "ios": "ios", "android": "android", "chrome os": "linux"}
_DESKTOPS = {"windows", "macos", "linux"}


@dataclass(frozen=True, slots=True)
class Agent:
    """Names as people know them; `system` is one of the six that targets are chosen by."""

    browser: str
    operating_system: str
    device: str
    system: str


@dataclass(frozen=True, slots=True)
class Program:
    """A crawler, previewer or library that is on the list."""

    name: str
    kinds: frozenset[str]


@lru_cache(_REMEMBERED)
def agent_of(user_agent: str) -> Agent:
    found = ua_parser.parse(user_agent).with_defaults()
    browser = "" if found.user_agent.family == "Other" else found.user_agent.family
    family = "" if found.os.family == "Other" else found.os.family
    system = _system(family, user_agent)
    return Agent(browser, family, _device(user_agent, system), system)


def _system(family: str, user_agent: str) -> str:
    if known := _SYSTEMS.get(family.lower()):
        return known
    return "linux" if "Linux" in user_agent or "X11" in user_agent else "other"


def _device(user_agent: str, system: str) -> str:
    """Android without `Mobile` is a tablet, as Google asks of browsers."""
    if "iPad" in user_agent or "Tablet" in user_agent or (system == "android" and "Mobile" not in user_agent):
        return "tablet"
    if "Mobi" in user_agent or system in ("android", "ios"):
        return "mobile"
    return "desktop" if system in _DESKTOPS else ""


@lru_cache(_REMEMBERED)
def program_of(user_agent: str) -> Program | None:
    """The program on the list that this is; the most telling of several matches."""
    if not crawleruseragents.is_crawler(user_agent):
        return None
    matches = [entry for pattern, entry in _patterns() if pattern.search(user_agent)]
    kinds = frozenset(kind for entry in matches for kind in entry.get("tags", ()))
    names = [str(entry["pattern"]) for entry in matches]
    return Program(_readable(max(names, key=len)) if names else "", kinds)


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    return [(re.compile(entry["pattern"]), entry) for entry in crawleruseragents.CRAWLER_USER_AGENTS_DATA]


def _readable(pattern: str) -> str:
    return re.sub(r"[\\^$?+*()]|\[[^]]*\]", "", pattern).strip("/ ")
