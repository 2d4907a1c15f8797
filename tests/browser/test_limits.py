"""Rules that are tried before they bind: in shadow mode, and on the traffic that was recorded."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person, Visit, until

RULE = {"name": "One order", "scope": "user", "algorithm": "fixed_window", "limit": 1, "windowMs": 3_600_000}


def test_a_rule_in_shadow_counts_and_lets_through(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/limits?new=1")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("One order")
    dialog.get_by_label("Requests").fill("1")
    dialog.get_by_label("Shadow: count, but let everybody through").check()
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="One order")
    expect(row).to_contain_text("shadow")
    [rule] = [each for each in ada.get("/limits/rules")["data"] if each["name"] == "One order"]
    assert rule["shadow"] is True
    assert check(ada, 2) == [True, True]
    until(lambda: sum(point["shadowDenied"] for point in ada.get("/limits/stats")["series"]) == 1)
    page.get_by_role("tab", name="Traffic").click()
    expect(figure(page, "Denied in shadow")).to_contain_text("1")
    expect(figure(page, "Denied")).to_contain_text("0")

    page.get_by_role("tab", name="Rules").click()
    row.get_by_text("One order").click()
    dialog.get_by_label("Shadow: count, but let everybody through").uncheck()
    dialog.get_by_role("button", name="Save").click()
    expect(row.get_by_text("shadow")).to_have_count(0)
    until(lambda: check(ada, 1) == [False])


def test_a_rule_is_replayed_on_recorded_traffic(ada: Person, visit: Visit) -> None:
    assert check(ada, 3) == [True, True, True]
    ada.post("/limits/rules", RULE | {"shadow": True})
    until(lambda: sum(point["allowed"] for point in ada.get("/limits/stats")["series"]) == 3)
    page = visit(ada).open("/limits")
    page.get_by_role("row").filter(has_text="One order").get_by_role("button", name="Replay").click()
    expect(figure(page, "Would be allowed")).to_contain_text("1")
    expect(figure(page, "Would be denied")).to_contain_text("2")
    expect(page.get_by_role("dialog").get_by_text("grace /orders")).to_be_visible()


def check(ada: Person, times: int) -> list[bool]:
    """What a program is told that asks for the same user so often."""
    key = ada.post("/api-keys", {"name": "shop", "scopes": ["limits:check"]})["key"]
    wanted = {"apiKey": key, "route": "/orders", "userId": "grace"}
    return [ada.post("/check", wanted)["allowed"] for _ in range(times)]


def figure(page: Page, label: str) -> Locator:
    return page.locator(".surface").filter(has=page.get_by_text(label, exact=True))
