"""The fast lane's webhook endpoint answers as the ordinary one does, and stores as it does."""

import asyncio
import json

import httpx
from sqlalchemy import text
from tests.services.payments.conftest import SECRET, Shop
from tests.serving import served

from septet.kernel.fastlane import FastLane
from septet.services.payments.hot import hot_routes
from septet.services.provider.deliveries import signature


async def test_the_lane_answers_as_the_endpoint_does(silent_shop: Shop) -> None:
    runtime = silent_shop.platform.runtime
    lane, ordinary = FastLane(hot_routes(runtime)), silent_shop.platform.client()

    def signed(body: str, secret: str = SECRET, age: int = 0) -> dict[str, str]:
        header = signature(secret, int(runtime.clock.unix()) - age, body)
        return {"Stripe-Signature": header, "Content-Type": "application/json"}

    event = json.dumps({"id": "evt_lane", "type": "customer.created", "data": {"object": {}}})
    cases = [
        (event, signed(event)),
        (event, signed(event, secret="whsec_guessed")),
        (event, signed(event, age=400)),
        (event, {}),
        ("[]", signed("[]")),
        ('{"id": 1, "type": "x"}', signed('{"id": 1, "type": "x"}')),
    ]
    async with served(silent_shop.platform.web, lane) as url:
        for body, headers in cases:
            async with httpx.AsyncClient(base_url=url) as fresh:  # what the lane declines costs it the connection
                hot = await fresh.post("/payments/webhook", content=body, headers=headers)
            cold = await ordinary.post("/payments/webhook", content=body, headers=headers)
            assert (hot.status_code, hot.json()) == (cold.status_code, cold.json())
        assert lane.counts.requests == len(cases)

        async with httpx.AsyncClient(base_url=url) as client:
            many = [json.dumps({"id": f"evt_lane{n % 20}", "type": "charge.refunded"}) for n in range(40)]
            sent = [client.post("/payments/webhook", content=body, headers=signed(body)) for body in many]
            assert {answer.status_code for answer in await asyncio.gather(*sent)} == {200}
    async with runtime.postgres.engine.connect() as connection:
        stored = "SELECT count(*) FROM payments.webhook_events WHERE id LIKE 'evt_lane%'"
        assert await connection.scalar(text(stored)) == 21
