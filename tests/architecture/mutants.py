"""Drops one guard at a time and expects the isolation tests to notice: `make test-mutants`.

A mutant is a table without its policy (the raw-SQL test must turn red), or a query without its tenant filter (the
generated test over HTTP must, with all policies off). Those that nothing notices are listed, and the run fails.

    python -m tests.architecture.mutants [--only TEXT]
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = re.compile(r"CREATE TABLE (\w+\.\w+) \(\s*(?:\{OF_TENANT\}|tenant_id)")
FILTER = re.compile(r"\b(\w+)\.(tenant_id|id) == uow\.tenant_id")
POLICIES = "tests/architecture/test_row_security.py::test_application_role_sees_and_changes_nothing_of_others"
FILTERS = "tests/architecture/test_isolation.py::test_no_operation_reaches_another_organization[filters alone]"


@dataclass(frozen=True)
class Mutant:
    """A name, the test that must fail, and how to make it: an environment, or a source file with another text."""

    name: str
    test: str
    environment: dict[str, str] = field(default_factory=dict)
    file: Path | None = None
    text: str = ""


def mutants() -> Iterator[Mutant]:
    for migration in sorted((ROOT / "src/septet/migrations/versions").glob("*.py")):
        for table in sorted(
            set(re.findall(r"CREATE TABLE (\w+\.\w+) \(\s*(?:\{OF_TENANT\}|tenant_id)", migration.read_text()))
        ):
            yield Mutant(f"policy of {table}", POLICIES, {"DROP_POLICY_OF": table})
    for file in sorted((ROOT / "src/septet/services").glob("*/store/*.py")):
        source = file.read_text()
        for match in FILTER.finditer(source):
            line = source.count("\n", 0, match.start()) + 1
            without = f"{match[1]}.{match[2]}.is_not(None)"
            text = source[: match.start()] + without + source[match.end() :]
            yield Mutant(f"filter in {file.relative_to(ROOT)}:{line}", FILTERS, file=file, text=text)


def survives(mutant: Mutant) -> bool:
    """Whether the test passes all the same."""
    with tempfile.TemporaryDirectory(prefix="septet-mutant-") as directory:
        environment = os.environ | mutant.environment
        if mutant.file is not None:
            copy = Path(directory) / "src"
            shutil.copytree(ROOT / "src", copy, ignore=shutil.ignore_patterns("__pycache__", "console"))
            (copy / mutant.file.relative_to(ROOT / "src")).write_text(mutant.text)
            environment["PYTHONPATH"] = str(copy)
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutant.test]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=300).returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="mutants whose name contains this")
    only = parser.parse_args().only
    chosen = [mutant for mutant in mutants() if only in mutant.name]
    survivors = []
    for mutant in chosen:
        noticed = not survives(mutant)
        print("noticed " if noticed else "SURVIVED", mutant.name, flush=True)
        survivors += [] if noticed else [mutant.name]
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} noticed")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
