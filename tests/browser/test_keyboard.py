"""The way in and the daily work with the keyboard alone."""

import os
import re

from playwright.sync_api import expect

from tests.browser.people import PASSWORD, Person, Visit


def test_sign_up_and_found_an_organization(visit: Visit) -> None:
    page = visit().open("/")
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("Your name").fill("Grace Hopper")
    page.get_by_label("E-mail").fill(f"grace-{os.getpid()}@example.com")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    page.get_by_placeholder("Acme").fill("Navy")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Hello, Grace")).to_be_visible()
    stored = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie")
    assert "sess_" not in stored, "the session's token is in nobody's reach but the browser's"


def test_log_in_create_a_task_and_send_a_message(ada: Person, visit: Visit) -> None:
    project = ada.post("/projects", {"name": "Operations", "key": "OPS"})
    room = ada.post("/rooms", {"name": "general", "visibility": "public"})
    visitor = visit()
    page = visitor.open("/")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(ada.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()

    page.keyboard.press("g")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Operations")).to_be_visible()
    page.get_by_role("link", name="Operations").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Operations")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.type("Write the runbook")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Write the runbook")).to_be_visible()
    assert [task["title"] for task in ada.get(f"/projects/{project['id']}/tasks")["data"]] == ["Write the runbook"]

    page.keyboard.press("Control+k")
    expect(page.get_by_role("textbox", name="Search or do …")).to_be_focused()
    page.keyboard.type("chat")
    expect(page.get_by_role("dialog").get_by_text("Chat", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="general").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    page.keyboard.type("Done with the keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Done with the keyboard")).to_be_visible()
    expect(page.locator("[data-pending]")).to_have_count(0)
    assert [message["body"] for message in ada.get(f"/rooms/{room['id']}/messages")["data"]] == [
        "Done with the keyboard"
    ]


def test_shortcuts_language_and_appearance(ada: Person, visit: Visit) -> None:
    visitor = visit(ada)
    page = visitor.open("/members")
    visitor.settle()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Search this list")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="Search by name or e-mail")).to_be_focused()
    page.get_by_role("button", name=re.compile("Your account")).click()
    page.get_by_role("menuitem", name="Polski").click()
    expect(page.get_by_role("heading", name="Członkowie")).to_be_visible()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "pl")
