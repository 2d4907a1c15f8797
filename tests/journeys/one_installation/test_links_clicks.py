"""Every redirect that was answered is counted once, though every process on the way is killed meanwhile.

With SOAK_ROUNDS=250 or more, forty kills and a hundred thousand redirects.
"""

import asyncio
import concurrent.futures
import http.client
import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest
from benchmarks.installation import Installation
from redis import Redis

from septet.services.links.recorder import STREAM
from septet.supervisor.directory import Running

pytestmark = [pytest.mark.processes, pytest.mark.soak]
SOAK_ROUNDS = int(os.environ.get("SOAK_ROUNDS", "1"))
ROUNDS = min(SOAK_ROUNDS, 10)
REDIRECTS_A_KILL = min(100 + 10 * (SOAK_ROUNDS - 1), 2500)
VICTIMS = ("septet worker", "valkey-server", "septet.engines.clickhouse_server", "septet web")
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
    status, body = septet.call("GET", f"/links/{link['id']}/stats", token=token)
    assert status == 200, body
    return int(body["totalClicks"])


def test_no_click_is_lost_or_doubled(septet: Installation) -> None:
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
                    deadline = time.monotonic() + 60
                    while visitors.answered < before + REDIRECTS_A_KILL:
                        assert time.monotonic() < deadline, f"no redirects after {victim} was killed"
                        time.sleep(0.02)
        finally:
            visitors.stop()
        for each in running:
            each.result()
    wait_until_all_is_fetched(septet)
    counted = total(septet, link, token)
    print(f"{visitors.answered} answered, {visitors.unknown} broken, {visitors.refused} refused, {counted} counted")
    assert visitors.answered <= counted <= visitors.answered + visitors.unknown + visitors.refused


def wait_until_all_is_fetched(septet: Installation) -> None:
    """Until no click waits in Valkey or PostgreSQL any more: what was fetched is in ClickHouse."""
    running = Running.find(septet.data_dir)
    assert running
    deadline = time.monotonic() + 60
    with Redis.from_url(running.engines.valkey) as valkey:
        while valkey.xlen(STREAM) or asyncio.run(spooled(running.engines.postgres_admin)):
            assert time.monotonic() < deadline, "clicks still wait"
            time.sleep(0.1)


async def spooled(postgres_url: str) -> int:
    connection = await asyncpg.connect(postgres_url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM links.spooled_clicks"))
    finally:
        await connection.close()
