"""The editor of templates: a text for each channel and language, a look at it, and no publishing of what has gaps."""

from playwright.sync_api import Page, expect

from tests.browser.people import LOOKED_INTO_A_MAIL, Person, Visit

TEMPLATE = {
    "key": "order.shipped",
    "category": "orders",
    "channels": {"email": {"en": {"subject": "On its way, {name}", "html": "<p>Hello {name}</p>"}}},
}


def test_a_template_is_translated_previewed_and_published(ada: Person, visit: Visit) -> None:
    ada.post("/templates", TEMPLATE)
    visitor = visit(ada)
    visitor.guard.forgiven = ("422", LOOKED_INTO_A_MAIL)
    page = visitor.open("/notifications?tab=templates")
    page.get_by_role("link", name="order.shipped").click()
    write_in_polish(page, "W drodze", "<p>Dzień dobry</p>")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_contain_text("does not use the variable `name`")
    write_in_polish(page, "W drodze, {name}", "<p>Dzień dobry {name}</p>")

    page.get_by_label("{name}").fill("Ada")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.get_by_text("W drodze, Ada", exact=True)).to_be_visible()
    expect(page.locator("iframe").content_frame.get_by_text("Dzień dobry Ada")).to_be_visible()

    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published.")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="variable")).to_have_count(0)
    stored = ada.get("/templates/order.shipped")
    assert stored["publishedVersion"] == 1
    assert stored["channels"]["email"]["pl"]["subject"] == "W drodze, {name}"


def write_in_polish(page: Page, subject: str, html: str) -> None:
    page.get_by_role("combobox", name="Language").click()
    page.get_by_role("option", name="pl", exact=True).click()
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("HTML").fill(html)


def test_each_channel_has_its_own_text(ada: Person, visit: Visit) -> None:
    ada.post("/templates", TEMPLATE)
    page = visit(ada).open("/notifications/templates/order.shipped")
    page.get_by_text("Inbox", exact=True).last.click()
    page.get_by_label("Title").fill("Shipped to {name}")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.get_by_role("alert")).to_contain_text("Variables without a value")
    expect(page.get_by_role("alert")).to_contain_text("name")
    channels = ada.get("/templates/order.shipped")["channels"]
    assert channels["inApp"]["en"]["title"] == "Shipped to {name}"
    assert channels["email"]["en"]["subject"] == TEMPLATE["channels"]["email"]["en"]["subject"]


def test_branding_is_seen_in_a_mail(ada: Person, visit: Visit) -> None:
    visitor = visit(ada)
    visitor.guard.forgiven = ("422", LOOKED_INTO_A_MAIL)
    page = visitor.open("/notifications?tab=branding")
    page.get_by_label("Name of the product").fill("Plum")
    page.get_by_label("Text under every mail").fill("Plum Street 1")
    page.get_by_label("A frame of your own").fill("no place for the mail")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("must have `{>content}`")
    page.get_by_label("A frame of your own").fill("")
    page.get_by_role("button", name="New partial").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("greeting")
    page.get_by_label("Source of greeting").fill("<b>Hello</b>")
    page.get_by_role("button", name="Save").click()
    mail = page.locator("iframe").content_frame
    expect(mail.get_by_text("Plum", exact=True)).to_be_visible()
    expect(mail.get_by_text("Plum Street 1")).to_be_visible()
    stored = ada.get("/branding")
    assert (stored["layout"]["productName"], stored["partials"]) == ("Plum", {"greeting": "<b>Hello</b>"})
