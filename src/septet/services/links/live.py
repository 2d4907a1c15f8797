"""The live feed: clicks as they are counted, shown to whoever watches. Slow watchers miss some."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, ClassVar
from uuid import UUID

from septet.kernel.background import beside
from septet.kernel.runtime import Runtime
from septet.services.links.watching import LIVE_CHANNEL, WATCHED_SECONDS, say_watched

MOST_WAITING = 200

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
        await say_watched(self._runtime, tenant_id)
        queue: Clicks = asyncio.Queue(MOST_WAITING)
        self._watchers[str(tenant_id)].add(queue)
        try:
            async with beside(self._keep_saying(tenant_id)):
                yield queue
        finally:
            self._watchers[str(tenant_id)].discard(queue)

    async def _keep_saying(self, tenant_id: UUID) -> None:
        while True:
            await asyncio.sleep(WATCHED_SECONDS / 3)
            with suppress(Exception):
                await say_watched(self._runtime, tenant_id)

    def _clicked(self, payload: bytes) -> None:
        told = json.loads(payload)
        for queue in self._watchers.get(told["tenant"], ()):
            for click in told["clicks"]:
                with suppress(asyncio.QueueFull):
                    queue.put_nowait(click)
