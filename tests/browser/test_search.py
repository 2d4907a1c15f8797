"""Every list is searched, in the URL; one whose API knows no words is read on until enough was found."""

import os
import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person, Visit, colleague
from tests.browser.test_states import enter


def test_lists_are_searched_by_words(ada: Person, visit: Visit) -> None:
    fill(ada)
    page = visit(ada).open("/nowhere")
    for path, words, found in SEARCHES:
        enter(page, path)
        expect(rows(page, "other"), path).not_to_have_count(0)
        search = page.locator("[data-search]").last
        search.fill(words)
        expect(rows(page, "other"), path).to_have_count(0)
        expect(rows(page, found), path).to_have_count(1)
        expect(page).to_have_url(re.compile(rf"[?&]\w+={words}"))
        search.fill("nothing of this name")
        expect(page.get_by_text("Nothing fits this search"), path).to_be_visible()


SEARCHES = [
    ("/members?tab=invitations", "grace", "grace@example.com"),
    ("/api-keys", "backend", "Backend"),
    ("/projects", "ops", "Operations"),
    ("/links", "spring", "/spring"),
    ("/notifications", "dinner", "Dinner"),
    ("/notifications?tab=templates", "shipped", "order.shipped"),
    ("/notifications?tab=webhooks", "hooks", "https://example.com/hooks"),
    ("/logs?tab=alerts", "errors", "Errors"),
    ("/limits", "orders", "Orders"),
    ("/flags", "checkout", "new-checkout"),
]


def fill(ada: Person) -> None:
    """Of each list one that is looked for, and one other."""
    me = ada.get("/me")["user"]["id"]
    for name, text in ADDED:
        ada.post(name, text | ({"to": {"userId": me}} if name == "/notifications" else {}))
    for flag in ("new-checkout", "other-flag"):
        answer = ada.api.put(f"/features/{flag}", json={"enabled": True, "value": True, "offValue": False})
        assert answer.is_success, answer.text


RULE = {"scope": "user", "algorithm": "fixed_window", "limit": 1, "windowMs": 1000}
TEXT = {"email": {"en": {"subject": "Hello", "text": "Hello"}}}
ADDED = [
    ("/invitations", {"email": "grace@example.com", "role": "MEMBER"}),
    ("/invitations", {"email": "other@example.com", "role": "MEMBER"}),
    ("/api-keys", {"name": "Backend", "scopes": ["links:read"]}),
    ("/api-keys", {"name": "other", "scopes": ["logs:read"]}),
    ("/projects", {"name": "Operations", "key": "OPS"}),
    ("/projects", {"name": "other", "key": "OTHER"}),
    ("/links", {"url": "https://example.com/", "alias": f"spring-{os.getpid()}", "title": "May"}),
    ("/links", {"url": "https://example.com/other"}),
    ("/notifications", {"content": {"title": "Dinner", "body": "is ready"}, "channels": ["inApp"]}),
    ("/notifications", {"content": {"title": "other", "body": "matter"}, "channels": ["inApp"]}),
    ("/templates", {"key": "order.shipped", "category": "orders", "channels": TEXT}),
    ("/templates", {"key": "other.key", "category": "general", "channels": TEXT}),
    ("/webhook-endpoints", {"url": "https://example.com/hooks", "events": ["*"]}),
    ("/webhook-endpoints", {"url": "https://example.com/other", "events": ["*"]}),
    ("/logs/alerts", {"name": "Errors", "query": {"level": ["error"]}}),
    ("/logs/alerts", {"name": "other", "query": {}}),
    ("/limits/rules", RULE | {"name": "Orders", "route": "/orders"}),
    ("/limits/rules", RULE | {"name": "other", "route": "/other"}),
]


def test_a_search_reads_on_beyond_the_first_page(ada: Person, visit: Visit) -> None:
    """Two hundred keys come at once; the one that is looked for is older than all of them."""
    ada.post("/api-keys", {"name": "Needle", "scopes": ["links:read"]})
    for number in range(201):
        ada.post("/api-keys", {"name": f"Straw {number}", "scopes": ["links:read"]})
    page = visit(ada).open("/api-keys?q=needle")
    expect(rows(page, "Needle")).to_have_count(1)


def test_rooms_are_found_by_name(ada: Person, visit: Visit) -> None:
    for name in ("general", "random"):
        ada.post("/rooms", {"name": name, "visibility": "public"})
    elsewhere = colleague(ada).post("/rooms", {"name": "elsewhere", "visibility": "public"})
    page = visit(ada).open("/chat")
    page.get_by_role("textbox", name="Search rooms").fill("gen")
    expect(page.get_by_role("link", name="random")).to_have_count(0)
    expect(page.get_by_role("link", name="general")).to_be_visible()
    page.get_by_role("button", name="New room or message").click()
    page.get_by_role("tab", name="Find a room").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("# general")).to_be_visible()
    dialog.get_by_role("textbox", name="Search rooms").fill("else")
    expect(dialog.get_by_text("# general")).to_have_count(0)
    dialog.get_by_role("button", name="Join").click()
    expect(page).to_have_url(re.compile(elsewhere["id"]))
    assert elsewhere["id"] in [room["id"] for room in ada.get("/rooms")["data"]]


def rows(page: Page, text: str) -> Locator:
    return page.locator("main tbody tr, main ul[aria-label=Inbox] > li").filter(has_text=text)
