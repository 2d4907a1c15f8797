"""The rules of the house that no linter knows."""

import ast
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "septet").rglob("*.py"))
BANNED = {"utils", "helpers", "common", "manager", "base", "impl", "misc"}
LONG_FILE_LINES = 400


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_has_a_banned_name() -> None:
    assert not [relative(path) for path in SOURCES if path.stem in BANNED]


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_file_begins_with_its_important_sentence(path: Path) -> None:
    source = path.read_text()
    assert not source.strip() or ast.get_docstring(ast.parse(source)), f"{relative(path)} needs a docstring"


def test_long_files_are_told() -> None:
    for path in SOURCES:
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > LONG_FILE_LINES:
            warnings.warn(f"{relative(path)} has {lines} lines; split it by noun", stacklevel=1)


def test_time_comes_from_the_clock() -> None:
    """`now()` in a query, or `datetime.now`, would ignore a virtual clock."""
    guilty = []
    for path in (ROOT / "src" / "septet" / "services").rglob("*.py"):
        source = path.read_text()
        if "datetime.now(" in source or "time.time()" in source or "func.now()" in source or "utcnow" in source:
            guilty.append(relative(path))
    assert not guilty


def test_lock_files_carry_no_address() -> None:
    locks = [*ROOT.glob("requirements*.lock"), *ROOT.glob("console/package-lock.json")]
    locks += [p for p in (ROOT / "benchmarks").rglob("package-lock.json") if "node_modules" not in p.parts]
    assert locks
    assert not [relative(path) for path in locks if "://" in path.read_text() and '"resolved"' in path.read_text()]
