"""Which tenants somebody watches at the moment, so that the consumer tells of no other tenant's clicks."""

from typing import Any
from uuid import UUID

from septet.kernel.runtime import Runtime
from septet.kernel.valkey import key

LIVE_CHANNEL = "links.clicks"
WATCHED_SECONDS = 30
_WATCHED = key("links", "links", "watched")


async def say_watched(runtime: Runtime, tenant_id: UUID) -> None:
    """It holds for `WATCHED_SECONDS`. Raises EngineUnavailable."""
    until = runtime.clock.unix() + WATCHED_SECONDS
    async with runtime.valkey.client.pipeline(transaction=False) as both:
        _ = both.zadd(_WATCHED, {tenant_id.bytes: until})
        _ = both.zremrangebyscore(_WATCHED, "-inf", until - 2 * WATCHED_SECONDS)
        await both.execute()


async def watched_tenants(runtime: Runtime) -> list[UUID]:
    """Raises EngineUnavailable."""
    found: Any = await runtime.valkey.client.zrangebyscore(_WATCHED, runtime.clock.unix(), "+inf")
    return [UUID(bytes=tenant) for tenant in found]
