"""The first page: whether the engines answer, what happened today, what the team did, and what to do first."""

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person, Visit, colleague, until

TODAY = {"Clicks": "1", "Log lines": "3", "Payments": "1", "Unread messages": "2"}


def test_engines_figures_and_activity(ada: Person, visit: Visit) -> None:
    do_a_days_work(ada)
    page = visit(ada).open("/")
    for engine in ada.get("/readyz")["engines"]:
        expect(health(page, engine)).to_contain_text("ok")
    for label, figure in TODAY.items():
        expect(page.get_by_role("link", name=f"{label} {figure} ")).to_be_visible()
    expect(page.get_by_text("2 errors")).to_be_visible()
    many = [{"status": status, "count": count} for status, count in (("SUCCESS", 201), ("FAILED", 100))]
    page.route("**/payments/totals?*", lambda route: route.fulfill(json={"data": many}))
    page.reload()
    expect(page.get_by_role("link", name="Payments 301 201 succeeded")).to_be_visible()
    page.get_by_role("link", name="created a task").click()
    expect(page.get_by_role("heading", name="Move the database")).to_be_visible()


def do_a_days_work(ada: Person) -> None:
    """What the figures count, until they do."""
    link = ada.post("/links", {"url": "https://example.com/"})
    httpx.get(link["shortUrl"], headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:121.0) Firefox/121.0"})
    ada.post("/logs", [{"service": "web", "level": level, "message": "a line"} for level in ("info", "error", "fatal")])
    ada.post("/payments", {"orderId": "order-1", "amount": 4200, "currency": "EUR"})
    project = ada.post("/projects", {"name": "Operations", "key": "OPS"})
    ada.post(f"/projects/{project['id']}/tasks", {"title": "Move the database"})
    room = ada.post("/rooms", {"name": "general", "visibility": "public"})
    grace = colleague(ada)
    grace.post(f"/rooms/{room['id']}/join")
    for number in range(2):
        grace.post(f"/rooms/{room['id']}/messages", {"body": "Hello", "clientMessageId": str(number)})
    until(lambda: ada.get("/links/stats")["totalClicks"] == 1)
    until(lambda: len(ada.get("/logs")["data"]) == 3)


def test_an_engine_that_is_away_is_named(ada: Person, visit: Visit) -> None:
    visitor = visit(ada)
    visitor.guard.forgiven = ("503",)
    engines = {"postgres": "ok", "valkey": "unavailable", "clickhouse": "ok"}
    visitor.page.route("**/readyz", lambda route: route.fulfill(status=503, json={"engines": engines}))
    page = visitor.open("/")
    expect(health(page, "valkey")).to_contain_text("unavailable")
    expect(health(page, "postgres")).to_contain_text("ok")


def test_first_steps_stay_until_they_are_done(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/")
    expect(page.get_by_label("0 of 5 done")).to_be_attached()
    page.get_by_role("link", name="Start a project").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Operations")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("heading", name="Operations")).to_be_visible()
    go_home(page)
    expect(page.get_by_label("1 of 5 done")).to_be_attached()
    colleague(ada)
    ada.post("/api-keys", {"name": "Backend", "scopes": ["*"]})
    ada.post("/links", {"url": "https://example.com/"})
    ada.post("/rooms", {"name": "general", "visibility": "public"})
    page.get_by_role("link", name="Projects").click()
    go_home(page)
    expect(page.get_by_role("heading", name="First steps")).to_have_count(0)


def test_first_steps_that_are_put_away_stay_away(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/")
    page.get_by_role("button", name="Put away").click()
    expect(page.get_by_role("heading", name="First steps")).to_have_count(0)
    page.get_by_role("link", name="Projects").click()
    go_home(page)  # where what is done was read before, so that the steps would be there at once
    expect(page.get_by_role("heading", name="First steps")).to_have_count(0)
    assert "true" in page.evaluate("Object.entries(localStorage).find(([key]) => key.startsWith('septet.first-steps'))")


def go_home(page: Page) -> None:
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Health")).to_be_visible()


def health(page: Page, engine: str) -> Locator:
    return page.locator(f"[data-engine={engine}]")
