"""What an organization wants done with its lines: how long they are kept, what is masked.

A request carries the policy of the moment it was accepted, so that inserting it twice is inserting the same rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

POLICY_CHANGED = "logs.policy"
"""The channel on which an organization is announced whose policy has changed."""

Masks = tuple[tuple[str, str], ...]
# Named rules that an organization switches on; the replacement says what was there.
NAMED_MASKS: Mapping[str, tuple[str, str]] = {
    "card": (r"\b(?:\d[ -]?){12,18}\d\b", "[card]"),
    "email": (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "[email]"),
    "token": (
        r"\b(?:eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+|(?:sk|pk|ghp|gho|xox[abp])[_-][A-Za-z0-9_-]{16,}"
        r"|[Bb]earer [A-Za-z0-9._~+/-]{16,}=*)",
        "[token]",
    ),
}


@dataclass(frozen=True)
class Policy:
    """`masks`: (regular expression in RE2's syntax, replacement), applied in this order."""

    days: int
    days_per_service: Mapping[str, int] = field(default_factory=dict)
    masks: Masks = ()

    @cached_property
    def masks_as_text(self) -> str:
        """Equal for equal masks, and in an order."""
        return repr(self.masks)

    @cached_property
    def _dumped(self) -> bytes:
        return msgspec.json.encode((self.days, self.days_per_service, self.masks))

    def dump(self) -> bytes:
        return self._dumped

    @classmethod
    def load(cls, dumped: bytes) -> "Policy":
        return cls(*_DECODER.decode(dumped))


_DECODER = msgspec.json.Decoder(tuple[int, dict[str, int], Masks])
