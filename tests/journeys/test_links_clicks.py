"""Every redirect that was answered is counted once, though every process on the way is killed meanwhile."""

import concurrent.futures
import http.client
import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from benchmarks.installation import Installation

pytestmark = [pytest.mark.processes, pytest.mark.soak]
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "1"))
VICTIMS = ("valkey-server", "septet.engines.clickhouse_server", "septet worker", "septet web")
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


class Visitors:
    """Threads that follow one link without pause; `answered` and `unknown` tell what became of their requests."""

    def __init__(self, port: int, code: str) -> None:
        self.answered = self.unknown = self.refused = 0
        self._port, self._path = port, f"/s/{code}"
        self._stop, self._lock = threading.Event(), threading.Lock()

    def visit(self) -> None:
        while not self._stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
            try:
                while not self._stop.is_set():
                    self._once(connection)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)  # nobody listens at the moment
            finally:
                connection.close()

    def _once(self, connection: http.client.HTTPConnection) -> None:
        connection.connect() if connection.sock is None else None
        try:
            connection.request("GET", self._path, headers={"User-Agent": CHROME})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            with self._lock:
                self.unknown += 1  # perhaps counted, but the visitor never learned
            raise
        with self._lock:
            self.answered += answer.status == 302
            self.refused += answer.status != 302
            # A refusal may follow a count whose acknowledgement was lost, only when both stores were away.

    def stop(self) -> None:
        self._stop.set()


def kill(septet: Installation, name: str) -> None:
    """SIGKILL to the process of this name below the supervisor."""
    for process in psutil.Process(septet.process.pid).children(recursive=True):
        with suppress(psutil.Error):
            title = Path(f"/proc/{process.pid}/comm").read_text().strip()
            if title.startswith(name) or name in " ".join(process.cmdline()):
                process.send_signal(signal.SIGKILL)
                return
    raise AssertionError(f"no process {name}")


def total(septet: Installation, link: dict[str, Any], token: str) -> int:
    with suppress(OSError, http.client.HTTPException):
        status, body = septet.call("GET", f"/links/{link['id']}/stats", token=token)
        if status == 200:
            return int(body["totalClicks"])
    return -1


def test_no_click_is_lost_or_doubled(tmp_path: Path) -> None:
    with Installation(tmp_path, appendfsync="always").start() as septet:
        person = {"email": "clicks@example.com", "password": "plenty of correct horses", "name": "Clicks"}
        token = septet.call("POST", "/auth/signup", person)[1]["session"]["token"]
        assert septet.call("POST", "/organizations", {"name": "Clicks"}, token=token)[0] == 201
        status, link = septet.call("POST", "/links", {"url": "https://example.com/"}, token=token)
        assert status == 201, link
        visitors = Visitors(septet.web_port, link["code"])
        with concurrent.futures.ThreadPoolExecutor(8) as threads:
            running = [threads.submit(visitors.visit) for _ in range(8)]
            try:
                for _ in range(ROUNDS):
                    for victim in VICTIMS:
                        before = visitors.answered
                        kill(septet, victim)
                        septet.wait_until_ready()
                        deadline = time.monotonic() + 30
                        while visitors.answered < before + 100:
                            assert time.monotonic() < deadline, f"no redirects after {victim} was killed"
                            time.sleep(0.02)
            finally:
                visitors.stop()
            for each in running:
                each.result()
        at_least, at_most = visitors.answered, visitors.answered + visitors.unknown + visitors.refused
        deadline = time.monotonic() + 60
        counted, since = -1, time.monotonic()
        while time.monotonic() < deadline and not (counted >= at_least and time.monotonic() - since > 7):
            now = total(septet, link, token)
            if now != counted:
                counted, since = now, time.monotonic()
            time.sleep(0.2)
        print(f"{visitors.answered} answered, {visitors.unknown} broken, {visitors.refused} refused, {counted} counted")
        assert at_least <= counted <= at_most
