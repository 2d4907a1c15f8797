"""The live feed: clicks as they are counted, shown to whoever watches. Slow watchers miss some."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, ClassVar
from uuid import UUID

from septet.kernel.runtime import Runtime
from septet.services.links.consumer import LIVE_CHANNEL, watched_key

MOST_WAITING = 200
WATCHED_SECONDS = 30

Clicks = asyncio.Queue[dict[str, Any]]


class LiveFeed:
    """One per process."""

    HEARTBEAT_SECONDS: ClassVar[float] = 10.0

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._watchers: dict[str, set[Clicks]] = defaultdict(set)
        runtime.broadcast.subscribe(LIVE_CHANNEL, self._clicked)

    @asynccontextmanager
    async def watching(self, tenant_id: UUID) -> AsyncIterator[Clicks]:
        """The tenant's clicks from now on. Raises EngineUnavailable when Valkey does not answer."""
        await self._say_watched(tenant_id)
        renewing = asyncio.create_task(self._keep_saying(tenant_id))
        queue: Clicks = asyncio.Queue(MOST_WAITING)
        self._watchers[str(tenant_id)].add(queue)
        try:
            yield queue
        finally:
            renewing.cancel()
            self._watchers[str(tenant_id)].discard(queue)

    async def _say_watched(self, tenant_id: UUID) -> None:
        await self._runtime.valkey.client.set(watched_key(tenant_id), b"1", ex=WATCHED_SECONDS)

    async def _keep_saying(self, tenant_id: UUID) -> None:
        while True:
            await asyncio.sleep(WATCHED_SECONDS / 3)
            with suppress(Exception):
                await self._say_watched(tenant_id)

    def _clicked(self, payload: bytes) -> None:
        told = json.loads(payload)
        for queue in self._watchers.get(told["tenant"], ()):
            for click in told["clicks"]:
                with suppress(asyncio.QueueFull):
                    queue.put_nowait(click)
