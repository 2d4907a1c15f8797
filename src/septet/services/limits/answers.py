"""A decision, and how it looks: JSON, the RateLimit headers of draft-ietf-httpapi-ratelimit-headers-11, and words."""

from collections.abc import Callable, Sequence

from septet.services.limits.algorithms import CompiledRule
from septet.services.limits.ruleset import Applicable

_NO_RULE = (
    b'{"allowed":true,"limit":null,"remaining":null,"resetAfterMs":null,"rule":null,"ruleId":null,'
    b'"reason":"No rule applies."}'
)
_DENIED = b'{"allowed":false,"limit":%d,"remaining":%d,"resetAfterMs":%d,%b%b,"reason":"Denied: %b"}'
_AWAY = b" Valkey is away; the rule's onFailure decided."


class Decision:
    """`denied_by`: position of the rule, None when allowed. `view`: remaining and reset in ms, rule after rule.

    `binding`: position of the rule that denied, else of the enforced one with the least left; None when there is none.
    """

    __slots__ = ("applicable", "away", "binding", "cost", "denied_by", "retry_ms", "shadow_bits", "view")

    def __init__(
        self,
        applicable: Applicable,
        cost: int,
        denied_by: int | None,
        retry_ms: int,
        shadow_bits: int,
        view: Sequence[int],
        *,
        away: bool = False,
    ) -> None:
        self.applicable = applicable
        self.cost = cost
        self.denied_by = denied_by
        self.retry_ms = retry_ms
        self.shadow_bits = shadow_bits
        self.view = view
        self.away = away
        self.binding = denied_by if denied_by is not None else self._least_left()

    def _least_left(self) -> int | None:
        view, least, found = self.view, 0, None
        for position in self.applicable.enforced:
            remaining = view[2 * position]
            if found is None or remaining < least:
                least, found = remaining, position
        return found

    @property
    def allowed(self) -> bool:
        return self.denied_by is None

    @property
    def binding_rule(self) -> CompiledRule | None:
        position = self.binding
        return None if position is None else self.applicable.rules[position]

    def used_percent(self, position: int) -> int:
        """How much of a rule's limit, or of its burst, is in use."""
        return 100 - 100 * self.view[2 * position] // self.applicable.rules[position].burst

    def body(self) -> bytes:
        """A `CheckOut` as JSON."""
        position = self.binding
        if position is None:
            return _NO_RULE
        rule = self.applicable.rules[position]
        remaining, reset = self.view[2 * position], self.view[2 * position + 1]
        if self.denied_by is None:
            return rule.allowed % (remaining, reset, remaining, _AWAY if self.away else b"")
        retry = b'"retryAfterMs":%d,' % self.retry_ms if self.retry_ms >= 0 else b""
        reason = self._denial(rule, remaining).encode()
        return _DENIED % (rule.limit, remaining, reset, retry, rule.named, reason)

    @property
    def reason(self) -> str:
        """The decision in words, without anything that JSON would have to escape."""
        position = self.binding
        if position is None:
            return "No rule applies."
        rule, remaining = self.applicable.rules[position], self.view[2 * position]
        if self.denied_by is None:
            return f"Allowed: {remaining} of {rule.limit} left."
        return f"Denied: {self._denial(rule, remaining)}"

    def _denial(self, rule: CompiledRule, remaining: int) -> str:
        needed = max(1, self.cost)
        if self.away:
            return f"Valkey is away and the rule's onFailure is {rule.definition.on_failure}."
        if self.retry_ms < 0:
            return f"the cost of {needed} is above what this rule ever allows at once."
        return (
            f"{needed} needed, {remaining} left of {rule.limit} per {rule.window_ms / 1000:g} s;"
            f" try again in {self.retry_ms / 1000:g} s."
        )

    def header_lines(self) -> bytes:
        """`RateLimit-Policy`, `RateLimit` and, when denied, `Retry-After`, as lines of an answer."""
        numbers = tuple(self.view)
        if numbers:
            numbers = tuple([-(-number // 1000) if at % 2 else number for at, number in enumerate(numbers)])
        if self.denied_by is None or self.retry_ms < 0:
            return self.applicable.header % numbers
        seconds = max(1, -(-self.retry_ms // 1000))
        position = 2 * self.denied_by + 1
        numbers = (*numbers[:position], seconds, *numbers[position + 1 :])
        return self.applicable.header % numbers + b"retry-after: %d\r\n" % seconds

    def headers(self) -> dict[str, str]:
        """The same as a dictionary."""
        pairs = (line.split(b": ", 1) for line in self.header_lines().split(b"\r\n") if line)
        return {name.decode(): value.decode() for name, value in pairs}


class Batch:
    """Collects the decisions of a batch; `finish` gets a `BatchOut` as JSON once all are there."""

    def __init__(self, size: int, finish: Callable[[bytes], object]) -> None:
        self._bodies = [b""] * size
        self._missing = size
        self._finish = finish

    def decided(self, position: int, decision: Decision) -> None:
        self._bodies[position] = decision.body()
        self._missing -= 1
        if not self._missing:
            self._finish(b'{"results":[%b]}' % b",".join(self._bodies))
