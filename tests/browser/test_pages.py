"""Every page in light, dark and on a phone: axe finds nothing, nothing overflows; on request a picture of each."""

import os
from pathlib import Path

import pytest
from benchmarks.installation import Installation
from playwright.sync_api import Page, expect

from tests.browser.conftest import CONSOLE, bury
from tests.browser.people import DESK, LOOKED_INTO_A_MAIL, PHONE, Person, Visit, sign_up

AXE = CONSOLE / "node_modules/axe-core/axe.min.js"
PICTURES = os.environ.get("SEPTET_TEST_SCREENSHOTS")
COLOURS_ARE_THERE = "() => !document.getAnimations().some(a => a instanceof CSSTransition && a.playState === 'running')"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def furnished(base: str, septet: Installation) -> Person:
    """Somebody whose organization has something on every page."""
    person = sign_up(base)
    bury(septet, person, "a line that nobody can store")
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
    link = person.post("/links", {"url": "https://example.com/spring", "alias": "spring-for-all", "tags": ["may"]})
    domain = person.post("/links/domains", {"host": "go.example.com"})
    person.post("/logs/masks", {"name": "Card numbers", "kind": "card"})
    return [
        "/", "/members", "/members?tab=invitations", "/api-keys", "/organization", "/audit", "/account",
        "/projects", f"/projects/{project['id']}", f"/tasks/{task['id']}", "/billing", "/flags",
        "/chat", f"/chat/{room['id']}",
        "/notifications", "/notifications?tab=deliveries", "/notifications?tab=templates",
        "/notifications?tab=webhooks", "/notifications?tab=mailbox", "/notifications?tab=preferences",
        "/notifications?tab=branding", "/links", "/links?tab=domains", f"/links?tab=domains&domain={domain['id']}",
        f"/links/{link['id']}", "/logs", "/logs?tab=masks", "/logs?tab=dead-letters", "/limits", "/payments",
    ]  # fmt: skip


def test_pages(furnished: Person, visit: Visit) -> None:
    """One visit a page: the whole of axe in light, then what another look can change."""
    visitor = visit(furnished)
    visitor.guard.forgiven = (LOOKED_INTO_A_MAIL,)  # as axe does, too
    first, *others = pages(furnished)
    page = visitor.open(first)
    problems = []
    for path in [first, *others]:
        name = path.strip("/").replace("/", "-").replace("?", "-") or "home"
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light")
        visitor.follow(path)
        visitor.settle()
        found = axe(page)
        take_picture(page, "light", name)
        page.emulate_media(color_scheme="dark")
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
        found += axe(page, ["color-contrast"])
        take_picture(page, "dark", name)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(PHONE)
        found += overflow(page) + axe(page, ["target-size", "scrollable-region-focusable"])
        take_picture(page, "phone", name)
        problems += [f"{path}: {problem}" for problem in found]
    assert not problems, "\n".join(problems)


def test_the_sign_in_page(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/")
    expect(page.get_by_label("E-mail")).to_be_visible()
    found = axe(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    assert not [*found, *axe(page), *overflow(page)]


def take_picture(page: Page, look: str, name: str) -> None:
    """For somebody to look at, in the folder that they name."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / look / f"{name}.png")


def axe(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe objects to. Its script is read by the browser's debugger, so the page's own policy stays as it is."""
    page.wait_for_function(COLOURS_ARE_THERE)
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"(() => {{ {AXE.read_text()} }})()")
    wanted = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": STANDARDS}
    # What is in order is not looked up again to be described.
    options = {"runOnly": wanted, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:200]} {violation['nodes'][0]['any'][:1]}"
        for violation in found["violations"]
    ]


def overflow(page: Page) -> list[str]:
    """A page never scrolls sideways."""
    width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"{width} pixels wide in a window of {window}"] if width > window else []
