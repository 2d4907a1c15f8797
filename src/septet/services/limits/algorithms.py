"""From a rule as people write it to the numbers that `buckets.lua` reads.

Token bucket and GCRA share one function, because they decide alike: GCRA's theoretical arrival time is ahead of now
by exactly the time in which the bucket's used tokens come back. Time and tokens are scaled to whole numbers.
"""

import json
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from septet.services.limits.schemas import EXACT_UP_TO, Calendar, RuleIn

NOMINAL_MS: dict[Calendar, int] = {"hour": 3_600_000, "day": 86_400_000, "week": 604_800_000, "month": 2_592_000_000}
Numbers = tuple[bytes | int, ...]


@dataclass(eq=False, slots=True)
class CompiledRule:
    """One limit, ready to be asked. `limit` and `burst` are those that hold after an override."""

    id: UUID
    definition: RuleIn
    limit: int
    burst: int
    window_ms: int
    per_user: bool
    policy_name: bytes
    key_prefix: bytes
    named: bytes
    """Its name and id as members of an answer."""
    allowed: bytes
    """The answer of an allowed check; open: what remains, ms until all is there, what remains, a further sentence."""
    for_plan: dict[str, "CompiledRule"] = field(default_factory=dict)
    for_user: dict[str, "CompiledRule"] = field(default_factory=dict)
    numbers: Numbers = ()
    _valid_until_ms: float = 0.0

    def arguments(self, now_ms: int) -> Numbers:
        """The seven arguments of the script; `now_ms` matters only for windows of the calendar."""
        if now_ms >= self._valid_until_ms:
            self.numbers, self._valid_until_ms = self._computed(now_ms)
        return self.numbers

    def _computed(self, now_ms: int) -> tuple[Numbers, float]:
        rule = self.definition
        shadow = b"1" if rule.shadow else b"0"
        if rule.algorithm in ("token_bucket", "gcra"):
            return (b"b", shadow, *bucket_numbers(self.limit, self.burst, self.window_ms), 0, 0), math.inf
        if rule.algorithm == "sliding_window":
            return (b"l" if rule.exact else b"s", shadow, self.limit, self.window_ms, 0, 0, 0), math.inf
        if rule.calendar is None:
            return (b"f", shadow, self.limit, self.window_ms, 0, 0, 0), math.inf
        boundaries = calendar_boundaries(rule.calendar, ZoneInfo(rule.time_zone), now_ms)
        return (b"f", shadow, self.limit, 0, *boundaries), boundaries[1]


def bucket_numbers(limit: int, burst: int, window_ms: int) -> tuple[int, int, int]:
    """Capacity, one token, and what comes back per millisecond, in the smallest unit in which all are whole.

    Where that unit would make the capacity too large to count exactly, it is coarser: the rate is then off by less
    than one part in a million.
    """
    shared = math.gcd(limit, window_ms)
    token, rate = window_ms // shared, limit // shared
    if burst * token >= EXACT_UP_TO // 4:
        scale = EXACT_UP_TO // 4 / (burst * token)
        token, rate = max(1, int(token * scale)), max(1, round(rate * scale))
    return burst * token, token, rate


def calendar_boundaries(calendar: Calendar, zone: ZoneInfo, now_ms: int) -> tuple[int, int, int]:
    """Begin of the current period and of the two that follow, in milliseconds since 1970."""
    local = datetime.fromtimestamp(now_ms / 1000, zone)
    start = local.replace(minute=0, second=0, microsecond=0)
    if calendar == "hour":
        hour = now_ms - (now_ms + round((local.utcoffset() or timedelta()).total_seconds() * 1000)) % 3_600_000
        return hour, hour + 3_600_000, hour + 7_200_000
    start = start.replace(hour=0, fold=0)
    if calendar == "week":
        start -= timedelta(days=start.weekday())
    if calendar == "month":
        start = start.replace(day=1)
    second = _following(calendar, start)
    third = _following(calendar, second)
    return _ms(start), _ms(second), _ms(third)


def _following(calendar: Calendar, start: datetime) -> datetime:
    if calendar == "month":
        return (start + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=7 if calendar == "week" else 1)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def compile_rule(tenant_id: UUID, rule_id: UUID, rule: RuleIn, key_space: str = "") -> CompiledRule:
    """`key_space` keeps the counters of a replay apart from the real ones."""
    compiled = _compiled(tenant_id, rule_id, rule, rule.limit, rule.burst, key_space)
    for override in rule.overrides:
        variant = _compiled(tenant_id, rule_id, rule, override.limit, override.burst, key_space)
        if override.user_id is not None:
            compiled.for_user[override.user_id] = variant
        elif override.plan is not None:
            compiled.for_plan[override.plan] = variant
    for variant in compiled.for_plan.values():
        variant.for_user = compiled.for_user  # a user's own limit goes before the plan's
    return compiled


def _compiled(
    tenant_id: UUID, rule_id: UUID, rule: RuleIn, limit: int, burst: int | None, key_space: str
) -> CompiledRule:
    window = NOMINAL_MS[rule.calendar] if rule.calendar else rule.window_ms or 0
    named = b'"rule":%b,"ruleId":"%b"' % (json_text(rule.name), str(rule_id).encode())
    return CompiledRule(
        id=rule_id,
        definition=rule,
        limit=limit,
        burst=burst or limit,
        window_ms=window,
        per_user=rule.scope == "user",
        policy_name=_structured_string(rule.name),
        key_prefix=f"septet:{{{tenant_id}}}:limits:{key_space}{_letter(rule)}{rule_id.hex}".encode(),
        named=named,
        allowed=_allowed(limit, named),
    )


def _letter(rule: RuleIn) -> str:
    """Counters of different algorithms do not read each other."""
    return (
        "l"
        if rule.exact
        else {"token_bucket": "b", "gcra": "b", "fixed_window": "f", "sliding_window": "s"}.get(rule.algorithm, "c")
    )


def _allowed(limit: int, named: bytes) -> bytes:
    return (
        b'{"allowed":true,"limit":%d,"remaining":%%d,"resetAfterMs":%%d,%b,"reason":"Allowed: %%d of %d left.%%b"}'
        % (limit, named.replace(b"%", b"%%"), limit)
    )


def json_text(text: str) -> bytes:
    """`text` as a JSON string."""
    return json.dumps(text, ensure_ascii=False).encode()


def _structured_string(text: str) -> bytes:
    """A string of RFC 9651 (structured fields): printable ASCII in quotes."""
    plain = text.encode("ascii", "replace")
    return b'"' + plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
