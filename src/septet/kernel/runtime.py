"""One process's hold on the world: settings, secrets, clock and the three engines. Made once, passed explicitly."""

import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import text

from septet.kernel import telemetry
from septet.kernel.api_keys import ApiKeyCache
from septet.kernel.authentication import Authenticator, Credentials
from septet.kernel.broadcast import Broadcast
from septet.kernel.clickhouse import ClickHouse
from septet.kernel.clock import OFFSET_CHANNEL, OFFSET_KEY, Clock
from septet.kernel.config import ServiceSettings, Settings
from septet.kernel.entitlements import Entitlements
from septet.kernel.identity import Actor
from septet.kernel.jobs import WAKE_WORKERS
from septet.kernel.pipeline import Pipeline
from septet.kernel.postgres import Postgres
from septet.kernel.secrets import Secrets
from septet.kernel.valkey import Valkey

S = TypeVar("S", bound=ServiceSettings)
R = TypeVar("R")
_BRING_NEARER = text(
    "UPDATE kernel.pgqueuer SET execute_after = execute_after - CAST(:by AS interval) WHERE status = 'queued'"
)
RequestGuard = Callable[["Runtime", Actor, str, str], Awaitable[Mapping[str, str]]]
"""(runtime, who asks, method, route) → headers of the answer; raises a Problem for a request that is one too many."""
MISSING_URL = "SEPTET_{}_URL is not set; `septet up` sets it for its children, a role run alone needs it."


class Runtime:
    """`sockets` are the listening sockets by name (`web`, `gateway`, `grpc`, `provider`).

    `clickhouse` and `pipeline` are for mechanisms; actions reach everything else through their unit of work.
    """

    def __init__(
        self,
        settings: Settings,
        secrets: Secrets,
        credentials: Credentials,
        entitlements: Entitlements,
        sockets: dict[str, socket.socket],
        guard: RequestGuard | None = None,
    ) -> None:
        self.settings = settings
        self.sockets = sockets
        self.secrets = secrets
        self.clock = Clock(virtual=settings.virtual_clock)
        self.postgres = Postgres(
            _required(settings.postgres_url, "POSTGRES"), patience_seconds=settings.engine_patience_seconds
        )
        self.valkey = Valkey(_required(settings.valkey_url, "VALKEY"), timeout=settings.engine_patience_seconds)
        self.pipeline = Pipeline(_required(settings.valkey_url, "VALKEY"), timeout=settings.engine_patience_seconds)
        self.clickhouse = ClickHouse(_required(settings.clickhouse_url, "CLICKHOUSE"))
        self.broadcast = Broadcast(self.valkey)
        self.entitlements = entitlements
        self.authenticator = Authenticator(self, credentials)
        self.api_keys = ApiKeyCache(self)
        self._service_settings: dict[type[ServiceSettings], ServiceSettings] = {}
        self._shared: dict[Callable[[Runtime], Any], Any] = {}
        self._guard = guard

    async def guard_request(self, actor: Actor, method: str, route: str) -> Mapping[str, str]:
        """Headers for the answer to a request of an organization. Raises what refuses one that is too many."""
        if self._guard is None or actor.tenant_id is None:
            return {}
        return await self._guard(self, actor, method, route)

    def service_settings(self, model: type[S]) -> S:
        """A service's settings, read from the environment once."""
        found = self._service_settings.get(model)
        if found is None:
            found = self._service_settings[model] = model()
        assert isinstance(found, model)
        return found

    def shared(self, make: Callable[["Runtime"], R]) -> R:
        """What `make` gives, made once in this process and closed (`aclose`) at its end: a client, a cache."""
        found: R | None = self._shared.get(make)
        if found is None:
            found = self._shared[make] = make(self)
        return found

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Runtime"]:
        """Connect what stays connected, and close everything at the end."""
        self.broadcast.subscribe(OFFSET_CHANNEL, self._clock_moved)
        telemetry.show_pool(self.postgres.connections)
        try:
            await self.pipeline.start()
            await self.broadcast.start()
            await self.catch_up_clock()
            yield self
        finally:
            await self.close()

    async def close(self) -> None:
        """Disconnect from everything."""
        for made in self._shared.values():
            if close := getattr(made, "aclose", None):
                await close()
        await self.broadcast.stop()
        await self.pipeline.close()
        await self.clickhouse.close()
        await self.valkey.close()
        await self.postgres.close()

    async def advance_clock(self, seconds: float) -> None:
        """Move the virtual clock of every process forward by `seconds`; waiting jobs come that much nearer.

        The clock moves before jobs become due by the commit, since a job must not see the time before.
        """
        with self.postgres.faults_translated():
            async with self.postgres.engine.begin() as connection:
                await connection.execute(_BRING_NEARER, {"by": timedelta(seconds=seconds)})
                await connection.execute(WAKE_WORKERS)
                offset = float(await self.valkey.client.incrbyfloat(OFFSET_KEY, seconds))
                self.clock.move_to(offset)
                await self.broadcast.publish(OFFSET_CHANNEL, struct.pack("!d", offset))

    async def catch_up_clock(self) -> None:
        """Where the clock is virtual: as far as any process moved it, whether its announcement has arrived or not."""
        if self.clock.virtual:
            self.clock.move_to(float(await self.valkey.client.get(OFFSET_KEY) or 0))

    def _clock_moved(self, payload: bytes) -> None:
        self.clock.move_to(struct.unpack("!d", payload)[0])


def _required(url: str | None, engine: str) -> str:
    if url is None:
        raise ValueError(MISSING_URL.format(engine))
    return url
