"""Measures Septet: starts it on a fresh data directory, runs each case in rounds, writes the tables in `README.md`.

    python -m benchmarks.runner [SUITE …] [--rounds 5] [--seconds 5]

Where there are two cores or more, the load has the last one to itself and Septet all others. Of each case the median
round is told, after one round of warm-up.
"""

import argparse
import importlib
import os
import pkgutil
import platform
import re
import statistics
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import benchmarks
from benchmarks.cases import Case, Suite
from benchmarks.installation import Installation

README = Path(__file__).with_name("README.md")


@dataclass(frozen=True, slots=True)
class Row:
    """A case's medians over its rounds, and the spread of throughput between the slowest and the fastest."""

    case: Case
    per_second: float
    p99_ms: float | None
    slowest: float
    fastest: float

    def markdown(self) -> str:
        p99 = "" if self.p99_ms is None else f"{self.p99_ms:.2f} ms"
        spread = f"{self.slowest:,.0f} – {self.fastest:,.0f}"
        return f"| {self.case.name} | {self.per_second:,.0f} {self.case.unit} | {spread} | {p99} | {self.case.beside} |"


def main() -> None:
    known = suites()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"one of {', '.join(known)}; all when none is named")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    unknown = set(options.suites) - set(known)
    if unknown:
        parser.error(f"there is no suite {min(unknown)}; there are {', '.join(known)}")
    for name in options.suites or known:
        rows = list(run_suite(known[name], options.rounds, options.seconds))
        cores = "all" if known[name].all_cores else "the others"
        how = f"{options.rounds} rounds of {options.seconds:g} s; load on one core, Septet on {cores}"
        write_table(name, known[name].title, rows, how)


def suites() -> dict[str, Suite]:
    """The suites of all scripts in this folder, by the script's name."""
    modules = (importlib.import_module(f"benchmarks.{name}") for name in _scripts())
    return {module.__name__.rpartition(".")[2]: module.SUITE for module in modules}


def _scripts() -> Iterator[str]:
    for module in pkgutil.iter_modules(benchmarks.__path__):
        source = README.with_name(f"{module.name}.py")
        if re.search(r"^SUITE\b", source.read_text(), re.MULTILINE):
            yield module.name


def run_suite(suite: Suite, rounds: int, seconds: float) -> Iterator[Row]:
    """Start Septet, prepare, measure every case, stop."""
    print(f"{suite.title}: starting Septet …", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="septet-bench-") as directory,
        Installation(Path(directory), **suite.settings) as septet,
    ):
        with _own_cores(_all_cores() if suite.all_cores else _server_cores()):  # inherited by every process of Septet
            septet.start()
        with _own_cores(_load_cores()):
            for case in suite.prepare(septet):
                yield _measured(case, rounds, seconds)


def _measured(case: Case, rounds: int, seconds: float) -> Row:
    case.measure(min(seconds, 2.0))
    results = [case.measure(seconds) for _ in range(rounds)]
    rates = [result.per_second for result in results]
    latencies = [result.p99_ms for result in results if result.p99_ms is not None]
    row = Row(
        case,
        statistics.median(rates),
        statistics.median(latencies) if latencies else None,
        min(rates),
        max(rates),
    )
    print(row.markdown(), flush=True)
    return row


def _all_cores() -> set[int]:
    return os.sched_getaffinity(0)


def _server_cores() -> set[int]:
    cores = sorted(_all_cores())
    return set(cores[:-1] or cores)


def _load_cores() -> set[int]:
    return {max(_all_cores())}


@contextmanager
def _own_cores(cores: set[int]) -> Iterator[None]:
    """Run this process, and all that it starts, on these cores for the length of the block."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def write_table(name: str, title: str, rows: Iterable[Row], how: str) -> None:
    """Put the suite's table between its markers in the README; a new suite comes at the end."""
    machine = f"{_processor()}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}"
    lines = [
        f"<!-- begin {name} -->",
        f"## {title}",
        "",
        "| what | median | slowest – fastest round | p99 | beside |",
        "| --- | ---: | ---: | ---: | --- |",
        *(row.markdown() for row in rows),
        "",
        f"{how}; Python {platform.python_version()}; {machine}.",
        f"<!-- end {name} -->",
    ]
    section, text = "\n".join(lines), README.read_text()
    pattern = re.compile(rf"<!-- begin {name} -->.*?<!-- end {name} -->", re.DOTALL)
    text, found = pattern.subn(lambda _: section, text)
    README.write_text(text if found else f"{text.rstrip()}\n\n{section}\n")
    print(f"{title}: written to {README.name}")


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


if __name__ == "__main__":
    main()
