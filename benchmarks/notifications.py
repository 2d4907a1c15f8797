"""Notifications: accepted, expanded, sent to the last mail, and counted with a million entries in the inbox.

The peer is BullMQ with nodemailer (`peers/notifications`): the same Valkey, the same sink,
the same core, one job for each notification that stores an inbox entry and sends a mail.
"""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import uvloop

from benchmarks.cases import Case, Round, Suite, http_round
from benchmarks.installation import Installation, free_ports
from benchmarks.load import Load, render_request, run
from benchmarks.peer import installed
from benchmarks.smtp_sink import Sink, start_sink

SINK_PORT = free_ports(1)[0]
CONTENT = {"title": "Order", "body": "Hello Ada, your order is on its way."}
PERSON = {"email": "ada@example.com", "password": "plenty of correct horses", "name": "Ada"}
INBOX_ROWS = 1_000_000
RECIPIENTS = 1000
PEER_COUNT = 3000
MINUTE = 60.0


def prepare(septet: Installation) -> Sequence[Case]:
    """Sign somebody up, make an API key, start the sink."""
    sink = start_sink(SINK_PORT)
    answer = _call(septet, "POST", "/auth/signup", PERSON)
    user, token = answer["user"]["id"], answer["session"]["token"]
    tenant = _call(septet, "POST", "/organizations", {"name": "Load"}, token)["id"]
    key = _call(septet, "POST", "/api-keys", {"name": "load", "scopes": ["*"]}, token)["key"]
    _call(septet, "GET", "/notifications", None, key)
    later = {"content": CONTENT, "to": {"userId": user}, "sendAt": "2099-01-01T00:00:00Z"}
    many = {"content": CONTENT, "recipients": [{"email": f"b{n}@example.com"} for n in range(RECIPIENTS)]}
    now = {"content": CONTENT, "to": {"userId": user, "email": "load@example.com"}}
    peer = run_peer(septet)
    accepting = http_round(septet, "POST", "/notifications", json.dumps(later).encode(), token=key, expected=202)
    counting = http_round(septet, "GET", "/inbox/unread-count", token=token, connections=1)
    to_sink, bulk = to_the_sink(septet, now, key, token, sink), in_bulk(septet, many, key)
    return [
        Case("`POST /notifications` (in-app + e-mail), scheduled", "accepted/s", accepting, peer["accepted"]),
        Case("the same, until the last mail is in the sink", "notifications/s", to_sink, peer["sent"]),
        Case(f"bulk, {RECIPIENTS} recipients a call, until all are deliveries", "recipients/s", bulk),
        Case(
            "unread count of a million entries, one client",
            "requests/s",
            with_full_inbox(septet, tenant, user, counting),
        ),
    ]


def to_the_sink(septet: Installation, body: object, key: str, token: str, sink: Sink) -> Callable[[float], Round]:
    """Send for so long, then until the last mail is in the sink and the last entry in the inbox: mails a second."""
    request = render_request("POST", "/notifications", json.dumps(body).encode(), {"Authorization": f"Bearer {key}"})

    def measure(seconds: float) -> Round:
        before, unread, started = sink.taken, _unread(septet, token), time.perf_counter()
        load = Load("127.0.0.1", septet.web_port, lambda _: request, 64, seconds, 0.0)
        result = uvloop.run(run(load))
        if set(result.statuses) != {202}:
            raise RuntimeError(f"POST /notifications: expected only 202, got {result}")
        accepted = result.statuses[202]
        while sink.taken < before + accepted or _unread(septet, token) < unread + accepted:
            time.sleep(0.02)
        rate = (sink.taken - before) / (time.perf_counter() - started)
        _wait_until_settled(septet, key)
        return Round(rate, result.quantile(0.99) / 1000)

    return measure


def _unread(septet: Installation, token: str) -> int:
    count: int = _call(septet, "GET", "/inbox/unread-count", None, token)["count"]
    return count


def in_bulk(septet: Installation, body: dict[str, Any], key: str) -> Callable[[float], Round]:
    """Recipients that became deliveries, which wait for 2099."""

    def measure(seconds: float) -> Round:
        started, calls, last = time.perf_counter(), 0, ""
        while time.perf_counter() - started < seconds:
            last = _call(septet, "POST", "/notifications", {**body, "sendAt": "2099-01-01T00:00:00Z"}, key)["id"]
            calls += 1
        while _call(septet, "GET", f"/notifications/{last}", None, key)["status"] == "expanding":
            time.sleep(0.01)
        return Round(calls * RECIPIENTS / (time.perf_counter() - started))

    return measure


def with_full_inbox(
    septet: Installation, tenant: str, user: str, count: Callable[[float], Round]
) -> Callable[[float], Round]:
    """Fill the inbox before the first round."""
    full = False

    def measure(seconds: float) -> Round:
        nonlocal full
        if not full:
            asyncio.run(_fill_inbox(septet, tenant, user))
            full = True
        return count(seconds)

    return measure


async def _fill_inbox(septet: Installation, tenant: str, user: str) -> None:
    socket = septet.data_dir / "postgres" / "run"
    connection = await asyncpg.connect(f"postgresql://septet_owner@/septet?host={socket}")
    try:
        await connection.execute("SELECT set_config('septet.tenant_id', $1, false)", tenant)
        await connection.execute(
            f"""INSERT INTO notifications.inbox (tenant_id, id, user_id, notification_id, category, title, body, locale,
                  data, created_at)
                SELECT '{tenant}', gen_random_uuid(), '{user}', gen_random_uuid(), 'general', 'Title ' || n, '', 'en',
                  '{{}}', now() FROM generate_series(1, {INBOX_ROWS}) n"""
        )
        await connection.execute(
            f"""INSERT INTO notifications.inbox_counters AS c (tenant_id, user_id, unread)
                VALUES ('{tenant}', '{user}', {INBOX_ROWS})
                ON CONFLICT (tenant_id, user_id) DO UPDATE SET unread = c.unread + {INBOX_ROWS}"""
        )
        await connection.execute("VACUUM ANALYZE notifications.inbox")  # else autovacuum does it while we measure
    finally:
        await connection.close()


def run_peer(septet: Installation) -> dict[str, str]:
    """What BullMQ and nodemailer did in this run; says so when they are not installed."""
    if (folder := installed("notifications")) is None:
        reason = "BullMQ + nodemailer: needs Node 20 with npm"
        return {"accepted": reason, "sent": reason}
    socket = septet.data_dir / "valkey" / "run" / "valkey.sock"
    core = min(os.sched_getaffinity(os.getppid()))
    command = ["taskset", "-c", str(core), "node", "peer.mjs", str(socket), str(SINK_PORT), str(PEER_COUNT)]
    rounds = []
    for _ in range(3):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=5 * MINUTE, check=True)
        rounds.append(json.loads(done.stdout.splitlines()[-1]))
    middle = sorted(rounds, key=lambda each: each["perSecond"])[1]
    return {
        "accepted": f"BullMQ: {middle['acceptedPerSecond']:,.0f} jobs/s queued",
        "sent": f"BullMQ + nodemailer: {middle['perSecond']:,.0f} notifications/s",
    }


def _call(septet: Installation, method: str, path: str, body: object = None, token: str = "") -> Any:
    status, answer = septet.call(method, path, body, token=token, seconds=MINUTE)
    if status >= 300:
        raise RuntimeError(f"{method} {path}: {status} {answer}")
    return answer


def _wait_until_settled(septet: Installation, key: str) -> None:
    """Until nothing of this round is left to disturb the next: what waits for 2099 is older."""
    while True:
        newest = _call(septet, "GET", "/deliveries?channel=email&limit=200", None, key)["data"]
        if all(each["status"] != "queued" for each in newest):
            return
        time.sleep(0.02)


SUITE = Suite(
    "Notifications",
    prepare,
    {"notifications_smtp_url": f"smtp://127.0.0.1:{SINK_PORT}?starttls=false"},
)
