"""Five web processes, one Valkey, two hundred callers: exactly the limit is admitted, whatever is killed meanwhile."""

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psutil
import pytest
from benchmarks.installation import Installation

pytestmark = [pytest.mark.processes, pytest.mark.soak]
ROUNDS = max(1, int(os.environ.get("SOAK_ROUNDS", "1")) // 50)  # one takes seconds
PROCESSES, CALLERS, LIMIT, WINDOW_MS = 5, 200, 1000, 86_400_000
LONGEST_RUN_SECONDS = 60
ALGORITHMS: dict[str, dict[str, Any]] = {
    "token_bucket": {"algorithm": "token_bucket"},
    "gcra": {"algorithm": "gcra"},
    "fixed_window": {"algorithm": "fixed_window"},
    "sliding_window": {"algorithm": "sliding_window"},
    "exact": {"algorithm": "sliding_window", "exact": True},
}


@pytest.fixture(scope="module")
def septet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Patient, so that a busy machine is not taken for an outage; Valkey's acknowledgements survive its death."""
    with Installation(
        tmp_path_factory.mktemp("septet"),
        web_processes=PROCESSES,
        services="tenancy,limits",
        limits_patience_ms=1000,
        appendfsync="always",
    ) as septet:
        yield septet.start()


@pytest.fixture
def owner(septet: Installation) -> str:
    """The session of the owner of a new organization without rules."""
    person = {"email": f"a{time.time_ns()}@example.com", "password": "plenty of correct horses", "name": "Ada"}
    token = str(_ok(septet.call("POST", "/auth/signup", person))["session"]["token"])
    _ok(septet.call("POST", "/organizations", {"name": "Acme"}, token=token))
    for rule in _ok(septet.call("GET", "/limits/rules", token=token))["data"]:
        septet.call("DELETE", f"/limits/rules/{rule['id']}", token=token)
    return token


def _ok(answer: tuple[int, Any]) -> Any:
    assert answer[0] in (200, 201), answer
    return answer[1]


def key_of(septet: Installation, owner: str) -> str:
    return str(_ok(septet.call("POST", "/api-keys", {"name": "k", "scopes": ["limits:check"]}, token=owner))["key"])


class Caller:
    """One connection; a broken one is made anew, and what it waited for counts as never answered."""

    def __init__(self, port: int, key: str) -> None:
        self._port, self._key = port, key
        self._writer: asyncio.StreamWriter | None = None

    async def check(self, route: str) -> dict[str, Any]:
        body = json.dumps({"apiKey": self._key, "route": route, "userId": "u"}).encode()
        head = "POST /check HTTP/1.1\r\nHost: septet\r\nContent-Type: application/json\r\n"
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        text = await self._reader.readexactly(length)
        assert answer.startswith(b"HTTP/1.1 200"), answer + text
        found: dict[str, Any] = json.loads(text)
        return found

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


async def crowd(septet: Installation, key: str, work: Callable[[Caller], Awaitable[None]]) -> int:
    """All callers at once; how many web processes they talked to."""
    callers = [Caller(septet.web_port, key) for _ in range(CALLERS)]
    try:
        await asyncio.gather(*[work(caller) for caller in callers])
        return web_processes_asked(septet)
    finally:
        for caller in callers:
            caller.close()


def web_processes_asked(septet: Installation) -> int:
    """How many web processes hold connections of callers now."""
    children = psutil.Process(septet.process.pid).children(recursive=True)
    return sum(
        any(c.status == "ESTABLISHED" and c.laddr and c.laddr.port == septet.web_port for c in child.net_connections())
        for child in children
    )


async def within_one_window() -> None:
    """Windows are aligned: wait for the next where the crowd might not be done within this one."""
    if (left := WINDOW_MS / 1000 - time.time() % (WINDOW_MS / 1000)) < LONGEST_RUN_SECONDS:
        await asyncio.sleep(left)


@pytest.mark.parametrize("name", ALGORITHMS)
async def test_exactly_the_limit(septet: Installation, owner: str, name: str) -> None:
    """A bucket gives back meanwhile what its rate gives in the time that passed, no less and no more."""
    key = key_of(septet, owner)
    rule = {"name": name, "scope": "tenant", **ALGORITHMS[name], "limit": LIMIT, "windowMs": WINDOW_MS}
    _ok(septet.call("POST", "/limits/rules", rule, token=owner))
    await within_one_window()
    admitted = 0

    async def work(caller: Caller) -> None:
        nonlocal admitted
        for _ in range(2 * LIMIT // CALLERS):
            answer = await caller.check("/a")
            assert "onFailure" not in answer["reason"], "Valkey was too slow for this to prove anything"
            admitted += answer["allowed"]

    started = time.monotonic()
    asked = await crowd(septet, key, work)
    came_back = int((time.monotonic() - started) * 1000) * LIMIT // WINDOW_MS + 1
    assert asked == PROCESSES
    if name in ("token_bucket", "gcra"):
        assert LIMIT <= admitted <= LIMIT + came_back
    else:
        assert admitted == LIMIT


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_valkey_is_killed_in_the_middle(septet: Installation, owner: str, round_: int) -> None:
    """The bound: Valkey never admits more than the limit; while it is away, `open` admits all, `closed` nobody, `local`
    at most the limit once more. What was in flight when it died (here at most one check a caller) may count twice.
    """
    key = key_of(septet, owner)
    for policy in ("open", "closed", "local"):
        counted = {"algorithm": "fixed_window", "limit": LIMIT, "windowMs": 300 * 86_400_000}
        rule = {"name": policy, "scope": "route", "route": f"/{policy}", "onFailure": policy, **counted}
        _ok(septet.call("POST", "/limits/rules", rule, token=owner))
    with_valkey: Counter[str] = Counter()
    without: Counter[str] = Counter()
    killed = False

    async def work(caller: Caller) -> None:
        nonlocal killed
        spent: set[str] = set()
        while len(spent) < 3:
            for policy in {"open", "closed", "local"} - spent:
                answer = await caller.check(f"/{policy}")
                away = "onFailure" in answer["reason"]
                (without if away else with_valkey)[policy] += answer["allowed"]
                if not away and not answer["allowed"] and killed:
                    spent.add(policy)
            if not killed and with_valkey.total() > LIMIT:
                killed = True
                kill_valkey(septet)

    async with asyncio.timeout(60):
        await crowd(septet, key, work)
    assert without["open"] > 0 and without["closed"] == 0 and without["local"] <= LIMIT
    for policy in ("open", "closed", "local"):
        assert with_valkey[policy] <= LIMIT
        assert with_valkey[policy] + without[policy] >= LIMIT - CALLERS


def kill_valkey(septet: Installation) -> None:
    for child in psutil.Process(septet.process.pid).children(recursive=True):
        if child.name().startswith("valkey"):
            child.send_signal(signal.SIGKILL)
            return
    raise AssertionError("no Valkey runs")
