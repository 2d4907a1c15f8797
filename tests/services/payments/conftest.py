"""Payments with its provider: both ports are served on the loopback, as in production; nothing is replaced."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import stripe
from sqlalchemy import text
from tests.conftest import fresh_settings
from tests.platform import Organization, Platform, created, running_platform
from tests.serving import served

from septet.app import make_runtime, provider_application
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.payments.actions.registration import ensure_registered
from septet.services.payments.settings import PaymentsSettings

SECRET, OLD_SECRET = "whsec_of_the_test", "whsec_the_old_one"
VISA = {"paymentMethod": "pm_card_visa"}
_orders = itertools.count(1)


@dataclass
class Shop:
    """An organization that sells, and the provider behind it."""

    platform: Platform
    organization: Organization
    provider: httpx.AsyncClient
    orders: Any = field(default_factory=lambda: _orders)

    @property
    def client(self) -> httpx.AsyncClient:
        return self.organization.client

    async def create(self, amount: int = 2000, **more: Any) -> dict[str, Any]:
        """A new payment for a new order."""
        body = {"orderId": f"order-{next(self.orders)}", "amount": amount, "currency": "USD", **more}
        return created(await self.client.post("/payments", json=body))

    async def paid(self, amount: int = 2000, **more: Any) -> dict[str, Any]:
        """A payment that succeeded."""
        payment = await self.create(amount, **more)
        answer = await self.confirm(payment["id"])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def confirm(self, payment_id: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"/payments/{payment_id}/confirm", json=body or VISA)

    async def get(self, payment_id: str) -> dict[str, Any]:
        answer = await self.client.get(f"/payments/{payment_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def fault(self, kind: str, operation: str = "*", **more: Any) -> None:
        answer = await self.provider.post("/simulator/faults", json={"kind": kind, "operation": operation, **more})
        assert answer.status_code == 200, answer.text

    async def charges(self, payment: dict[str, Any]) -> list[dict[str, Any]]:
        """The payment's charges at the provider that succeeded."""
        intent_id = (await self.get(payment["id"]))["providerId"]
        listed = (await self.provider.get("/v1/charges", params={"payment_intent": intent_id})).json()
        return [each for each in listed["data"] if each["status"] == "succeeded"]

    async def becomes(self, payment_id: str, **expected: Any) -> dict[str, Any]:
        """The payment, once these fields are so."""
        async with asyncio.timeout(20):
            while not expected.items() <= (payment := await self.get(payment_id)).items():
                await asyncio.sleep(0.02)
        return payment

    async def news_processed(self) -> None:
        """Wait until every event of the provider so far has been delivered and processed."""
        async with asyncio.timeout(20):
            while await self._news_under_way():
                await asyncio.sleep(0.02)

    async def _news_under_way(self) -> bool:
        deliveries = (await self.provider.get("/simulator/deliveries", params={"limit": 1000})).json()["data"]
        if any(each["state"] == "pending" for each in deliveries):
            return True
        async with self.platform.runtime.postgres.engine.connect() as connection:
            unprocessed = text("SELECT count(*) FROM payments.webhook_events WHERE processed_at IS NULL")
            return bool(await connection.scalar(unprocessed))

    async def reconciliation(self, **params: str) -> dict[str, Any]:
        answer = await self.client.get("/payments/reconciliation", params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@asynccontextmanager
async def payments_of(platform: Platform, key: str, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Serve both ports and point payments at the provider; yields a client of the provider's account."""
    async with (
        make_runtime(platform.runtime.settings).open() as runtime,
        served(provider_application(runtime)) as provider_url,
        served(platform.web) as web_url,
    ):
        settings = {"provider_key": key, "webhook_url": f"{web_url}/payments/webhook", "recovery_seconds": 1, **more}
        with _configured(platform, PaymentsSettings(provider_url=provider_url, **settings)):
            await _register_endpoint(platform)
            async with httpx.AsyncClient(base_url=provider_url, headers={"Authorization": f"Bearer {key}"}) as client:
                yield client


@contextmanager
def _configured(platform: Platform, settings: PaymentsSettings) -> Iterator[None]:
    """What payments made for other settings, such as the SDK's client, is made anew; before and afterwards."""
    runtime = platform.runtime
    before = runtime.service_settings(PaymentsSettings)
    _set(runtime, settings)
    try:
        yield
    finally:
        _set(runtime, before)


def _set(runtime: Runtime, settings: PaymentsSettings) -> None:
    runtime._service_settings[PaymentsSettings] = settings
    for make in [each for each in runtime._shared if each.__module__.startswith("septet.services.payments")]:
        del runtime._shared[make]


async def _register_endpoint(platform: Platform) -> None:
    """Before the first payment: an event that comes before its secret is stored is refused, and retried much later."""
    async with UnitOfWork(platform.runtime) as uow:
        await ensure_registered(uow)
        await uow.commit()
    await platform.jobs_done()


@pytest.fixture(scope="session", autouse=True)
def impatient_sdk() -> None:
    """The SDK pauses half a second and more before it repeats a request; here that would only cost time."""
    stripe.HTTPClient.INITIAL_DELAY, stripe.HTTPClient.MAX_DELAY = 0.01, 0.02


@pytest.fixture(scope="session")
async def provider(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with payments_of(platform, "sk_test_shared") as client:
        yield client


@pytest.fixture
async def shop(platform: Platform, provider: httpx.AsyncClient) -> Shop:
    """A new organization; the platform's clock and the provider's faults are shared, so leave them alone."""
    return Shop(platform, await platform.organization(), provider)


@pytest.fixture(scope="session")
async def rough(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> AsyncIterator[Shop]:
    """A platform and a provider apart from all others', whose first shop nobody uses."""
    async with (
        fresh_settings(tmp_path_factory.mktemp("rough"), f"septet_{worker_id}_rough") as settings,
        running_platform(settings) as platform,
        payments_of(platform, "sk_test_rough", webhook_secrets=(OLD_SECRET, SECRET)) as client,
    ):
        yield Shop(platform, await platform.organization(), client)


@pytest.fixture
async def own_shop(rough: Shop) -> Shop:
    """A new organization where time may pass and things may go wrong; the provider has forgotten all that was."""
    await rough.provider.post("/simulator/reset")
    await rough.news_processed()
    return Shop(rough.platform, await rough.platform.organization(), rough.provider)


@pytest.fixture
async def silent_shop(own_shop: Shop) -> Shop:
    """The provider sends no event, so that all there are come from the test, which knows the secrets."""
    await own_shop.fault("webhook_dropped")
    return own_shop
