"""The log explorer with many lines, alerts on what was searched for, and how long lines are kept."""

import os
import re

import pytest
from benchmarks.installation import Installation
from playwright.sync_api import Page, expect

from tests.browser.conftest import bury
from tests.browser.people import Person, Visit, until

LINES = min(3_000 * int(os.environ.get("SOAK_ROUNDS", "1")), 60_000)
A_BODY = 10_000
A_SCREEN = 120


@pytest.mark.soak
def test_lines_that_are_not_in_view_do_not_exist(ada: Person, visit: Visit) -> None:
    """Scrolled through from the newest to the oldest, page by page. SOAK_ROUNDS=20 or more: sixty thousand lines."""
    for first in range(0, LINES, A_BODY):
        ada.post(
            "/logs", [{"service": "web", "message": f"request {n}"} for n in range(first, min(LINES, first + A_BODY))]
        )
    until(lambda: sum(bucket["count"] for bucket in ada.get("/logs/histogram")["buckets"]) == LINES)
    page = visit(ada).open("/logs")
    expect(page.get_by_role("button", name=re.compile(f"request {LINES - 1}$"))).to_be_visible()
    area = page.get_by_role("region", name="Log lines")
    most, loaded = 0, 0
    while loaded < LINES:
        drawn = area.get_by_role("button", name=re.compile("request ")).count()
        most = max(most, drawn)
        loaded = scroll_on(page, loaded)
    expect(page.get_by_role("button", name=re.compile("request 0$"))).to_be_visible()
    assert 0 < most < A_SCREEN


def scroll_on(page: Page, loaded: int) -> int:
    """To the end of what is loaded, and wait for more; how many lines there are now."""
    more = """before => {
      const area = document.querySelector("[data-lines]"), now = Number(area.dataset.lines);
      area.scrollTop = area.scrollHeight;
      return now > before && now;
    }"""
    return int(page.wait_for_function(more, arg=loaded).json_value())


def test_an_alert_is_made_from_a_saved_search(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/logs?q=level:error service:web declined".replace(" ", "+"))
    page.get_by_role("button", name="Saved").click()
    page.get_by_role("menuitem", name="Save this search").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Declined")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    [search] = ada.get("/logs/searches")["data"]
    page.get_by_role("tab", name="Alerts").click()
    page.get_by_role("button", name="New alert").first.click()
    dialog.get_by_role("combobox", name="Saved search").click()
    page.get_by_role("option", name="Declined").click()
    dialog.get_by_label("More lines than").fill("3")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("row").filter(has_text="Declined")).to_contain_text("3 in 300 s")
    [alert] = ada.get("/logs/alerts")["data"]
    assert (alert["name"], alert["threshold"], alert["query"]) == ("Declined", 3, search["query"])
    assert search["query"]["level"] == ["error"]


def test_what_is_seen_becomes_an_alert(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/logs?q=service:billing")
    page.get_by_role("button", name="Saved").click()
    page.get_by_role("menuitem", name="Alert on this search").click()
    expect(page.get_by_role("dialog").get_by_label("Query")).to_have_value("service:billing")


def test_retention_is_changed_and_its_limits_stay(ada: Person, visit: Visit) -> None:
    kept = {"days": 20, "perService": {"web": 5}, "maxBytes": 5_000_000, "maxBytesPerService": {"web": 2_000_000}}
    assert ada.api.put("/logs/retention", json=kept).is_success
    page = visit(ada).open("/logs?tab=retention")
    expect(page.get_by_text("5 days")).to_be_visible()
    page.get_by_label("Days").fill("7")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert ada.get("/logs/retention") == kept | {"days": 7}


def test_what_is_masked_is_hidden_from_then_on(ada: Person, visit: Visit) -> None:
    visitor = visit(ada)
    visitor.guard.forgiven = ("422",)
    page = visitor.open("/logs?tab=masks")
    page.get_by_role("button", name="New rule").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Secrets")
    dialog.get_by_role("combobox", name="What is hidden").click()
    page.get_by_role("option", name="A pattern of your own").click()
    dialog.get_by_label("Pattern").fill("secret=(")
    dialog.get_by_label("Instead").fill("secret=…")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_contain_text("no regular expression of RE2")
    dialog.get_by_label("Pattern").fill("secret=[^&]+")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("row").filter(has_text="Secrets")).to_contain_text("secret=[^&]+")
    ada.post("/logs", [{"service": "web", "message": "GET /?secret=plum&page=2"}])
    [line] = until(lambda: ada.get("/logs")["data"])
    assert line["message"] == "GET /?secret=…&page=2"
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("row").filter(has_text="Secrets")).to_have_count(1)


def test_dead_letters_are_looked_at_sent_again_and_thrown_away(ada: Person, visit: Visit, septet: Installation) -> None:
    bury(septet, ada, "a line to keep", "a line to forget")
    page = visit(ada).open("/logs?tab=dead-letters")
    rows = page.get_by_role("table", name="Dead letters").get_by_role("row")
    page.get_by_role("textbox", name="Search by service, reason or text").fill("forget")
    expect(rows).to_have_count(2)  # its head is one
    rows.nth(1).get_by_text("made for a test").click()
    letter = page.get_by_role("dialog", name="Dead letter")
    expect(letter).to_contain_text("a line to forget")
    letter.get_by_role("button", name="Delete").click()
    expect(letter).to_have_count(0)
    page.get_by_role("button", name="Clear").first.click()
    expect(rows.filter(has_text="made for a test")).to_have_count(1)
    rows.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No dead letters")).to_be_visible()
    until(lambda: [line["message"] for line in ada.get("/logs")["data"]] == ["a line to keep"])
    page.goto("about:blank")  # whoever leaves does not undo
    until(lambda: not ada.get("/logs/dead-letters")["data"])
