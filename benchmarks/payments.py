"""Payments from creation to SUCCESS, webhook intake, and the provider alone beside localstripe.

localstripe (PyPI) is measured in the same run where its command is on the PATH; it keeps everything in memory, ours is
durable. The SDK's own work is part of the figures that say so: 16 of its clients share the load's core.
"""

import asyncio
import atexit
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence

import stripe
import uvloop

from benchmarks.cases import Case, Round, Suite
from benchmarks.installation import Installation, free_ports
from benchmarks.load import Load, render_request, run
from septet.services.provider.deliveries import signature

CLIENTS = 16
SECRET = "whsec_benchmark"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Bearer sk_test_benchmark"}
_numbers = itertools.count(1)
Step = Callable[[], Awaitable[None]]


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


def through_sdk(port: int, payment_method: str | None) -> Callable[[float], Round]:
    """create + confirm by the official SDK. localstripe knows no test tokens, so it is given a made payment method."""

    async def measure(seconds: float) -> Round:
        client = stripe.StripeClient(
            "sk_test_benchmark",
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


def provider_alone(port: int) -> Callable[[float], Round]:
    """create + confirm without the SDK, each under a key of its own."""

    def step_of(connection: Connection) -> Step:
        async def step() -> None:
            number = next(_numbers)
            body = b"amount=2000&currency=usd"
            intent = await connection.send(
                "POST", "/v1/payment_intents", body, FORM | {"Idempotency-Key": f"c{number}"}
            )
            path = f"/v1/payment_intents/{intent['id']}/confirm"
            await connection.send(
                "POST", path, b"payment_method=pm_card_visa", FORM | {"Idempotency-Key": f"p{number}"}
            )

        return step

    return lambda seconds: uvloop.run(_on_connections(port, step_of, seconds))


def payments(septet: Installation, token: str) -> Callable[[float], Round]:
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

    return lambda seconds: uvloop.run(_on_connections(septet.web_port, step_of, seconds))


async def _on_connections(port: int, step_of: Callable[[Connection], Step], seconds: float) -> Round:
    connections = [Connection(port) for _ in range(CLIENTS)]
    for connection in connections:
        await connection.open()
    try:
        return await closed_loop([step_of(connection) for connection in connections], seconds)
    finally:
        for connection in connections:
            connection.close()


def webhook_intake(port: int) -> Callable[[float], Round]:
    """Signed events, all different; each answer means that the event is durable."""

    def request(_: int) -> bytes:
        event = {
            "id": f"evt_{next(_numbers)}_{time.time_ns()}",
            "type": "customer.created",
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


def localstripe() -> Callable[[float], Round] | None:
    """Start it for the length of the run; None where it is not installed."""
    command = shutil.which("localstripe")
    if command is None:
        return None
    (port,) = free_ports(1)
    process = subprocess.Popen([command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    atexit.register(process.terminate)
    time.sleep(2)  # it does not say when it listens
    return through_sdk(port, None)


def prepare(septet: Installation) -> Sequence[Case]:
    """A shop, and the peer."""
    person = {"email": "shop@example.com", "password": "plenty of correct horses", "name": "Shop"}
    token = septet.call("POST", "/auth/signup", person)[1]["session"]["token"]
    septet.call("POST", "/organizations", {"name": "Shop"}, token=token)
    key = septet.call("POST", "/api-keys", {"name": "load", "scopes": ["*"]}, token=token)[1]["key"]
    cases = [
        Case("create + confirm + webhook to SUCCESS", "payments/s", payments(septet, key)),
        Case("webhook intake, stored", "events/s", webhook_intake(septet.web_port), "1,500/s per core were asked for"),
        Case("provider: create + confirm", "pairs/s", provider_alone(septet.provider_port)),
        Case("provider: the same through the SDK", "pairs/s", through_sdk(septet.provider_port, "pm_card_visa")),
    ]
    if peer := localstripe():
        cases.append(Case("localstripe through the SDK", "pairs/s", peer, "in memory; slower the more it stores"))
    return cases


SUITE = Suite("Payments", prepare, {"payments_webhook_secrets": SECRET})
