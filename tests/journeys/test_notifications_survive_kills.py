"""kill -9 of the worker while notifications, digests and webhooks are under way: nothing is lost, little comes twice.

`SOAK_ROUNDS` installations are started, and each one's worker is killed three times; the supervisor would wait ever
longer before it starts again what dies more often. Once, 300 mails are sent; with several rounds 6,000 in each.
"""

import http.server
import json
import os
import random
import re
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from benchmarks.installation import Installation, free_ports

pytestmark = [pytest.mark.processes, pytest.mark.soak]
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "1"))
SEED = int(os.environ.get("SOAK_SEED", "7"))
KILLS, CALLS_PER_KILL = 3, 20
MAILS_PER_CALL, PAUSE_SECONDS = (5, 0.1) if ROUNDS == 1 else (100, 0)
ACCOUNT, PASSWORD = "ada@example.com", "plenty of correct horses"


class Sink:
    """Remembers every mail as (recipient, Message-ID, text)."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, str]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message: Any = message_from_bytes(envelope.content, policy=default)
        if envelope.rcpt_tos == [ACCOUNT]:
            return "250 taken"  # what every account that signs up gets
        self.mails.append((envelope.rcpt_tos[0], message["Message-ID"], message.get_body(("plain",)).get_content()))
        return "250 taken"


@contextmanager
def hook_receiver() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A receiver's URL, and the (webhook-id, body) pairs that it got."""
    calls: list[tuple[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            calls.append((self.headers["webhook-id"], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", calls
    finally:
        server.shutdown()
        thread.join()


class Sender:
    """Sends notifications and remembers what was acknowledged."""

    def __init__(self, septet: Installation, hook_url: str) -> None:
        self.septet = septet
        status, answer = septet.call("POST", "/auth/signup", {"email": ACCOUNT, "password": PASSWORD, "name": "Ada"})
        assert status == 201, answer
        self.user_id, self.token = answer["user"]["id"], answer["session"]["token"]
        self.call("POST", "/organizations", {"name": "Acme"}, 201)
        self.call("POST", "/webhook-endpoints", {"url": hook_url, "events": ["notification.message"]}, 201)
        self.call("PUT", "/notification-categories/digested", {"digestWindowSeconds": 1}, 200)
        self.mails: list[str] = []
        self.items: list[str] = []
        self.in_app = self.hooks = 0

    def call(self, method: str, path: str, body: object, expected: int) -> Any:
        status, answer = self.septet.call(method, path, body, token=self.token, seconds=30)
        assert status == expected, answer
        return answer

    def send(self, number: int) -> None:
        content = {"title": f"message-{number}-", "body": ""}
        mails = [f"r{number}.{n}@example.com" for n in range(MAILS_PER_CALL)]
        recipients = [{"email": address} for address in mails]
        self.call("POST", "/notifications", {"content": content, "recipients": recipients}, 202)
        self.mails += mails
        me = {"content": content, "to": {"userId": self.user_id}, "channels": ["inApp", "webhook"]}
        self.call("POST", "/notifications", me, 202)
        self.in_app, self.hooks = self.in_app + 1, self.hooks + 1
        digest = {"content": content, "to": {"email": "digest@example.com"}, "category": "digested", "digestKey": "k"}
        self.call("POST", "/notifications", digest, 202)
        self.items.append(str(number))

    def wait_until_done(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.call("GET", "/deliveries?status=queued&limit=1", None, 200)["data"]:
            assert time.monotonic() < deadline, "deliveries are still queued"
            time.sleep(0.1)


def worker_pid(septet: Installation) -> int | None:
    """The process that holds the role `worker`; None while it is being started again."""
    for process in psutil.Process(septet.process.pid).children(recursive=True):
        with suppress(psutil.Error):
            if process.name().startswith("septet worker"):
                return process.pid
    return None


def kill_now_and_then(septet: Installation, randomness: random.Random) -> None:
    for _ in range(KILLS):
        time.sleep(randomness.uniform(0.3, 1.5))
        offset = septet.log_file.stat().st_size
        while (pid := worker_pid(septet)) is None:
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        septet.wait_for(r"worker and provider runs again", offset=offset, seconds=30)


def send_meanwhile(sender: Sender, killing: threading.Thread) -> None:
    """At least the planned number, and on until the last kill is over."""
    number = 0
    while number < KILLS * CALLS_PER_KILL or killing.is_alive():
        sender.send(number)
        number += 1
        killing.join(PAUSE_SECONDS)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_nothing_is_lost_and_little_comes_twice(round_: int, tmp_path: Path) -> None:
    sink, (port,) = Sink(), free_ports(1)
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with hook_receiver() as (hook_url, hook_calls):
            settings = {
                "notifications_smtp_url": f"smtp://127.0.0.1:{port}",
                "notifications_webhook_allow_private": "true",
            }
            with Installation(tmp_path, **settings).start() as septet:
                sender = Sender(septet, hook_url)
                killing = threading.Thread(target=kill_now_and_then, args=(septet, random.Random(SEED + round_)))
                killing.start()
                send_meanwhile(sender, killing)
                killing.join()
                sender.wait_until_done(120)
                unread = sender.call("GET", "/inbox/unread-count", None, 200)["count"]
    finally:
        controller.stop()
    assert unread == sender.in_app
    check_mails(sink, sender)
    check_hooks(hook_calls, sender)


def check_mails(sink: Sink, sender: Sender) -> None:
    """Each mail came, under one id, at most once more than there were kills; each digest's items came once."""
    received: dict[str, Counter[str]] = defaultdict(Counter)
    digests: dict[str, set[str]] = {}
    for address, message_id, text in sink.mails:
        if address == "digest@example.com":
            digests[message_id] = set(re.findall(r"message-(\d+)-", text))
        else:
            received[address][message_id] += 1
    assert set(received) == set(sender.mails)
    assert all(len(ids) == 1 for ids in received.values())
    counts = [count for ids in received.values() for count in ids.values()]
    print(f"{len(counts)} mails, {sum(counts) - len(counts)} repeated, in {KILLS} kills")
    assert max(counts) <= 1 + KILLS
    listed = Counter(item for items in digests.values() for item in items)
    assert listed == Counter(sender.items)
    assert len(digests) < len(sender.items)


def check_hooks(calls: list[tuple[str, str]], sender: Sender) -> None:
    by_id = Counter(webhook_id for webhook_id, _ in calls)
    assert len(by_id) == len({json.loads(body)["data"]["deliveryId"] for _, body in calls}) == sender.hooks
    assert max(by_id.values()) <= 1 + KILLS
