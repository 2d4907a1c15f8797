"""The second factor: set up with an authenticator app, asked for at the next log-in, and turned off again."""

from datetime import UTC, datetime

import pyotp
from playwright.sync_api import Page, expect

from tests.browser.people import PASSWORD, Person, Visit


def test_a_code_is_set_up_and_asked_for(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/account")
    page.get_by_role("button", name="Set up").click()
    app = pyotp.TOTP(page.locator("section").filter(has_text="Scan this").locator("code").inner_text())
    type_code(page, app.at(datetime.now(UTC)))
    codes = page.get_by_test_id("recovery-codes").inner_text().split()
    assert len(codes) == 10
    assert ada.get("/me")["user"]["totpEnabled"] is True

    visitor = visit()
    visitor.guard.forgiven = ("401",)
    door = visitor.open("/")
    give_password(door, ada)
    # The code that confirmed it is used up; of a neighbouring half minute it may be.
    type_code(door, app.at(datetime.now(UTC), counter_offset=1))
    door.get_by_role("button", name="Log in", exact=True).click()
    expect(door.get_by_role("heading", name="Hello, Ada")).to_be_visible()


def test_who_lost_the_phone_gets_in_and_turns_it_off(ada: Person, visit: Visit) -> None:
    app = pyotp.TOTP(ada.post("/auth/totp")["secret"])
    codes = ada.post("/auth/totp/confirm", {"code": app.at(datetime.now(UTC))})["recoveryCodes"]
    visitor = visit()
    visitor.guard.forgiven = ("401",)
    page = visitor.open("/account")
    give_password(page, ada)
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(codes[0])
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name="Turn it off").click()
    page.get_by_label("Code of the app, or a recovery code").fill(codes[0])
    page.get_by_role("button", name="Turn it off").click()
    expect(page.get_by_role("alert")).to_contain_text("was used already")
    page.get_by_label("Code of the app, or a recovery code").fill(codes[1])
    page.get_by_role("button", name="Turn it off").click()
    expect(page.get_by_role("button", name="Set up")).to_be_visible()
    assert ada.get("/me")["user"]["totpEnabled"] is False


def give_password(page: Page, person: Person) -> None:
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def type_code(page: Page, code: str) -> None:
    page.get_by_label("Code of your second factor").first.locator("input").first.focus()
    page.keyboard.type(code)
