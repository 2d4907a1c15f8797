"""A decision, and how it looks: JSON, the RateLimit headers of draft-ietf-httpapi-ratelimit-headers-11, and words."""

from collections.abc import Callable, Sequence
from math import ceil

from septet.services.limits.algorithms import CompiledRule
from septet.services.limits.ruleset import Applicable

_NO_RULE = (
    b'{"allowed":true,"limit":null,"remaining":null,"resetAfterMs":null,"rule":null,"ruleId":null,'
    b'"reason":"No rule applies."}'
)
_ALLOWED = (
    b'{"allowed":true,"limit":%d,"remaining":%d,"resetAfterMs":%d,"rule":%b,"ruleId":"%b","reason":"Allowed: %d of %d '
    b'left.%b"}'
)
_DENIED = (
    b'{"allowed":false,"limit":%d,"remaining":%d,"resetAfterMs":%d,%b"rule":%b,"ruleId":"%b","reason":"Denied: %b"}'
)
_AWAY = b" Valkey is away; the rule's onFailure decided."


class Decision:
    """`denied_by`: position of the rule, None when allowed. `view`: remaining and reset in ms, rule after rule."""

    __slots__ = ("applicable", "away", "cost", "denied_by", "retry_ms", "shadow_bits", "view")

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

    @property
    def allowed(self) -> bool:
        return self.denied_by is None

    @property
    def binding(self) -> int | None:
        """Position of the rule that denied, else of the one with the least left; None when no rule is enforced."""
        if self.denied_by is not None:
            return self.denied_by
        least, found = -1, None
        for position, rule in enumerate(self.applicable.rules):
            remaining = self.view[2 * position]
            if (found is None or remaining < least) and not rule.definition.shadow:
                least, found = remaining, position
        return found

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
        rule_id = str(rule.id).encode()
        if self.denied_by is None:
            away = _AWAY if self.away else b""
            return _ALLOWED % (rule.limit, remaining, reset, rule.name_json, rule_id, remaining, rule.limit, away)
        retry = b'"retryAfterMs":%d,' % self.retry_ms if self.retry_ms >= 0 else b""
        reason = self._denial(rule, remaining).encode()
        return _DENIED % (rule.limit, remaining, reset, retry, rule.name_json, rule_id, reason)

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
        if not self.applicable.rules:
            return b""
        lines = b"ratelimit-policy: %b\r\nratelimit: %b\r\n" % (self.applicable.policy, self._limits())
        if self.denied_by is None or self.retry_ms < 0:
            return lines
        return lines + b"retry-after: %d\r\n" % self._seconds(self.denied_by)

    def headers(self) -> dict[str, str]:
        """The same as a dictionary."""
        pairs = (line.split(b": ", 1) for line in self.header_lines().split(b"\r\n") if line)
        return {name.decode(): value.decode() for name, value in pairs}

    def _limits(self) -> bytes:
        view = self.view
        return b", ".join(
            [
                b"%b;r=%d;t=%d" % (rule.policy_name, view[2 * position], self._seconds(position))
                for position, rule in enumerate(self.applicable.rules)
            ]
        )

    def _seconds(self, position: int) -> int:
        """Until all is there again; for the rule that denied, until this cost would be allowed."""
        if position == self.denied_by and self.retry_ms >= 0:
            return max(1, ceil(self.retry_ms / 1000))
        return -(-self.view[2 * position + 1] // 1000)


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
