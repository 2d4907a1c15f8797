"""What a benchmark script declares: a suite of cases, each measured in rounds by `benchmarks.runner`.

    SUITE = Suite("Identity", prepare)          # in benchmarks/identity.py; run with: make bench ONLY=identity

`prepare(septet)` makes what is needed once (people, keys, links) and returns the cases.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import uvloop

from benchmarks.installation import Installation
from benchmarks.load import Load, render_request, run


@dataclass(frozen=True, slots=True)
class Round:
    """The outcome of one round; no latency where only throughput is measured."""

    per_second: float
    p99_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a table. `measure(seconds)` runs one round; `beside` says what it is compared with, and its figure."""

    name: str
    unit: str
    measure: Callable[[float], Round]
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one script, measured on one Septet that is started with `settings`.

    `all_cores`: for Septet too, where the load itself costs next to nothing.
    """

    title: str
    prepare: Callable[[Installation], Sequence[Case]]
    settings: Mapping[str, object] = field(default_factory=dict)
    all_cores: bool = False


def http_round(
    septet: Installation,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    token: str = "",
    connections: int = 64,
    expected: int = 200,
) -> Callable[[float], Round]:
    """Make the `measure` of a case that sends one request over and over; any answer but `expected` fails it."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = render_request(method, path, body, headers)

    def measure(seconds: float) -> Round:
        load = Load("127.0.0.1", septet.web_port, lambda _: request, connections, seconds)
        result = uvloop.run(run(load))
        if result.broken or set(result.statuses) != {expected}:
            raise RuntimeError(f"{method} {path}: expected only {expected}, got {result}")
        return Round(result.per_second, result.quantile(0.99) / 1000)

    return measure
