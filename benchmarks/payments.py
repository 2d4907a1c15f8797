"""Payments from creation to SUCCESS, webhook intake, and the provider alone beside localstripe.

localstripe is installed and measured in the same run. It keeps everything in memory, ours is durable.
Both are measured with the official SDK, whose 16 clients share the load's one core, and without it, which is what the
server alone can do. `BENCH_STORED` is how many payments are stored before the last cases.
"""

import asyncio
import atexit
import itertools
import json
import os
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlencode

import asyncpg
import stripe
import uvloop

from benchmarks.cases import Case, Round, Suite
from benchmarks.installation import Installation, free_ports
from benchmarks.load import Load, render_request, run
from benchmarks.peer import installed_in_python
from benchmarks.stored_payments import store_payments
from septet.services.provider.deliveries import signature

STORED = int(os.environ.get("BENCH_STORED", "1000000"))
CLIENTS = 16
SECRET, ACCOUNT = "whsec_benchmark", "sk_test_benchmark"
_numbers = itertools.count(1)
Step = Callable[[], Awaitable[None]]
Measure = Callable[[float], Round]


class Connection:
    """One kept-alive HTTP/1.1 connection, as cheap as Python allows, so that the server is what is measured."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> dict[str, object]:
        self._writer.write(render_request(method, path, body, headers))
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
        text = await self._reader.readexactly(length)
        if head[9:11] != b"20":
            raise RuntimeError(f"{method} {path}: {head[:40]!r} {text[:300]!r}")
        answer: dict[str, object] = json.loads(text)
        return answer

    def close(self) -> None:
        self._writer.close()


async def closed_loop(steps: Sequence[Step], seconds: float) -> Round:
    """Each client begins its next step when the last has ended."""
    latencies: list[float] = []
    started = time.perf_counter()

    async def client(step: Step) -> None:
        while time.perf_counter() - started < seconds:
            began = time.perf_counter()
            await step()
            latencies.append(time.perf_counter() - began)

    await asyncio.gather(*map(client, steps))
    passed = time.perf_counter() - started
    return Round(len(latencies) / passed, sorted(latencies)[int(len(latencies) * 0.99)] * 1000)


def through_sdk(port: int, payment_method: str | None) -> Measure:
    """create + confirm by the official SDK. localstripe knows no test tokens, so it is given a made payment method."""

    async def measure(seconds: float) -> Round:
        client = stripe.StripeClient(
            ACCOUNT,
            base_addresses={"api": f"http://127.0.0.1:{port}"},
            max_network_retries=0,
            http_client=stripe.HTTPXClient(timeout=30),
        ).v1
        card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
        method = payment_method or (await client.payment_methods.create_async({"type": "card", "card": card})).id  # type: ignore[typeddict-item]

        async def step() -> None:
            params = {"amount": 2000, "currency": "usd", "payment_method": method}
            intent = await client.payment_intents.create_async(params)  # type: ignore[arg-type]
            confirmed = await client.payment_intents.confirm_async(intent.id)
            assert confirmed.status == "succeeded", confirmed.status

        return await closed_loop([step] * CLIENTS, seconds)

    return lambda seconds: uvloop.run(measure(seconds))


def without_sdk(port: int, card: bool = False) -> Measure:
    """create + confirm over bare connections, each request under a key of its own."""

    async def measure(seconds: float) -> Round:
        method = await _card(port) if card else "pm_card_visa"
        return await _on_connections(port, lambda connection: step_of(connection, method), seconds)

    def step_of(connection: Connection, method: str) -> Step:
        async def step() -> None:
            number = next(_numbers)
            wanted = urlencode({"amount": 2000, "currency": "usd", "payment_method": method}).encode()
            intent = await connection.send("POST", "/v1/payment_intents", wanted, _form(f"c{number}"))
            path = f"/v1/payment_intents/{intent['id']}/confirm"
            confirmed = await connection.send("POST", path, b"", _form(f"p{number}"))
            assert confirmed["status"] == "succeeded", confirmed["status"]

        return step

    return lambda seconds: uvloop.run(measure(seconds))


async def _card(port: int) -> str:
    connection = Connection(port)
    await connection.open()
    card = {"card[number]": "4242424242424242", "card[exp_month]": 12, "card[exp_year]": 2040, "card[cvc]": "123"}
    body = urlencode({"type": "card", **card}).encode()
    made = await connection.send("POST", "/v1/payment_methods", body, _form("card"))
    connection.close()
    return str(made["id"])


def _form(key: str) -> dict[str, str]:
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": f"Bearer {ACCOUNT}",
        "Idempotency-Key": f"{key} {time.time_ns()}",
    }


def payments(septet: Installation, token: str) -> Measure:
    """create + confirm by Septet's own API; the round ends when every webhook of it has been processed."""
    headers = {"Authorization": f"Bearer {token}"}

    def step_of(connection: Connection) -> Step:
        async def step() -> None:
            order = json.dumps({"orderId": f"o{next(_numbers)}", "amount": 2000, "currency": "USD"}).encode()
            payment = await connection.send("POST", "/payments", order, headers)
            body = b'{"paymentMethod": "pm_card_visa"}'
            confirmed = await connection.send("POST", f"/payments/{payment['id']}/confirm", body, headers)
            assert confirmed["status"] == "SUCCESS", confirmed

        return step

    async def measure(seconds: float) -> Round:
        started = time.perf_counter()
        done = await _on_connections(septet.web_port, step_of, seconds)
        paid = done.per_second * seconds
        await _news_processed(septet)
        return Round(paid / (time.perf_counter() - started), done.p99_ms)

    return lambda seconds: uvloop.run(measure(seconds))


async def _news_processed(septet: Installation) -> None:
    connection = await asyncpg.connect(database_of(septet))
    pending = """SELECT (SELECT count(*) FROM provider.deliveries WHERE state = 'pending')
        + (SELECT count(*) FROM payments.webhook_events WHERE processed_at IS NULL AND outcome IS NULL)"""
    while await connection.fetchval(pending):  # noqa: ASYNC110 - another process ends it
        await asyncio.sleep(0.05)
    await connection.close()


def database_of(septet: Installation) -> str:
    return f"postgresql://septet_owner@/septet?host={septet.data_dir / 'postgres' / 'run'}"


async def _on_connections(port: int, step_of: Callable[[Connection], Step], seconds: float) -> Round:
    connections = [Connection(port) for _ in range(CLIENTS)]
    for connection in connections:
        await connection.open()
    try:
        return await closed_loop([step_of(connection) for connection in connections], seconds)
    finally:
        for connection in connections:
            connection.close()


def webhook_intake(port: int, event_type: str) -> Measure:
    """Signed events, all different; each answer means that the event is durable, and its job if one follows."""

    def request(_: int) -> bytes:
        event = {
            "id": f"evt_{next(_numbers)}_{time.time_ns()}",
            "type": event_type,
            "data": {"object": {"id": "x"}},
        }
        body = json.dumps(event)
        return render_request(
            "POST", "/payments/webhook", body.encode(), {"Stripe-Signature": signature(SECRET, int(time.time()), body)}
        )

    def measure(seconds: float) -> Round:
        result = uvloop.run(run(Load("127.0.0.1", port, request, 64, seconds)))
        if result.broken or set(result.statuses) != {200}:
            raise RuntimeError(str(result))
        return Round(result.per_second, result.quantile(0.99) / 1000)

    return measure


def localstripe() -> int:
    """Start it for the length of the run, beside Septet; its port."""
    command = str(installed_in_python("payments") / "localstripe")
    (port,) = free_ports(1)
    process = subprocess.Popen([command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.sched_setaffinity(process.pid, set(range(os.cpu_count() or 1)) - os.sched_getaffinity(0) or {0})
    atexit.register(process.terminate)
    while not _listens(port):
        if process.poll() is not None:
            raise RuntimeError(f"localstripe ended with {process.returncode}")
        time.sleep(0.05)
    return port


def _listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def prepare(septet: Installation) -> Sequence[Case]:
    """A shop, and the peer."""
    person = {"email": "shop@example.com", "password": "plenty of correct horses", "name": "Shop"}
    token = septet.call("POST", "/auth/signup", person)[1]["session"]["token"]
    organization = septet.call("POST", "/organizations", {"name": "Shop"}, token=token)[1]["id"]
    key = septet.call("POST", "/api-keys", {"name": "load", "scopes": ["*"]}, token=token)[1]["key"]
    stored = after_storing(septet, organization)
    flow, ours = payments(septet, key), without_sdk(septet.provider_port)
    asked = "1,500/s per core were asked for"
    cases = [
        Case("create + confirm to SUCCESS, until every webhook is processed", "payments/s", flow),
        Case("webhook intake, kept only", "events/s", webhook_intake(septet.web_port, "customer.created"), asked),
        Case("provider, SDK: create + confirm", "pairs/s", through_sdk(septet.provider_port, "pm_card_visa")),
        Case("provider, bare: create + confirm", "pairs/s", ours),
    ]
    peer = localstripe()
    cases.append(Case("localstripe, SDK", "pairs/s", through_sdk(peer, None), "in memory; slower the more it stores"))
    cases.append(Case("localstripe, bare", "pairs/s", without_sdk(peer, card=True)))
    if STORED:
        cases.append(Case(f"payments to SUCCESS, {STORED:,} stored", "payments/s", stored(flow)))
        cases.append(Case(f"provider, bare, {STORED:,} intents stored", "pairs/s", stored(ours)))
    followed = webhook_intake(septet.web_port, "payment_intent.succeeded")
    cases.append(
        Case("webhook intake, each a job, while the worker runs them", "events/s", followed, asked)
    )  # last: it
    return cases  # leaves thousands of jobs behind


def after_storing(septet: Installation, organization: str) -> Callable[[Measure], Measure]:
    """Make a case begin only when `STORED` payments are there, on both sides."""
    full = False

    def stored(measure: Measure) -> Measure:
        def filled(seconds: float) -> Round:
            nonlocal full
            if not full:
                asyncio.run(store_payments(database_of(septet), organization, ACCOUNT, STORED))
                full = True
            return measure(seconds)

        return filled

    return stored


SUITE = Suite("Payments", prepare, {"payments_webhook_secrets": SECRET})
