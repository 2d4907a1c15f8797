"""One journey a section: done in the console and checked through the API, or done through the API and seen there."""

import re

from playwright.sync_api import expect

from tests.browser.people import LOOKED_INTO_A_MAIL, Person, Visit


def test_members_are_invited(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/members?new=1")
    page.get_by_role("dialog").get_by_label("E-mail").fill("grace@example.com")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_text("grace@example.com was invited.")).to_be_visible()
    [invitation] = ada.get("/invitations")["data"]
    assert (invitation["email"], invitation["status"]) == ("grace@example.com", "pending")


def test_a_key_is_shown_once_and_revoked_unless_undone(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/api-keys?new=1")
    page.get_by_role("textbox", name="Name").fill("Backend")
    page.get_by_role("combobox", name="Scopes").click()
    page.get_by_role("option", name="links:write").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Create").click()
    key = page.get_by_test_id("new-key").inner_text()
    assert key.startswith("sk_")
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("No keys yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Revoke")).to_be_visible()
    assert [found["name"] for found in ada.get("/api-keys")["data"]] == ["Backend"]


def test_refusals_are_shown_at_their_field(ada: Person, visit: Visit) -> None:
    visitor = visit(ada)
    visitor.guard.forgiven = ("422", "400")
    page = visitor.open("/projects?new=1")
    page.get_by_role("textbox", name="Name").fill("Operations")
    page.get_by_label("Key", exact=True).fill("not a key!")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("dialog").get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("Key", exact=True)).to_have_attribute("aria-invalid", "true")


def test_a_task_is_dragged_and_discussed(ada: Person, visit: Visit) -> None:
    project = ada.post("/projects", {"name": "Operations", "key": "OPS"})
    task = ada.post(f"/projects/{project['id']}/tasks", {"title": "Move the database"})
    target = next(status for status in project["statuses"] if status["key"] != task["status"])
    visitor = visit(ada)
    page = visitor.open(f"/projects/{project['id']}")
    card = page.get_by_text(task["key"], exact=True)
    column = page.get_by_role("region", name=target["name"], exact=True).last
    expect(column).to_be_visible()
    start, end = card.bounding_box(), column.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 10, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 60, end["y"] + 90, steps=12)
    with page.expect_response(lambda response: response.url.endswith("/move")):
        page.mouse.up()
    assert ada.get(f"/tasks/{task['id']}")["status"] == target["key"]

    expect(page.get_by_role("link", name="Move the database")).to_have_count(1)
    page.get_by_role("link", name="Move the database").click()
    page.get_by_role("textbox", name="Comment", exact=True).fill("Looks **good**, <img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("strong", has_text="good")).to_be_visible()
    expect(page.locator("main img")).to_have_count(0)
    assert len(ada.get(f"/tasks/{task['id']}/comments")["data"]) == 1


def test_the_price_of_a_plan_is_shown_and_taken(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/billing")
    page.get_by_role("button", name="Choose PRO").click()
    expect(page.get_by_role("table", name="What it costs")).to_contain_text(re.compile(r"€\d"))
    page.get_by_role("dialog").get_by_role("button", name="Change the plan").click()
    expect(page.get_by_text("The plan is changed.")).to_be_visible()
    assert ada.get("/billing")["plan"] == "PRO"
    assert len(ada.get("/billing/invoices")["data"]) == 1


def test_flags_say_why(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/flags?new=1")
    page.get_by_role("textbox", name="Flag", exact=True).fill("new-checkout")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="new-checkout")).to_be_visible()
    [flag] = [each for each in ada.get("/features")["data"] if each["key"] == "new-checkout"]
    assert flag["value"] is True


def test_a_notification_arrives_with_its_reasons(ada: Person, visit: Visit) -> None:
    page = visit(ada).open("/notifications?new=1")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Title").fill("Dinner is ready")
    dialog.get_by_role("textbox", name="Text").fill("Come *now*.")
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("dialog").get_by_text("delivered")).to_have_count(2)
    page.goto(page.url.split("?")[0])
    expect(page.get_by_role("listitem").get_by_text("Dinner is ready")).to_be_visible()
    expect(page.get_by_role("link", name="Inbox: 1 unread").first).to_be_visible()
    page.get_by_role("button", name="Mark as read").click()
    expect(page.get_by_role("link", name="Inbox: 0 unread").first).to_be_visible()
    assert ada.get("/inbox/unread-count")["count"] == 0


def test_mail_is_shown_in_a_sandbox(ada: Person, visit: Visit) -> None:
    ada.post(
        "/notifications",
        {"content": {"title": "Look", "body": "At this"}, "to": {"email": ada.email}, "channels": ["email"]},
    )
    visitor = visit(ada)
    visitor.guard.forgiven = (LOOKED_INTO_A_MAIL,)
    page = visitor.open(f"/notifications?tab=mailbox&q={ada.email}")
    page.get_by_role("cell", name="Look").first.click()
    frame = page.locator("iframe")
    expect(frame).to_have_attribute("sandbox", "")
    expect(frame.content_frame.get_by_text("At this")).to_be_visible()


def test_logs_are_searched_and_filtered(ada: Person, visit: Visit) -> None:
    lines = [
        {"service": "web", "level": "error" if n % 10 == 0 else "info", "message": f"request {n}"} for n in range(300)
    ]
    ada.post("/logs", lines)
    page = visit(ada).open("/logs")
    expect(page.get_by_role("button", name=re.compile("request 299"))).to_be_visible()
    assert page.get_by_role("button", name=re.compile("request")).count() < 120, "only what is in view is drawn"
    page.get_by_role("combobox", name="Search logs").fill("level:error")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("request 290"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("request 299"))).to_have_count(0)
    page.get_by_role("button", name=re.compile("request 290")).click()
    expect(page.get_by_role("dialog")).to_contain_text("request 290")
