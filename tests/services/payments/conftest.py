"""Payments with its provider: both ports are served on the loopback, as in production; nothing is replaced."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from tests.platform import Organization, Platform, created
from tests.serving import served

from septet.app import make_runtime, provider_application
from septet.services.payments.settings import PaymentsSettings

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

    async def reconciliation(self, **params: str) -> dict[str, Any]:
        answer = await self.client.get("/payments/reconciliation", params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@asynccontextmanager
async def payments_of(platform: Platform, key: str) -> AsyncIterator[httpx.AsyncClient]:
    """Serve both ports and point payments at the provider; yields a client of the provider's account."""
    async with (
        make_runtime(platform.runtime.settings).open() as runtime,
        served(provider_application(runtime)) as provider_url,
        served(platform._web.app) as web_url,
    ):
        platform.runtime._service_settings[PaymentsSettings] = PaymentsSettings(
            provider_url=provider_url,
            provider_key=key,
            webhook_url=f"{web_url}/payments/webhook",
            provider_timeout_seconds=2,
            recovery_seconds=1,
        )
        async with httpx.AsyncClient(base_url=provider_url, headers={"Authorization": f"Bearer {key}"}) as client:
            yield client


@pytest.fixture(scope="session")
async def provider(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with payments_of(platform, "sk_test_shared") as client:
        yield client


@pytest.fixture
async def shop(platform: Platform, provider: httpx.AsyncClient) -> Shop:
    """A new organization; the platform's clock and the provider's faults are shared, so leave them alone."""
    return Shop(platform, await platform.organization(), provider)


@pytest.fixture
async def own_shop(own_platform: Platform) -> AsyncIterator[Shop]:
    """A shop with a platform and a provider of its own: time may pass and things may go wrong."""
    async with payments_of(own_platform, "sk_test_own") as client:
        yield Shop(own_platform, await own_platform.organization(), client)
