"""The log explorer with many lines, alerts on what was searched for, and how long lines are kept."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

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
