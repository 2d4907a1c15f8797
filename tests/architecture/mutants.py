"""Takes one guard away at a time and expects to be told: `make test-mutants`.

A mutant is a table without its policy, which the attempts of `test_row_security` must notice, or a query without its
tenant filter, which whoever runs the statement must (`tests/filters.py`). For the filters the tests of all services run
once, every store function being each of its mutants in turn: with all policies in place the rows are the same, so the
tests go on as if nothing were missing. What nothing notices is listed, and the run fails.

    python -m tests.architecture.mutants
"""

import asyncio
import contextlib
import os
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import FunctionType

import pytest

import tests.filters
from tests.architecture.foreign import tables
from tests.architecture.policies import drop_policies, restore_policies
from tests.architecture.seeds import seeds
from tests.architecture.surgery import FilterMutant, filter_mutants
from tests.architecture.test_row_security import attempts
from tests.conftest import CHEAP_HASHES, fresh_settings
from tests.engines_of_run import EnginesOfRun
from tests.platform import Platform, running_platform

EVERY_STORE = ["tests/services", "tests/integrations"]
_NAME = re.compile(r"filter in [\w./]+:\d+:\d+")


def main() -> None:
    os.environ.update(CHEAP_HASHES)
    engines = EnginesOfRun()
    with contextlib.ExitStack() as stack:
        stack.callback(engines.stop)
        engines.start()
        survivors = [f"policy of {table}" for table in asyncio.run(unnoticed_policies())]
        left_out = FiltersLeftOut()
        status = pytest.main(["-q", "-p", "no:cacheprovider", *EVERY_STORE], plugins=[left_out])
    survivors += left_out.unnoticed
    noticed = left_out.total - len(left_out.unnoticed)
    print(f"{noticed} of {left_out.total} filters were missed", *survivors, sep="\n  survived: ")
    sys.exit(1 if survivors or status else 0)


async def unnoticed_policies() -> list[str]:
    """Names of the tables that nobody misses the policy of."""
    with tempfile.TemporaryDirectory(prefix="septet-mutants-", ignore_cleanup_errors=True) as directory:
        async with fresh_settings(Path(directory), "mutants") as settings, running_platform(settings) as platform:
            return await _unnoticed_policies(platform)


async def _unnoticed_policies(platform: Platform) -> list[str]:
    intruder, victim = await platform.organization("Intruder"), await platform.organization("Victim")
    for seed in seeds().values():
        await seed(platform, victim)
    guarded = [table for table in await tables(platform) if not table.name.startswith("kernel.")]
    unnoticed = []
    for table in guarded:
        await drop_policies(platform.runtime.postgres.url, table.name)
        async with platform.runtime.postgres.dedicated_connection() as bare:
            if not await attempts(bare, table, victim.id, str(intruder.id)):
                unnoticed.append(table.name)
        await restore_policies(platform.runtime.postgres.url)
    print(f"{len(guarded) - len(unnoticed)} of {len(guarded)} policies were missed")
    return unnoticed


class FiltersLeftOut:
    """A plugin of pytest: every store function without one of its filters, until a statement without it is noticed."""

    def __init__(self) -> None:
        mutants = list(filter_mutants())
        self.total = len(mutants)
        self._waiting: defaultdict[FunctionType, list[FilterMutant]] = defaultdict(list)
        for mutant in mutants:
            self._waiting[mutant.function].append(mutant)
        self._real = {function: function.__code__ for function in self._waiting}

    @property
    def unnoticed(self) -> list[str]:
        return [mutant.name for waiting in self._waiting.values() for mutant in waiting]

    def pytest_configure(self) -> None:
        tests.filters.refuse = self._noticed
        for waiting in self._waiting.values():
            waiting[0].put_in_place()

    def _noticed(self, sql: str, tables: Sequence[str]) -> None:
        names = set(_NAME.findall(sql))
        if not names:
            raise tests.filters.UnfilteredStatement(f"{', '.join(tables)} in: {sql}")
        for function, waiting in self._waiting.items():
            if waiting and waiting[0].name in names:
                del waiting[0]
                if waiting:
                    waiting[0].put_in_place()
                else:
                    function.__code__ = self._real[function]


if __name__ == "__main__":
    main()
