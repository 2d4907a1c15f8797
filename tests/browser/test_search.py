"""Every list is searched, in the URL; one whose API knows no words is read on until enough was found."""

import os
import re
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person, Visit, colleague
from tests.browser.test_states import enter

RULE = {"scope": "user", "algorithm": "fixed_window", "limit": 1, "windowMs": 1000}
TEXT = {"channels": {"email": {"en": {"subject": "Hello", "text": "Hello"}}}}
INBOX = {"channels": ["inApp"]}


class Search(NamedTuple):
    """On a page, words that find one of two things that were made at a path of the API; the other one says "other"."""

    page: str
    words: str
    path: str
    found: dict[str, Any]
    other: dict[str, Any]


SEARCHES = [
    Search(
        "/members?tab=invitations", "grace", "/invitations", {"email": "grace@x.example"}, {"email": "other@x.example"}
    ),
    Search(
        "/notifications",
        "dinner",
        "/notifications",
        INBOX | {"content": {"title": "Dinner", "body": "is ready"}},
        INBOX | {"content": {"title": "other", "body": "matter"}},
    ),
    Search(
        "/logs?tab=alerts", "errors", "/logs/alerts", {"name": "Errors", "query": {}}, {"name": "other", "query": {}}
    ),
]
SEARCHES_IN_SOAK = [
    Search("/limits", "orders", "/limits/rules", RULE | {"name": "Orders"}, RULE | {"name": "other"}),
    Search(
        "/api-keys", "backend", "/api-keys", {"name": "Backend", "scopes": ["*"]}, {"name": "other", "scopes": ["*"]}
    ),
    Search("/projects", "ops", "/projects", {"name": "Operations", "key": "OPS"}, {"name": "other", "key": "OTHER"}),
    Search(
        "/links",
        "spring",
        "/links",
        {"url": "https://x.example/", "title": "Spring"},
        {"url": "https://other.example/"},
    ),
    Search("/links?tab=domains", "spring", "/links/domains", {"host": "spring.example"}, {"host": "other.example"}),
    Search(
        "/logs?tab=masks", "cards", "/logs/masks", {"name": "Cards", "kind": "card"}, {"name": "other", "kind": "email"}
    ),
    Search(
        "/notifications?tab=templates",
        "shipped",
        "/templates",
        TEXT | {"key": "order.shipped", "category": "orders"},
        TEXT | {"key": "other.key", "category": "general"},
    ),
    Search(
        "/notifications?tab=webhooks",
        "hooks",
        "/webhook-endpoints",
        {"url": "https://x.example/hooks", "events": ["*"]},
        {"url": "https://x.example/other", "events": ["*"]},
    ),
]


@pytest.mark.soak
def test_lists_are_searched_by_words(ada: Person, visit: Visit) -> None:
    """Some of them; all in `make soak`."""
    searches = SEARCHES + SEARCHES_IN_SOAK if "SOAK_ROUNDS" in os.environ else SEARCHES
    fill(ada, searches)
    page = visit(ada).open("/nowhere")
    for search in searches:
        enter(page, search.page)
        expect(rows(page, "other"), search.page).not_to_have_count(0)
        field = page.locator("[data-search]").last
        field.fill(search.words)
        expect(rows(page, "other"), search.page).to_have_count(0)
        expect(rows(page, re.compile(search.words, re.IGNORECASE)), search.page).to_have_count(1)
        expect(page).to_have_url(re.compile(rf"[?&]\w+={search.words}"))
        field.fill("nothing of this name")
        expect(page.get_by_text("Nothing fits this search"), search.page).to_be_visible()


def fill(ada: Person, searches: list[Search]) -> None:
    to = {"to": {"userId": ada.get("/me")["user"]["id"]}}
    for search in searches:
        for body in (search.found, search.other):
            ada.post(search.path, body | to if search.path == "/notifications" else body)


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


def rows(page: Page, text: str | re.Pattern[str]) -> Locator:
    return page.locator("main tbody tr, main ul[aria-label=Inbox] > li").filter(has_text=text)
