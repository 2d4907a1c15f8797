"""Webhook endpoints: made in the console, called, and called again for a delivery that somebody wants once more."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import expect
from standardwebhooks import Webhook

from tests.browser.people import Person, Visit, until

EVENT = "tenancy.invitation_created"
Call = tuple[dict[str, str], bytes]


class Receiver(ThreadingHTTPServer):
    """Takes everything and keeps it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.calls: list[Call] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield receiver
        receiver.shutdown()


def test_an_endpoint_is_made_called_and_called_again(ada: Person, visit: Visit, receiver: Receiver) -> None:
    page = visit(ada).open("/notifications?tab=webhooks")
    page.get_by_role("button", name="New endpoint").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address").fill(receiver.url)
    dialog.get_by_role("combobox", name="Events").press("Backspace")
    dialog.get_by_role("combobox", name="Events").fill(EVENT)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    dialog.get_by_role("button", name="Create").click()
    secret = page.get_by_test_id("new-key").inner_text()
    page.get_by_role("button", name="I have it").click()
    [endpoint] = ada.get("/webhook-endpoints")["data"]
    assert (endpoint["url"], endpoint["events"]) == (receiver.url, [EVENT])

    ada.post("/invitations", {"email": "grace@example.com", "role": "MEMBER"})
    until(lambda: log_of(ada, endpoint["id"], "delivered"))
    page.get_by_role("cell", name=receiver.url, exact=True).click()
    row = page.get_by_role("dialog").get_by_role("row").filter(has_text=EVENT)
    expect(row).to_contain_text("delivered")
    row.get_by_role("button", name="Send again").click()
    first, again = until(lambda: len(receiver.calls) == 2 and receiver.calls)
    for headers, body in (first, again):
        Webhook(secret).verify(body, headers)
    assert first[0]["webhook-id"] == again[0]["webhook-id"], "receivers know a repetition by its id"
    expect(row.get_by_role("cell", name="2", exact=True)).to_be_visible()
    expect(row).to_contain_text("204")
    [kept] = log_of(ada, endpoint["id"], "delivered")
    assert len(kept["log"]) == 2


def log_of(ada: Person, endpoint_id: str, status: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ada.get(f"/webhook-endpoints/{endpoint_id}/deliveries", status=status)["data"]
    return found
