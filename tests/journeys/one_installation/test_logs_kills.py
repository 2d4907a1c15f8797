"""Every acknowledged line is stored exactly once, whichever process is killed at whatever moment.

Two kills here, of the processor and of ClickHouse; `make soak ROUNDS=200` kills web and Valkey as well.
"""

import http.client
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest
from benchmarks.installation import Installation

pytestmark = [pytest.mark.processes, pytest.mark.soak]
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "2"))
LINES = 40
VICTIMS = {
    "processor": lambda command, name: name.startswith("septet worker"),
    "clickhouse": lambda command, name: "clickhouse_server" in command,
    "web": lambda command, name: name.startswith("septet web"),
    "valkey": lambda command, name: "valkey-server" in command,
}


class Client(threading.Thread):
    """Sends numbered lines, each request until it is acknowledged, with one key for all its attempts."""

    def __init__(self, septet: Installation, token: str) -> None:
        super().__init__(daemon=True)
        self.septet, self.token = septet, token
        self.acknowledged = 0
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            first = self.acknowledged * LINES
            body = "\n".join(json.dumps({"service": "kills", "n": n}) for n in range(first, first + LINES))
            while not self.send(body, f"request-{self.acknowledged}"):
                time.sleep(0.05)
            self.acknowledged += 1

    def wait_until(self, acknowledged: int) -> None:
        deadline = time.monotonic() + 60
        while self.acknowledged < acknowledged:
            assert time.monotonic() < deadline, "no request is acknowledged any more"
            time.sleep(0.01)

    def send(self, body: str, key: str) -> bool:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/x-ndjson",
            "Idempotency-Key": key,
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.septet.web_port, timeout=10)
        try:
            connection.request("POST", "/logs", body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        assert answer.status in (202, 429, 503), answer.status
        return answer.status == 202


def kill(septet: Installation, victim: str) -> None:
    """Kill it, once the supervisor has started it again after the last time."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for process in psutil.Process(septet.process.pid).children(recursive=True):
            try:
                name = Path(f"/proc/{process.pid}/comm").read_text().strip()
                if VICTIMS[victim](" ".join(process.cmdline()), name):
                    os.kill(process.pid, signal.SIGKILL)
                    return
            except (OSError, psutil.NoSuchProcess):
                continue
        time.sleep(0.05)
    raise AssertionError(f"no process to kill is {victim}")


def numbers_stored(septet: Installation, token: str) -> Counter[int]:
    connection = http.client.HTTPConnection("127.0.0.1", septet.web_port, timeout=60)
    connection.request("GET", "/logs/export?format=ndjson&service=kills", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    assert answer.status == 200
    found = Counter(json.loads(line)["attributes"]["n"] for line in answer.read().splitlines())
    connection.close()
    return found


def call(septet: Installation, method: str, path: str, body: Any, token: str = "") -> Any:
    status, answer = septet.call(method, path, body, token=token)
    assert status in (200, 201), answer
    return answer


def test_acknowledged_lines_are_stored_exactly_once_through_kills(septet: Installation) -> None:
    dice = random.Random(int(os.environ.get("SOAK_SEED", "11")))
    person = {"email": "lines@example.com", "password": "plenty of correct horses", "name": "Ada"}
    token = call(septet, "POST", "/auth/signup", person)["session"]["token"]
    call(septet, "POST", "/organizations", {"name": "Kills"}, token)
    key = call(septet, "POST", "/api-keys", {"name": "k", "scopes": ["*"]}, token)["key"]
    client = Client(septet, key)
    client.start()
    for number in range(ROUNDS):
        client.wait_until(client.acknowledged + 1)
        time.sleep(dice.uniform(0.0, 0.5))
        kill(septet, list(VICTIMS)[number % len(VICTIMS)])
    client.stopping.set()
    septet.wait_until_ready()  # what died often is started again after half a minute
    client.join(30)
    assert not client.is_alive()
    wanted = client.acknowledged * LINES
    deadline = time.monotonic() + 60
    while (stored := numbers_stored(septet, key)).total() < wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    assert client.acknowledged >= ROUNDS
    assert stored == Counter(range(wanted))
