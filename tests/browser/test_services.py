"""One journey through each service that programs call: made in the console and read through the API."""

import re

import httpx
from playwright.sync_api import expect

from tests.browser.people import PASSWORD, Person, Visit, until

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:121.0) Gecko/20100101 Firefox/121.0"
CRAWLER = "Googlebot/2.1 (+http://www.google.com/bot.html)"


def test_a_link_is_made_followed_and_counted(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/links?new=1")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address").fill("https://example.com/spring")
    dialog.get_by_role("button", name="Campaign (UTM)").click()
    dialog.get_by_label("utm_source").fill("newsletter")
    expect(dialog.get_by_text("https://example.com/spring?utm_source=newsletter")).to_be_visible()
    dialog.get_by_role("button", name="Shorten").click()
    clicks = page.get_by_role("table", name="Latest clicks")
    expect(page.get_by_text("Nobody came by yet")).to_be_visible()
    [link] = ada.get("/links")["data"]
    for agent in (FIREFOX, CRAWLER):
        answer = httpx.get(link["shortUrl"], headers={"User-Agent": agent, "Referer": f"https://x.example/{agent[0]}"})
        assert answer.headers["location"] == "https://example.com/spring?utm_source=newsletter"
    expect(clicks.get_by_role("row").filter(has_text="human")).to_have_count(1)
    expect(clicks.get_by_role("row").filter(has_text="bot")).to_have_count(1)
    until(lambda: ada.get(f"/links/{link['id']}/stats")["totalClicks"] == 1)

    page.get_by_role("combobox", name="Who").click()
    page.get_by_role("option", name="bot").click()
    expect(clicks.get_by_role("row").filter(has_text="human")).to_have_count(0)
    expect(clicks.get_by_role("row").filter(has_text="bot")).to_have_count(1)
    expect(page).to_have_url(re.compile("classification=bot"))
    page.get_by_role("textbox", name="Search by referrer").fill("x.example/m")
    expect(page.get_by_text("Nothing fits this search")).to_be_visible()
    page.get_by_role("button", name="Clear").last.click()
    page.goto(f"{page.url.partition('?')[0]}?browser=Firefox&q=x.example/m")
    expect(clicks.get_by_role("row").filter(has_text="human")).to_have_count(1)
    expect(clicks.get_by_role("row").filter(has_text="bot")).to_have_count(0)
    expect(page.get_by_role("combobox", name="Browser")).to_have_value("Firefox")

    page.get_by_role("link", name="Links", exact=True).click()
    row = page.get_by_role("row").filter(has_text=link["code"])
    expect(row.get_by_role("cell").nth(3)).to_have_text("1")
    page.route("**/links?*", lambda route: route.fulfill(json={"data": [link], "nextCursor": None}))
    page.reload()
    expect(row.get_by_role("cell").nth(3)).to_have_text("–")


def test_a_payment_is_confirmed_and_given_back(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/payments?new=1")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Order").fill("order-1")
    dialog.get_by_label("Amount").fill("42.00")
    dialog.get_by_role("button", name="Create").click()
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Refund").click()
    dialog.get_by_label("Amount").fill("2.00")
    dialog.get_by_role("button", name="Refund").click()
    expect(page.get_by_text("Refund of €2.00").first).to_be_visible()
    [payment] = ada.get("/payments")["data"]
    assert (payment["status"], payment["capturedAmount"], payment["refundedAmount"]) == ("SUCCESS", 4200, 200)


def test_the_provider_is_broken_and_mended(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/payments?tab=chaos")
    page.get_by_role("button", name="Inject").click()
    faults = page.get_by_role("table", name="Faults in force")
    expect(faults).to_contain_text("timeout_after_success")
    assert [fault["kind"] for fault in ada.get("/payments/simulator/faults")["data"]] == ["timeout_after_success"]
    page.get_by_role("button", name="Clear all").click()
    expect(page.get_by_text("Everything works")).to_be_visible()
    assert ada.get("/payments/simulator/faults")["data"] == []


def test_a_limit_is_set_and_reached(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/limits?new=1")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("One order")
    dialog.get_by_label("Requests").fill("1")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="One order", exact=True)).to_be_visible()
    [rule] = [each for each in ada.get("/limits/rules")["data"] if each["name"] == "One order"]
    assert (rule["scope"], rule["limit"], rule["windowMs"]) == ("user", 1, 60_000)
    page.get_by_role("tab", name="Try a request").click()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("alert").get_by_text("Allowed", exact=True)).to_be_visible()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("alert").get_by_text("Denied", exact=True)).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("0 left of 1")


def test_a_passkey_is_added_and_logs_in(ada: Person, base: str, visit: Visit) -> None:
    """By name, as browsers make no passkeys for addresses of numbers."""
    visitor = visit(apart=True)
    home = base.replace("127.0.0.1", "localhost")
    visitor.guard.base = home
    page = visitor.page
    device = visitor.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    key |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    page.goto(f"{home}/console/account")
    page.get_by_label("E-mail").fill(ada.email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("button", name="Remove")).to_be_visible()
    assert len(ada.get("/auth/passkeys")["data"]) == 1
    page.get_by_role("button", name=re.compile("Your account")).click()
    page.get_by_role("menuitem", name="Log out").click()
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
