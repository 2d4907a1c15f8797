"""kill -9 of web and worker (the provider is in its process) under chaos: afterwards all books agree.

`SOAK_ROUNDS` is the number of seeds, from `SOAK_SEED` on; each kills both twice.
"""

import asyncio
import itertools
import os
import random
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
import pytest
from benchmarks.installation import Installation
from tests.services.payments.agreement import check_agreement, check_books, is_settled, misbehave, requests_of

pytestmark = [pytest.mark.processes, pytest.mark.soak]
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "1"))
FIRST_SEED = int(os.environ.get("SOAK_SEED", "1"))
BUYERS = 6
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def septet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    settings = {"payments_recovery_seconds": 1, "payments_provider_timeout_seconds": 3}
    directory = tmp_path_factory.mktemp("payments")
    with Installation(directory, "--virtual-clock", **settings).start() as installation:
        yield installation


@dataclass
class Shop:
    """A new organization, and what it was told for certain."""

    api: httpx.AsyncClient
    provider: httpx.AsyncClient
    payments: list[str] = field(default_factory=list)
    paid: set[str] = field(default_factory=set)
    refunded: dict[str, int] = field(default_factory=dict)

    async def buy(self, chance: random.Random) -> None:
        """One payment; its creation is repeated under one key until it is acknowledged, the rest is not."""
        order = {"orderId": f"order-{next(_numbers)}", "amount": chance.randint(100, 5000), "currency": "USD"}
        headers = {"Idempotency-Key": order["orderId"]}
        while (payment := await self.post("/payments", order, headers)) is None:
            await asyncio.sleep(0.05)
        self.payments.append(payment["id"])
        for path, body in requests_of(payment["id"], chance):
            answer = await self.post(path, body, {"Idempotency-Key": f"{path} {next(_numbers)}"})
            if answer is not None and answer["status"] == "SUCCESS":
                self.paid.add(payment["id"])
            elif answer is not None and answer["status"] == "succeeded":
                self.refunded[payment["id"]] = self.refunded.get(payment["id"], 0) + answer["amount"]

    async def post(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any] | None:
        """The answer, if there was one that says yes."""
        with suppress(httpx.HTTPError):
            answer = await self.api.post(path, json=body, headers=headers)
            return dict(answer.json()) if answer.is_success else None
        return None

    async def settled(self, payment_id: str) -> dict[str, Any]:
        """The payment once no outcome is missing; time passes until then."""
        async with asyncio.timeout(60):
            while not is_settled(payment := (await self.api.get(f"/payments/{payment_id}")).json()):
                await self.api.post("/clock/advance", json={"seconds": 10})
                await asyncio.sleep(0.1)
        return dict(payment)


@pytest.fixture
async def shop(septet: Installation) -> AsyncIterator[Shop]:
    person = {"email": f"shop{next(_numbers)}@example.com", "password": "plenty of correct horses", "name": "Shop"}
    alone = httpx.Limits(max_keepalive_connections=0)  # a connection that is kept may lead to a process that is gone
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{septet.web_port}", timeout=30, limits=alone) as api,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{septet.provider_port}", timeout=30, limits=alone) as provider,
    ):
        token = (await api.post("/auth/signup", json=person)).json()["session"]["token"]
        api.headers["Authorization"] = f"Bearer {token}"
        assert (await api.post("/organizations", json={"name": "Shop"})).status_code == 201
        provider.headers["Authorization"] = "Bearer sk_test_septet"
        yield Shop(api, provider)


async def kill(septet: Installation, role: str) -> None:
    """End a role's process at once, and wait until the supervisor has it run again."""
    offset = septet.log_file.stat().st_size
    while (pid := pid_of(septet, role)) is None:
        await asyncio.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(septet.wait_for, rf"{role}.* runs again", offset=offset)


def pid_of(septet: Installation, role: str) -> int | None:
    """None while it is being started again."""
    for process in psutil.Process(septet.process.pid).children(recursive=True):
        with suppress(psutil.Error):
            if process.name().startswith(f"septet {role}"):
                return process.pid
    return None


async def kill_both_twice(septet: Installation, chance: random.Random) -> None:
    for role in chance.sample(["web", "web", "worker", "worker"], 4):
        await asyncio.sleep(chance.uniform(0.5, 2))
        await kill(septet, role)


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + ROUNDS))
async def test_all_books_agree_after_kills(septet: Installation, shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    await misbehave(shop.provider, seed)
    killing = asyncio.create_task(kill_both_twice(septet, chance))

    async def buyer(chance: random.Random) -> None:
        while not killing.done():
            await shop.buy(chance)

    await asyncio.gather(killing, *(buyer(random.Random(chance.random())) for _ in range(BUYERS)))
    await shop.provider.delete("/simulator/faults")
    payments = {payment_id: await shop.settled(payment_id) for payment_id in shop.payments}
    for payment_id, payment in payments.items():
        await check_agreement(shop.api, shop.provider, payment_id)
        assert payment["status"] in ("SUCCESS", "REFUNDED") or payment_id not in shop.paid
        assert payment["refundedAmount"] >= shop.refunded.get(payment_id, 0)
    await check_books(shop.api)
    print(f"seed {seed}: {len(payments)} payments, {len(shop.paid)} acknowledged as paid")
