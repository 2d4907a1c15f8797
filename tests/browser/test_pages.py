"""Every page in light, dark and at a phone's width: axe finds nothing, nothing overflows, a picture of each to look at."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser.conftest import CONSOLE
from tests.browser.people import DESK, PHONE, Person, Visit, sign_up

AXE = (CONSOLE / "node_modules/axe-core/axe.min.js").as_posix()
LOOKS = {
    "light": {"viewport": DESK, "color_scheme": "light"},
    "dark": {"viewport": DESK, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light"},
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def furnished(base: str) -> Person:
    """Somebody whose organization has something on every page."""
    person = sign_up(base)
    person.post("/invitations", {"email": "grace@example.com", "role": "ADMIN"})
    person.post("/api-keys", {"name": "Backend", "scopes": ["*"]})
    me = person.get("/me")["user"]["id"]
    person.post("/notifications", {"content": {"title": "Welcome", "body": "Hello"}, "to": {"userId": me}})
    person.post(
        "/logs", [{"service": "web", "level": level, "message": f"a line of {level}"} for level in ("info", "error")]
    )
    return person


def pages(person: Person) -> list[str]:
    project = person.post("/projects", {"name": "Operations", "key": "OPS"})
    task = person.post(f"/projects/{project['id']}/tasks", {"title": "Move the database", "priority": "high"})
    room = person.post("/rooms", {"name": "general", "visibility": "public"})
    person.post(f"/rooms/{room['id']}/messages", {"clientMessageId": "1", "body": "Hello **all**"})
    return [
        "/", "/members", "/members?tab=invitations", "/api-keys", "/organization", "/audit", "/account",
        "/projects", f"/projects/{project['id']}", f"/tasks/{task['id']}", "/billing", "/flags",
        "/chat", f"/chat/{room['id']}",
        "/notifications", "/notifications?tab=deliveries", "/notifications?tab=templates", "/notifications?tab=webhooks",
        "/notifications?tab=mailbox", "/notifications?tab=preferences",
        "/links", "/logs", "/limits", "/payments",
    ]  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
def test_pages(look: str, furnished: Person, visit: Visit, tmp_path: Path) -> None:
    folder = Path(os.environ.get("SEPTET_TEST_SCREENSHOTS", tmp_path)) / look
    folder.mkdir(parents=True, exist_ok=True)
    visitor = visit(furnished, **LOOKS[look])
    problems = []
    for path in PAGES.setdefault("paths", pages(furnished)):
        page = visitor.open(path)
        visitor.settle()
        page.screenshot(path=folder / f"{path.strip('/').replace('/', '-').replace('?', '-') or 'home'}.png")
        problems += [f"{path}: {problem}" for problem in [*axe(page), *overflow(page)]]
    assert not problems, "\n".join(problems)


def test_the_sign_in_page(visit: Visit) -> None:
    visitor = visit(color_scheme="dark", viewport=PHONE)
    page = visitor.open("/")
    assert not [*axe(page), *overflow(page)]


PAGES: dict[str, list[str]] = {}


def axe(page: Page) -> list[str]:
    """What axe objects to. Its script is read by the browser's debugger, so the page's own policy stays as it is."""
    page.evaluate(Path(AXE).read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:200]} {violation['nodes'][0]['any'][:1]}"
        for violation in found["violations"]
    ]


def overflow(page: Page) -> list[str]:
    """A page never scrolls sideways."""
    width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"{width} pixels wide in a window of {window}"] if width > window else []
