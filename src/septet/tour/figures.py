"""Figures of the tour: what was found beside what was done, and where to look at it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Between:
    """For what a client that had to repeat itself cannot know exactly: each of these is right."""

    low: int
    high: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and self.low <= other <= self.high

    __hash__ = None  # type: ignore[assignment]  # equality is not transitive

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"


@dataclass(frozen=True, slots=True)
class Figure:
    """`found` came from Septet, `expected` from what the tour did. `console` and `api` are paths."""

    what: str
    found: Any
    expected: Any
    console: str
    api: str

    @property
    def holds(self) -> bool:
        return bool(self.expected == self.found)
