"""When a delivery that could not be made is tried again: exponentially later, ±20 %, and when it is given up."""

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays `first`, twice that, and so on up to `longest` seconds; given up after `attempts`."""

    first: float
    longest: float
    attempts: int

    def after(self, attempt: int, retry_after: float | None = None) -> timedelta | None:
        """The wait after the attempt of that number (from 1), at least `retry_after` seconds; None: give up."""
        if attempt >= self.attempts:
            return None
        seconds = min(self.first * 2 ** (attempt - 1), self.longest) * random.uniform(0.8, 1.2)  # noqa: S311
        return timedelta(seconds=max(seconds, retry_after or 0))


EMAIL = Backoff(first=30, longest=7200, attempts=10)
PUSH = Backoff(first=10, longest=3600, attempts=8)

WEBHOOK_DELAYS = (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
"""Standard Webhooks' schedule: seconds before each attempt."""


def webhook_delay(attempt: int, retry_after: float | None = None) -> timedelta | None:
    """The wait after the attempt of that number (from 1); None: it was the last."""
    if attempt >= len(WEBHOOK_DELAYS):
        return None
    seconds = WEBHOOK_DELAYS[attempt] * random.uniform(0.8, 1.2)  # noqa: S311
    return timedelta(seconds=max(seconds, retry_after or 0))
