"""The log lines of the tour: those of a file, else an access log made up here; and what is in them, counted."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

LINES = 10_000
_STATUS = re.compile(r'^\S+ \S+ .+? \[[^]]+\] "[^"]*" (\d{3}) ')
_STATUSES = (200,) * 88 + (304,) * 4 + (404,) * 6 + (500,) * 2
_LEVELS = {"4": "warn", "5": "error"}


def of_file(path: Path, most: int = LINES) -> list[str]:
    """The file's first lines, empty ones left out. Raises OSError, ValueError when there is none."""
    with path.open(encoding="utf-8", errors="replace") as file:
        found = list(islice((line.rstrip("\r\n") for line in file if line.strip()), most))
    if not found:
        raise ValueError(f"{path} has no lines.")
    return found


def made_up(count: int = LINES, seed: int = 7) -> list[str]:
    """An access log in the combined format, as Apache and nginx write it."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    return [_line(number, dice) for number in range(count)]


def _line(number: int, dice: random.Random) -> str:
    minute, second = divmod(number // 10, 60)
    path = f"/items/{dice.randrange(500)}"
    address = f"203.0.113.{dice.randrange(1, 255)}"
    status = dice.choice(_STATUSES)
    return (
        f'{address} - - [17/May/2026:10:{minute % 60:02}:{second:02} +0000] "GET {path} HTTP/1.1" {status} '
        f'{dice.randrange(200, 90_000)} "https://example.com/" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko"'
    )


def statuses(lines: Sequence[str]) -> Counter[str]:
    """How often each HTTP status occurs; empty unless every line is of an access log."""
    found = [_STATUS.match(line) for line in lines]
    if not all(found):
        return Counter()
    return Counter(match[1] for match in found if match)


def levels(of_status: Counter[str]) -> Counter[str]:
    """How many lines of each level that makes: 4xx warn, 5xx error, all others info."""
    counted: Counter[str] = Counter()
    for status, count in of_status.items():
        counted[_LEVELS.get(status[0], "info")] += count
    return counted
