"""The provider on a real port, and the official SDK pointed at it."""

import itertools
from collections.abc import AsyncIterator, Callable

import pytest
import stripe
from tests.platform import Platform
from tests.serving import served

_accounts = itertools.count(1)


@pytest.fixture(scope="session")
async def provider_url(platform: Platform) -> AsyncIterator[str]:
    async with served(platform._provider.app) as url:
        yield url


@pytest.fixture
def new_client(provider_url: str) -> Callable[..., stripe.StripeClient]:
    """The SDK with a new account, or with the account of a given key; `retries` of its own."""

    def make(key: str | None = None, retries: int = 0) -> stripe.StripeClient:
        key = key or f"sk_test_account{next(_accounts)}"
        return stripe.StripeClient(
            key,
            base_addresses={"api": provider_url},
            max_network_retries=retries,
            http_client=stripe.HTTPXClient(timeout=5),
        )

    return make


@pytest.fixture
def client(new_client: Callable[..., stripe.StripeClient]) -> stripe.StripeClient:
    return new_client()
