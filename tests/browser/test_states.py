"""While something loads a page says so; when it fails, the page says that, and trying again mends it."""

import os
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.people import PHONE, Person, Visit, until
from tests.browser.test_pages import axe

REFUSED = {"title": "The engine is away", "status": 400, "code": "engine_away", "detail": "Come back later."}
# Which request fills which page: one of each kind, and all others in `make soak`.
ASKED = {
    "/members": "/members",
    "/audit": "/audit-events",
    "/organization": "/organizations/{organization}",
    "/logs": "/logs",
    "/logs?tab=retention": "/logs/retention",
    "/notifications": "/inbox",
    "/payments?tab=chaos": "/payments/simulator/faults",
    "/chat": "/rooms",
}
ASKED_IN_SOAK = {
    "/members?tab=invitations": "/invitations",
    "/api-keys": "/api-keys",
    "/account": "/auth/sessions",
    "/billing": "/billing",
    "/flags": "/features",
    "/projects": "/projects",
    "/links": "/links",
    "/links?tab=domains": "/links/domains",
    "/logs?tab=masks": "/logs/masks",
    "/logs?tab=dead-letters": "/logs/dead-letters",
    "/logs?tab=alerts": "/logs/alerts",
    "/limits": "/limits/rules",
    "/limits?tab=traffic": "/limits/stats",
    "/notifications?tab=deliveries": "/notifications",
    "/notifications?tab=templates": "/templates",
    "/notifications?tab=webhooks": "/webhook-endpoints",
    "/notifications?tab=mailbox": "/mailbox",
    "/notifications?tab=preferences": "/preferences",
    "/notifications?tab=branding": "/branding",
    "/payments": "/payments",
    "/payments?tab=reconciliation": "/payments/reconciliation",
}


class Gate:
    """Stands before one path of the API: holds its requests, then refuses them, then lets them through."""

    def __init__(self, page: Page) -> None:
        self._path, self._refuses = "", False
        self._held: list[Route] = []
        page.route(lambda url: bool(self._path) and urlsplit(url).path == self._path, self._arrived)

    def hold(self, path: str) -> None:
        self._path, self._refuses = path, False

    def refuse(self) -> None:
        self._refuses = True
        while self._held:
            self._arrived(self._held.pop())

    def open(self) -> None:
        self._path = ""

    def _arrived(self, route: Route) -> None:
        if self._refuses:
            route.fulfill(status=400, json=REFUSED)
        else:
            self._held.append(route)


@pytest.mark.soak
def test_every_page_says_that_it_loads_and_that_it_failed(ada: Person, visit: Visit) -> None:
    """Each is entered as by a link, so that the frame need not load again."""
    visitor = visit(ada)
    visitor.guard.forgiven = ("400",)
    page = visitor.open("/nowhere")
    gate = Gate(page)
    pages = ASKED | ASKED_IN_SOAK if "SOAK_ROUNDS" in os.environ else ASKED
    for path, asked in pages.items():
        gate.hold(asked.format(organization=ada.organization_id))
        enter(page, path)
        expect(page.locator("[aria-busy=true]").first, path).to_be_visible()
        gate.refuse()
        alert = page.get_by_role("alert").filter(has_text="Come back later.")
        if path == "/audit":
            assert contrast(page) == [], "in the dark, too"
        again = alert.get_by_role("button", name="Try again")
        expect(again.first, path).to_be_visible()
        gate.open()
        again.evaluate_all("buttons => buttons[0]?.click()")  # a page that looks every few seconds has perhaps done so
        expect(alert, path).to_have_count(0)
        expect(page.locator("[aria-busy=true]"), path).to_have_count(0)


def test_what_does_not_answer_is_asked_again_and_then_told(ada: Person, visit: Visit) -> None:
    """The page's own pauses are skipped: its clock is moved."""
    visitor = visit(ada, apart=True)
    visitor.guard.forgiven = ("503", "ERR_FAILED")
    page = visitor.page
    page.clock.install()
    asked: list[str] = []
    page.route("**/api-keys?*", lambda route: (asked.append(route.request.url), route.abort()))
    visitor.open("/api-keys")
    alert = page.get_by_role("alert").filter(has_text="Septet does not answer")
    until(lambda: page.clock.run_for(1000) or alert.count())
    assert len(asked) == 4
    page.unroute("**/api-keys?*")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No keys yet")).to_be_visible()


def test_a_phone_shows_what_stands_beside_no_rooms(ada: Person, visit: Visit) -> None:
    visitor = visit(ada)
    visitor.page.set_viewport_size(PHONE)
    page = visitor.open("/chat")
    expect(page.get_by_text("No rooms yet")).to_be_visible()
    visitor.guard.forgiven = ("400",)
    gate = Gate(page)
    gate.hold("/rooms")
    page.reload()
    gate.refuse()
    expect(page.get_by_role("alert").filter(has_text="Come back later.")).to_be_visible()


def contrast(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    found = axe(page, ["color-contrast"])
    page.emulate_media(color_scheme="light")
    return found


def enter(page: Page, path: str) -> None:
    go = "path => (history.pushState({}, '', path), dispatchEvent(new PopStateEvent('popstate')))"
    page.evaluate(go, f"/console{path}")
