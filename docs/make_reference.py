"""Write `docs/reference/*.md` from the code: settings, events, errors, permissions and endpoints (`make reference`).

A test compares the files with what this would write, so nothing can exist without being documented.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import septet.app
from septet.commands.startup import import_service_settings
from septet.kernel.config import describe
from septet.kernel.errors import Problem
from septet.kernel.events import EVENT_TYPES
from septet.kernel.identity import PERMISSIONS
from septet.kernel.service import Service

FOLDER = Path(__file__).parent / "reference"
NOTE = "Made from the code by `make reference`; do not edit.\n"


def settings_page() -> str:
    """Every setting with its default and meaning."""
    import_service_settings()
    rows = [(f"`{s.name}`", f"`{s.default}`", s.meaning) for s in describe()]
    return page(
        "Settings",
        "All are environment variables; `septet config` shows their values.",
        table(("Setting", "Default", "Meaning"), rows),
    )


def events_page() -> str:
    """Every event with its fields."""
    ours = [t for t in EVENT_TYPES.values() if t.model.__module__.startswith("septet.")]
    types = sorted(ours, key=lambda t: t.name)
    rows = [
        (
            f"`{t.name}` v{t.version}",
            "yes" if t.public else "no",
            ", ".join(f"`{f}`" for f in t.model.__dataclass_fields__),
            first_line(t.model),
        )
        for t in types
    ]
    intro = "Facts that services publish. Public ones can be subscribed to by webhook. Delivery is at least once."
    return page("Events", intro, table(("Event", "Public", "Fields", "Meaning"), rows))


def errors_page() -> str:
    """Every refusal with its status."""
    found = {(c.code, c.status, c.title) for c in subclasses(Problem)}
    rows = [(f"`{code}`", str(status), title) for code, status, title in sorted(found)]
    return page(
        "Errors",
        "The `code` of a problem document is stable; programs compare it, not the text.",
        table(("Code", "Status", "Meaning"), rows),
    )


def permissions_page() -> str:
    """The permission matrix."""
    rows = [(f"`{p.name}`", p.role, f"`{p.scope}`") for p in sorted(PERMISSIONS.values(), key=lambda p: p.name)]
    intro = "Who may do what in an organization: the lowest role, and the scope that an API key needs."
    return page("Permissions", intro, table(("Act", "Role", "Scope"), rows))


def endpoints_page() -> str:
    """Every operation of the HTTP API."""
    rows = [(f"`{method.upper()} {path}`", operation["summary"]) for method, path, operation in operations(openapi())]
    return page(
        "Endpoints",
        "The HTTP API. Schemas and refusals: `/docs` and `/openapi.json`.",
        table(("Operation", "What it does"), rows),
    )


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "events.md": events_page,
    "errors.md": errors_page,
    "permissions.md": permissions_page,
    "endpoints.md": endpoints_page,
}


def openapi() -> dict[str, Any]:
    """The OpenAPI document of all services, made without any engine."""
    document: dict[str, Any] = septet.app.openapi_document()
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of each operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def services() -> tuple[Service, ...]:
    return septet.app.SERVICES


def subclasses(of: type[Problem]) -> Iterator[type[Problem]]:
    for child in of.__subclasses__():
        yield child
        yield from subclasses(child)


def first_line(model: type) -> str:
    return (model.__doc__ or "").strip().partition("\n")[0]


def page(title: str, intro: str, body: str) -> str:
    return f"# {title}\n\n{intro}\n\n{NOTE}\n{body}\n"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return "\n".join(lines + ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows])


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, write in PAGES.items():
        (FOLDER / name).write_text(write())
        print(f"wrote docs/reference/{name}")


if __name__ == "__main__":
    main()
