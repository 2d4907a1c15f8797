"""A promise between services is one short file, proven by a test of the same name, and told in the docs."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISES = sorted(path for path in (ROOT / "src/septet/integrations").glob("*.py") if path.stem != "__init__")
MOST_LINES = 40


@pytest.mark.parametrize("promise", PROMISES, ids=lambda path: path.stem)
def test_a_promise_is_short_proven_and_told(promise: Path) -> None:
    assert len(promise.read_text().splitlines()) < MOST_LINES
    assert (ROOT / f"tests/integrations/test_{promise.name}").exists()
    assert f"`{promise.stem}`" in (ROOT / "docs/integrations.md").read_text()
