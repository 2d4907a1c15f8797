"""Short codes: random ones that cannot be guessed, misread or be rude, and what a custom alias may look like.

Without vowels there are no words; what can be abbreviated rudely without vowels is drawn again.
"""

import re
import secrets
from collections.abc import Iterator

ALPHABET = "23456789bcdfghjkmnpqrstvwxyzBCDFGHJKLMNPQRSTVWXYZ"
ALIAS_PATTERN = r"^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_-])?$"
RESERVED_ON_DOMAINS = frozenset({"s", "docs", "healthz", "readyz", "metrics", "console", "me", "links"})
_RUDE = re.compile("fck|fgt|sht|cnt|dck|ngr|ngg|kkk|nzs|prn|pss|sx|tts|wtf|stfu|btch|slt|whr", re.IGNORECASE)


def random_code(length: int) -> str:
    """About 5.6 bits a character, from the operating system's generator."""
    return next(code for code in _draws(length) if not _RUDE.search(code))


def _draws(length: int) -> Iterator[str]:
    while True:
        yield "".join(secrets.choice(ALPHABET) for _ in range(length))


def short_url(public_url: str, host: str, code: str) -> str:
    """What to hand out: below the platform's public URL, or on the link's own domain."""
    return f"https://{host}/{code}" if host else f"{public_url}/s/{code}"
