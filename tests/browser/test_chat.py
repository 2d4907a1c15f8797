"""Two browsers in one room, and processes that die between them."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psutil
from benchmarks.installation import Installation
from playwright.sync_api import Page, Route, expect

from septet.supervisor.directory import Running
from tests.browser.people import Person, Visit, colleague
from tests.browser.test_pages import axe
from tests.sql import run_sql

LINES = re.compile(r"^line \d+$")


def test_two_people_write_to_each_other(ada: Person, visit: Visit) -> None:
    room = ada.post("/rooms", {"name": "general", "visibility": "public"})
    grace = colleague(ada)
    grace.post(f"/rooms/{room['id']}/join")
    here, there = visit(ada).open(f"/chat/{room['id']}"), visit(grace).open("/chat")
    write(here, "Hello from here")
    expect(there.get_by_label("1 unread", exact=True)).to_be_visible()
    there.get_by_role("link", name="general").click()
    expect(there.get_by_text("Hello from here")).to_be_visible()
    for page in (here, there):
        expect(page.locator("[data-connection]")).to_have_count(0)  # typing is told to those who are connected
    there.get_by_role("textbox", name="Message").press_sequentially("Hello")
    expect(here.get_by_text("Grace Hopper types …")).to_be_visible()
    write(there, "Hello back")
    expect(here.get_by_text("Hello back")).to_be_visible()
    message = here.locator("[data-seq]", has_text="Hello back")
    message.hover()
    message.get_by_role("button", name="React").click()
    here.get_by_role("menuitem", name="👍").click()
    expect(there.get_by_role("button", name="👍 1")).to_be_visible()


def test_a_gateway_and_a_web_process_die_between_messages(septet: Installation, ada: Person, visit: Visit) -> None:
    room = ada.post("/rooms", {"name": "general", "visibility": "public"})
    visitors = [visit(ada) for _ in range(2)]
    for visitor in visitors:
        # While a process is started again its port refuses; the pages try again by themselves.
        visitor.guard.forgiven = ("ERR_CONNECTION", "WebSocket", "ERR_EMPTY", "502", "503", "net::")
    here, there = (visitor.open(f"/chat/{room['id']}") for visitor in visitors)
    for number in range(12):
        if number == 4:
            kill(septet, "gateway")
        if number == 8:
            kill(septet, "web")
        write(here, f"line {number}")
    for page in (here, there):
        expect(page.get_by_text(LINES)).to_have_text([f"line {number}" for number in range(12)], timeout=30_000)
        expect(page.locator("[data-pending]")).to_have_count(0)
    septet.wait_until_ready()
    stored = [message["body"] for message in ada.get(f"/rooms/{room['id']}/messages", limit=100)["data"]]
    assert sorted(stored) == sorted(f"line {number}" for number in range(12))


def test_what_is_written_while_the_page_loads_is_shown(ada: Person, visit: Visit) -> None:
    room = ada.post("/rooms", {"name": "general", "visibility": "public"})
    visitor = visit(ada)

    def answer_late(route: Route) -> None:
        answer = route.fetch()
        ada.post(f"/rooms/{room['id']}/messages", {"body": "just now", "clientMessageId": "1"})
        route.fulfill(response=answer)

    visitor.page.route("**/messages?*", answer_late, times=1)
    page = visitor.open(f"/chat/{room['id']}")
    expect(page.locator("[data-seq]", has_text="just now")).to_be_visible()


def test_a_script_that_did_not_come_is_asked_for_again(ada: Person, visit: Visit) -> None:
    room = ada.post("/rooms", {"name": "general", "visibility": "public"})
    ada.post(f"/rooms/{room['id']}/messages", {"body": "Hello in **bold**", "clientMessageId": "1"})
    visitor = visit(ada)
    visitor.guard.forgiven = ("ERR_FAILED",)
    for script in ("RenderedMarkdown", "Chat"):
        visitor.page.route(re.compile(rf"/assets/{script}-.*\.js"), lambda route: route.abort(), times=2)
    page = visitor.open(f"/chat/{room['id']}")
    expect(page.locator("[data-seq] strong", has_text="bold")).to_be_visible()


def test_what_the_plan_keeps_back_is_told(septet: Installation, ada: Person, visit: Visit) -> None:
    room = ada.post("/rooms", {"name": "general", "visibility": "public"})
    for number in range(3):
        ada.post(f"/rooms/{room['id']}/messages", {"body": f"line {number}", "clientMessageId": str(number)})
    grow_old(septet, room["id"], up_to=2)
    kept = [message["seq"] for message in ada.get(f"/rooms/{room['id']}/messages")["data"] if message["withheld"]]
    assert sorted(kept) == [1, 2]
    page = visit(ada).open(f"/chat/{room['id']}")
    expect(page.get_by_role("log").get_by_text(LINES)).to_have_text(["line 2"])
    expect(page.get_by_role("note")).to_contain_text("2 older messages")
    assert axe(page, ["link-in-text-block", "color-contrast"]) == []
    page.get_by_role("note").get_by_role("link", name="See the plans").click()
    expect(page.get_by_role("heading", name="Billing")).to_be_visible()


def grow_old(septet: Installation, room_id: str, *, up_to: int) -> None:
    """Its first messages were sent before the free plan's ninety days."""
    running = Running.find(septet.data_dir)
    assert running
    statement = "UPDATE chat.messages SET sent_at = sent_at - interval '91 days' WHERE room_id = $1 AND seq <= $2"
    work = run_sql(running.engines.postgres_admin, statement, UUID(room_id), up_to)
    with ThreadPoolExecutor(1) as thread:  # Playwright's loop runs in this one
        thread.submit(asyncio.run, work).result()


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message").fill(text)
    page.keyboard.press("Enter")


def kill(septet: Installation, role: str) -> None:
    """End a role's process as a crash would; the supervisor starts it again."""
    found = re.findall(rf"^{ROLES[role]}.*pid (\d+)", septet.output(), re.MULTILINE)
    assert found, septet.output()
    psutil.Process(int(found[-1])).kill()


ROLES = {"gateway": r"Gateway", "web": r"API "}
