"""The fake provider's simulator, spoken to with our own key: what goes wrong on purpose, for the console and for tests.

All organizations share the provider's account, so a fault hits them all. A real provider has no simulator.
"""

from typing import Any

import httpx

from septet.kernel.errors import InvalidInput
from septet.kernel.runtime import Runtime
from septet.services.payments.errors import NoSimulator, ProviderUnavailable
from septet.services.payments.processor import provider_url
from septet.services.payments.settings import PaymentsSettings

Json = dict[str, Any]


async def ask_simulator(runtime: Runtime, method: str, path: str, body: Json | None = None) -> Json:
    """One request to `/simulator/…`; its answer. Raises NoSimulator, InvalidInput, ProviderUnavailable."""
    try:
        answer = await runtime.shared(_client).request(method, f"/simulator/{path}", json=body)
    except httpx.HTTPError as error:
        raise ProviderUnavailable("Ask again in a moment.", headers={"Retry-After": "1"}) from error
    if answer.status_code == 404:
        raise NoSimulator("Faults can be injected where SEPTET_PAYMENTS_PROVIDER_URL is the fake provider's.")
    if answer.status_code == 400:
        raise InvalidInput(answer.json()["error"]["message"])
    if not answer.is_success:
        raise ProviderUnavailable(f"It answers {answer.status_code}.", headers={"Retry-After": "1"})
    found: Json = answer.json()
    return found


def _client(runtime: Runtime) -> httpx.AsyncClient:
    settings = runtime.service_settings(PaymentsSettings)
    key = settings.provider_key.get_secret_value()
    return httpx.AsyncClient(
        base_url=provider_url(runtime),
        headers={"Authorization": f"Bearer {key}"},
        timeout=settings.provider_timeout_seconds,
    )
