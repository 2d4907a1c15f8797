"""Each algorithm against its published definition, in exact fractions and virtual time.

The script runs on the real Valkey at times that the test gives; clock steps backwards are among them.
"""

import asyncio
import os
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.platform import Platform

from septet.kernel.pipeline import Pipeline
from septet.services.limits.algorithms import calendar_boundaries, compile_rule
from septet.services.limits.gate import SCRIPT, Ask, script_call
from septet.services.limits.ruleset import Applicable
from septet.services.limits.schemas import RuleIn

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "3"))
START = 1_800_000_000_000
FEW = settings(
    max_examples=max(15, min(ROUNDS, 500)),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class Model(Protocol):
    def decide(self, now: int, cost: int) -> tuple[bool, int]:
        """Whether it is allowed, and what remains then."""


@dataclass
class TokenBucket:
    """Tokens come at a steady rate up to the burst; a request takes them or is refused."""

    limit: int
    window: int
    burst: int
    tokens: Fraction = field(init=False)
    last: int = 0

    def __post_init__(self) -> None:
        self.tokens = Fraction(self.burst)

    def decide(self, now: int, cost: int) -> tuple[bool, int]:
        if now > self.last:
            self.tokens = min(Fraction(self.burst), self.tokens + Fraction((now - self.last) * self.limit, self.window))
            self.last = now
        allowed = self.tokens >= cost
        if allowed:
            self.tokens = min(Fraction(self.burst), self.tokens - cost)
        return allowed, int(self.tokens)


@dataclass
class Gcra:
    """ATM Forum's virtual scheduling: a theoretical arrival time, which may be ahead by the burst."""

    limit: int
    window: int
    burst: int
    arrival: Fraction = Fraction(0)
    last: int = 0

    def decide(self, now: int, cost: int) -> tuple[bool, int]:
        self.last = now = max(now, self.last)
        interval = Fraction(self.window, self.limit)
        arrival = max(self.arrival, Fraction(now)) + cost * interval
        allowed = arrival - now <= self.burst * interval
        if allowed:
            self.arrival = max(arrival, Fraction(now))
        ahead = max(self.arrival, Fraction(now)) - now
        return allowed, int((self.burst * interval - ahead) / interval)


@dataclass
class FixedWindow:
    """A count that begins anew at each multiple of the window."""

    limit: int
    window: int
    burst: int
    start: int = 0
    count: int = 0

    def decide(self, now: int, cost: int) -> tuple[bool, int]:
        start = now - now % self.window
        if start > self.start:
            self.start, self.count = start, 0
        allowed = self.count + cost <= self.limit
        if allowed:
            self.count = max(0, self.count + cost)
        return allowed, self.limit - self.count


@dataclass
class SlidingWindow:
    """The count of the window before fades as the current one fills."""

    limit: int
    window: int
    burst: int
    start: int = 0
    current: int = 0
    previous: int = 0

    def decide(self, now: int, cost: int) -> tuple[bool, int]:
        start = now - now % self.window
        if start > self.start:
            self.previous = self.current if start == self.start + self.window else 0
            self.start, self.current = start, 0
        left = Fraction(self.window - max(0, now - self.start), self.window)
        # A step backwards lets fading be undone, even beyond the limit; giving back is allowed all the same.
        allowed = cost < 0 or self.previous * left + self.current + cost <= self.limit
        if allowed:
            self.current = max(0, self.current + cost)
        return allowed, max(0, int((self.limit - self.previous * left - self.current) // 1))


@dataclass
class Log:
    """Each unit is remembered for exactly one window."""

    limit: int
    window: int
    burst: int
    taken: list[int] = field(default_factory=list)

    def decide(self, now: int, cost: int) -> tuple[bool, int]:
        at = max([now, *self.taken])
        self.taken = [moment for moment in self.taken if at - moment < self.window]
        allowed = len(self.taken) + cost <= self.limit
        if allowed and cost >= 0:
            self.taken += [at] * cost
        elif allowed:
            self.taken = self.taken[: max(0, len(self.taken) + cost)]
        return allowed, self.limit - len(self.taken)


def decide_by(model: Model, now: int, cost: int) -> tuple[Model, tuple[bool, int]]:
    """The model afterwards, and its decision; a denial leaves no trace, not even of its time."""
    after = copy(model)
    allowed, remaining = after.decide(now, cost)
    return (after if allowed else model), (allowed, remaining)


MODELS: dict[str, tuple[Callable[..., Model], dict[str, Any]]] = {
    "token_bucket": (TokenBucket, {"algorithm": "token_bucket"}),
    "gcra": (Gcra, {"algorithm": "gcra"}),
    "fixed_window": (FixedWindow, {"algorithm": "fixed_window"}),
    "sliding_window": (SlidingWindow, {"algorithm": "sliding_window"}),
    "exact_sliding_window": (Log, {"algorithm": "sliding_window", "exact": True}),
}


@dataclass
class Counter:
    """One rule on fresh keys, asked at given times."""

    pipeline: Pipeline
    applicable: Applicable

    @classmethod
    def new(cls, pipeline: Pipeline, **rule: Any) -> "Counter":
        definition = RuleIn.model_validate({"name": "r", "scope": "tenant", **rule})
        tenant_id = uuid4()
        return cls(pipeline, Applicable(tenant_id, [compile_rule(tenant_id, uuid4(), definition)]))

    def ask(self, now: int, cost: int = 1, times: int = 1) -> asyncio.Future[list[int]]:
        asks = [Ask(self.applicable, "", cost, print) for _ in range(times)]
        return self.pipeline.call(*script_call(self.pipeline.script(SCRIPT), asks, now, absolute_ms=now))


STEPS = st.lists(
    st.tuples(st.integers(-400, 1500) | st.sampled_from([0, 0, 1, 999, 1000]), st.integers(-3, 6)), max_size=60
)


@FEW
@pytest.mark.parametrize("name", MODELS)
@given(limit=st.integers(1, 12), window=st.integers(1, 1500), extra=st.integers(0, 5), steps=STEPS)
@example(limit=2, window=1000, extra=0, steps=[(-(START % 1000), 1), (900, 1), (200, 6), (-200, 1)])
@example(limit=3, window=1000, extra=0, steps=[(0, 3), (1100, 6), (-600, 1), (0, 1)])
async def test_as_its_definition_says(
    platform: Platform, name: str, limit: int, window: int, extra: int, steps: list[tuple[int, int]]
) -> None:
    make, rule = MODELS[name]
    bursting = name in ("token_bucket", "gcra")
    burst = limit + extra if bursting else limit
    model: Model = make(limit, window, burst)
    fields = {**rule, "limit": limit, "windowMs": window} | ({"burst": burst} if bursting else {})
    counter = Counter.new(platform.runtime.pipeline, **fields)
    now, replies, expected = START, [], []
    for step, cost in steps:
        now += step
        replies.append(counter.ask(now, cost or 1))
        model, decision = decide_by(model, now, cost or 1)
        expected.append(decision)
    decided = [(reply[0] == 0, reply[3]) for reply in await asyncio.gather(*replies)]
    assert decided == expected


@FEW
@pytest.mark.parametrize("name", MODELS)
@given(limit=st.integers(1, 9), window=st.integers(2, 1500), steps=st.lists(st.integers(0, 300), max_size=30))
async def test_retry_is_neither_too_early_nor_too_late(
    platform: Platform, name: str, limit: int, window: int, steps: list[int]
) -> None:
    counter = Counter.new(platform.runtime.pipeline, **MODELS[name][1], limit=limit, windowMs=window)
    now = START
    for step in steps:
        now += step
        await counter.ask(now)
    while (await counter.ask(now))[0] == 0:
        pass
    denied_by, retry, *_ = await counter.ask(now, 0)
    assert denied_by == 1 and retry >= 1
    assert (await counter.ask(now + retry - 1, 0))[0] == 1, "one millisecond earlier it is still denied"
    assert (await counter.ask(now + retry, 0))[0] == 0


@pytest.mark.soak
@pytest.mark.parametrize("name", ["token_bucket", "gcra"])
async def test_no_drift(platform: Platform, name: str) -> None:
    """7 per second, asked every 3 ms: after any number of steps exactly what the rate gives."""
    counter = Counter.new(platform.runtime.pipeline, algorithm=name, limit=7, windowMs=1000, burst=7)
    steps = 2000 * ROUNDS
    admitted = 0
    for first in range(0, steps, 200):
        replies = await asyncio.gather(*[counter.ask(START + 3 * step) for step in range(first, first + 200)])
        admitted += sum(reply[0] == 0 for reply in replies)
    assert admitted == 7 + (3 * (steps - 1)) * 7 // 1000


async def test_sliding_window_error_is_bounded(platform: Platform) -> None:
    """Against the exact log, the approximation admits at most as much again as one window, in the worst case."""
    rule = {"algorithm": "sliding_window", "limit": 100, "windowMs": 1000}
    approximate = Counter.new(platform.runtime.pipeline, **rule)
    start = START - START % 1000
    times = [start + 999] * 100 + [start + 1000 + moment for moment in range(1000)]
    replies = []
    for first in range(0, len(times), 200):
        replies += await asyncio.gather(*[approximate.ask(moment) for moment in times[first : first + 200]])
    admitted = [moment for moment, reply in zip(times, replies, strict=True) if reply[0] == 0]
    worst = max(sum(1 for other in admitted if moment <= other < moment + 1000) for moment in admitted)
    assert 100 < worst <= 200, "a burst at the end of a window is believed to have been spread over it"


async def test_all_or_nothing_in_one_call(platform: Platform) -> None:
    """The second rule denies, so the first must not have been charged; later checks of the call see that."""
    first = RuleIn.model_validate(
        {"name": "a", "scope": "tenant", "algorithm": "fixed_window", "limit": 10, "windowMs": 10_000}
    )
    second = first.model_copy(update={"limit": 3, "name": "b"})
    tenant = uuid4()
    both = Applicable(tenant, [compile_rule(tenant, uuid4(), first), compile_rule(tenant, uuid4(), second)])
    pipeline = platform.runtime.pipeline
    asks = [Ask(both, "", 2, print) for _ in range(3)]
    reply = await pipeline.call(*script_call(pipeline.script(SCRIPT), asks, START, absolute_ms=START))
    assert [reply[position] for position in (0, 7, 14)] == [0, 2, 2]
    assert reply[17] == 8


@pytest.mark.parametrize(
    ("calendar", "zone", "now", "start", "following"),
    [
        ("month", "UTC", "2026-02-10T12:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        ("day", "Europe/Warsaw", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("week", "UTC", "2026-11-22T10:00:00Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"),
        ("hour", "Asia/Kolkata", "2026-01-01T00:10:00Z", "2025-12-31T23:30:00Z", "2026-01-01T00:30:00Z"),
    ],
)
def test_calendar(calendar: Any, zone: str, now: str, start: str, following: str) -> None:
    def ms(text: str) -> int:
        return round(datetime.fromisoformat(text).timestamp() * 1000)

    first, second, third = calendar_boundaries(calendar, ZoneInfo(zone), ms(now))
    assert (first, second) == (ms(start), ms(following))
    assert third > second
