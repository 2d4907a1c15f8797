"""Nothing exists undocumented: settings, events, errors, permissions, endpoints, and every field of the API."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
assert _spec is not None and _spec.loader is not None
reference: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reference)
Operations = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Made here, not while tests are collected: every worker collects them all."""
    made: dict[str, Any] = reference.openapi()
    return made


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> Operations:
    return list(reference.operations(document))


@pytest.mark.parametrize("name", reference.PAGES)
def test_reference_is_current(name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text()
    assert written == reference.PAGES[name](), f"docs/reference/{name} is out of date: run `make reference`"


def test_every_operation_is_described(operations: Operations) -> None:
    missing = [f"{method} {path}" for method, path, operation in operations if not operation.get("summary")]
    assert not missing


def test_every_operation_says_how_it_refuses(operations: Operations) -> None:
    silent = [
        f"{method} {path}"
        for method, path, operation in operations
        if not any(status.startswith(("4", "5")) for status in operation["responses"])
    ]
    assert not silent


def test_operation_ids_are_unique(operations: Operations) -> None:
    ids = [operation["operationId"] for _, _, operation in operations]
    assert sorted(set(ids)) == sorted(ids)


def test_every_field_is_described(document: dict[str, Any]) -> None:
    bare = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, definition in schema.get("properties", {}).items()
        if not definition.get("description") and "HTTPValidationError" not in name and name != "ValidationError"
    ]
    assert not bare, f"fields without a description: {', '.join(bare)}"


def test_every_parameter_is_described(operations: Operations) -> None:
    bare = [
        f"{method} {path}: {parameter['name']}"
        for method, path, operation in operations
        for parameter in operation.get("parameters", [])
        if parameter["in"] != "path" and not parameter.get("description")
    ]
    assert not bare, f"parameters without a description: {', '.join(bare)}"


def test_events_and_errors_have_a_sentence() -> None:
    for event_type in reference.EVENT_TYPES.values():
        if event_type.name.startswith("tests."):
            continue
        assert reference.first_line(event_type.model), f"{event_type.name} needs a docstring"
    codes = {c.code: c for c in reference.subclasses(reference.Problem)}
    assert all(problem.title for problem in codes.values())


def test_every_service_has_a_page() -> None:
    missing = [s.name for s in reference.services() if not (ROOT / "docs" / f"{s.name}.md").exists()]
    assert not missing, f"no docs page for: {', '.join(missing)}"
