"""Decisions while Valkey is away: each rule's `onFailure`, and what was allowed, to be charged afterwards.

`local` gives this process its share of the limit, as a bucket that starts full: an outage of duration d adds at most
`limit × (1 + d / window)` over all processes (or one a process, where there are more processes than limit).
"""

from collections.abc import Iterator

from septet.services.limits.algorithms import CompiledRule
from septet.services.limits.answers import Decision
from septet.services.limits.ruleset import Applicable

MOST_COUNTERS = 100_000
RETRY_MS = 1000


class Share:
    """A bucket in this process: `used` comes back at a steady rate. Times in milliseconds."""

    __slots__ = ("at", "capacity", "per_ms", "used")

    def __init__(self, rule: CompiledRule, processes: int, now_ms: int) -> None:
        self.capacity = max(1, rule.burst // processes)
        self.per_ms = max(1.0, rule.limit / processes) / max(1, rule.window_ms)
        self.used = 0.0
        self.at = now_ms

    def advance(self, now_ms: int) -> None:
        if now_ms > self.at:
            self.used = max(0.0, self.used - (now_ms - self.at) * self.per_ms)
            self.at = now_ms

    def fits(self, cost: int) -> bool:
        return self.used + cost <= self.capacity

    def view(self) -> tuple[int, int]:
        return max(0, int(self.capacity - self.used)), int(self.used / self.per_ms)


class Outage:
    """`debts`: what was allowed without Valkey, by the rules and the user it is owed to."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._shares: dict[bytes, Share] = {}
        self.debts: dict[tuple[Applicable, str], int] = {}

    def decide(self, applicable: Applicable, user_id: str, cost: int, now_ms: int) -> Decision:
        """All or nothing, as with Valkey; shadow rules are left out."""
        view: list[int] = []
        shares: list[Share] = []
        denied_by, retry_ms = None, 0
        for position, (rule, key) in enumerate(zip(applicable.rules, applicable.keys(user_id), strict=True)):
            policy = rule.definition.on_failure
            if rule.definition.shadow or policy == "open":
                view += (rule.limit, 0)
            elif policy == "closed":
                view += (0, RETRY_MS)
                denied_by, retry_ms = position, RETRY_MS
            else:
                share = self._share(rule, key, now_ms)
                view += share.view()
                shares.append(share)
                if denied_by is None and not share.fits(max(1, cost) if cost >= 0 else cost):
                    denied_by, retry_ms = position, RETRY_MS
        if denied_by is None and cost != 0:
            for share in shares:
                share.used = max(0.0, share.used + cost)
            self.owe(applicable, user_id, cost)
        return Decision(applicable, cost, denied_by, retry_ms, 0, view, away=True)

    def _share(self, rule: CompiledRule, key: bytes, now_ms: int) -> Share:
        share = self._shares.get(key)
        if share is None:
            if len(self._shares) >= MOST_COUNTERS:
                self._shares.clear()
            share = self._shares[key] = Share(rule, self._processes, now_ms)
        share.advance(now_ms)
        return share

    def owe(self, applicable: Applicable, user_id: str, cost: int) -> None:
        """To be charged when Valkey is back; below 0, to be given back."""
        owner = applicable, user_id
        if owner in self.debts or len(self.debts) < MOST_COUNTERS:
            self.debts[owner] = self.debts.get(owner, 0) + cost

    def take_debts(self) -> Iterator[tuple[Applicable, str, int]]:
        """Each debt once; the shares are given up, since Valkey counts again."""
        debts, self.debts = self.debts, {}
        self._shares.clear()
        for (applicable, user_id), cost in debts.items():
            if cost:
                yield applicable, user_id, cost
