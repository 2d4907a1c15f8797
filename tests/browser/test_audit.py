"""The audit log: what was done, found again by act and by person; what is looked for stays in the URL."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person, Visit, colleague


def test_acts_are_found_and_the_search_survives_a_reload(ada: Person, visit: Visit) -> None:
    key = ada.post("/api-keys", {"name": "Backend", "scopes": ["links:read"]})
    ada.post("/projects", {"name": "Operations", "key": "OPS"})
    page = visit(ada).open("/audit")
    expect(acts(page).filter(has_text="organization.created")).to_have_count(1)
    page.get_by_role("textbox", name="Search by act").fill("api_key")
    expect(acts(page)).to_have_count(1)
    expect(acts(page)).to_contain_text(key["id"])
    expect(page).to_have_url(re.compile(r"[?&]q=api_key\b"))
    page.reload()
    expect(acts(page)).to_have_count(1)
    expect(page.get_by_role("textbox", name="Search by act")).to_have_value("api_key")
    [event] = ada.get("/audit-events", action="api_key.*")["data"]
    assert (event["action"], event["targetId"]) == ("api_key.created", key["id"])


def test_acts_of_one_person(ada: Person, visit: Visit) -> None:
    grace = colleague(ada)
    page = visit(ada).open("/audit")
    page.get_by_role("combobox", name="Who").click()
    page.get_by_role("option", name="Grace Hopper").click()
    expect(acts(page).filter(has_text="Ada Lovelace")).to_have_count(0)
    expect(page).to_have_url(re.compile(f"actor={grace.get('/me')['user']['id']}"))
    told = ada.get("/audit-events", actorId=grace.get("/me")["user"]["id"])["data"]
    expect(acts(page)).to_have_count(len(told))
    page.get_by_role("button", name="Clear").click()
    expect(acts(page).filter(has_text="Ada Lovelace").first).to_be_visible()


def acts(page: Page) -> Locator:
    return page.get_by_role("table", name="Audit log").locator("tbody tr:not(:has(.mantine-Skeleton-root))")
