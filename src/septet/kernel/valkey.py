"""Valkey (or Redis 7+): the client for everything but the hottest paths, which use `kernel.pipeline`.

Only kernel modules import the driver. Commands are sent once: a command that may have run is never repeated behind
the caller's back. A blocking command (`XREADGROUP … BLOCK`) must ask for less than `timeout`.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast
from uuid import UUID

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.client import Pipeline
from redis.asyncio.cluster import ClusterPipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript

from septet.kernel.breaker import CircuitBreaker
from septet.kernel.errors import EngineUnavailable, StorageFull
from septet.kernel.watchdog import answered_within

CLUSTER_SCHEMES = {"redis+cluster": "redis", "rediss+cluster": "rediss"}
_OUTAGES = (
    OSError,
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ClusterDownError,
    exceptions.MasterDownError,
    exceptions.ReadOnlyError,
    exceptions.RedisClusterException,
    exceptions.TryAgainError,
)


def key(tenant: UUID | str, service: str, *parts: object) -> str:
    """`septet:{tenant}:service:part:…`; the hash tag keeps one tenant's keys in one cluster slot."""
    return ":".join([f"septet:{{{tenant}}}", service, *map(str, parts)])


def cluster_seed(url: str) -> str | None:
    """The ordinary URL of the node that a `redis+cluster://` URL names; None when `url` is not a cluster's."""
    scheme, _, rest = url.partition("://")
    return f"{CLUSTER_SCHEMES[scheme]}://{rest}" if scheme in CLUSTER_SCHEMES else None


class Valkey:
    """`client` is redis-py's own asynchronous client; replies are bytes.

    All it raises for an outage becomes EngineUnavailable (503), and for a full disk or memory StorageFull (507);
    other errors of the server stay `redis.exceptions.ResponseError`.

    `url`: `unix://`, `redis://`, `rediss://`, or `redis+cluster://` / `rediss+cluster://` with one node of the cluster.
    `timeout`: seconds for connecting, for a free connection and for each reply.
    """

    def __init__(self, url: str, *, max_connections: int = 50, timeout: float = 1.0) -> None:
        self.url = url
        self.timeout = timeout
        self.breaker = CircuitBreaker("Valkey")
        self.client: Redis | RedisCluster = self._connect(url, max_connections, timeout)

    def _connect(self, url: str, max_connections: int, timeout: float) -> Redis | RedisCluster:
        options: dict[str, Any] = {
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            "retry": Retry(NoBackoff(), 0),
            "max_connections": max_connections,
        }
        if seed := cluster_seed(url):
            cluster: Any = _ClusterClient.from_url(seed, **options)
            cluster.faults_translated = self.faults_translated
            return cast(RedisCluster, cluster)
        pool = BlockingConnectionPool.from_url(url, timeout=timeout, **options)
        pool.connection_class = type("PatientConnection", (_PatientReads, pool.connection_class), {})
        client = _Client(connection_pool=pool)
        client.faults_translated = self.faults_translated
        return client

    @contextmanager
    def faults_translated(self) -> Iterator[None]:
        """Raises EngineUnavailable or StorageFull in place of the driver's errors of that kind."""
        try:
            with self.breaker.guard(_is_outage):
                yield
        except _OUTAGES as error:
            raise EngineUnavailable("Valkey") from error
        except exceptions.ResponseError as error:
            if is_full(error):
                raise StorageFull("Valkey") from error
            raise

    def script(self, lua: str) -> AsyncScript:
        """A Lua script to await as `script(keys=[…], args=[…])`: sent by its hash, in full only when unknown."""
        return self.client.register_script(lua)

    async def ping(self) -> None:
        """Raises EngineUnavailable when it does not answer."""
        await self.client.execute_command("PING")

    async def close(self) -> None:
        await self.client.aclose()


def is_full(error: Exception) -> bool:
    """No memory is left for the write, or the append-only file cannot be written."""
    return isinstance(error, exceptions.OutOfMemoryError) or str(error).startswith(("OOM", "MISCONF"))


def _is_outage(error: BaseException) -> bool:
    return isinstance(error, _OUTAGES)


class _PatientReads:
    """For the driver's connections: their own time-out blames the server when this process was held up."""

    async def read_response(self, disable_decoding: bool = False, timeout: float | None = None, **options: Any) -> Any:
        read: Any = super().read_response  # type: ignore[misc]
        if timeout is not None:
            return await read(disable_decoding, timeout, **options)
        async with answered_within(self.socket_timeout):  # type: ignore[attr-defined]
            return await read(disable_decoding, math.inf, **options)


class _Client(Redis):
    faults_translated: Callable[[], AbstractContextManager[None]]

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        with self.faults_translated():
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> "_Batch":
        batch = _Batch(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        batch.faults_translated = self.faults_translated
        return batch


class _Batch(Pipeline):
    faults_translated: Callable[[], AbstractContextManager[None]]

    async def immediate_execute_command(self, *args: Any, **options: Any) -> Any:
        with self.faults_translated():
            return await super().immediate_execute_command(*args, **options)  # type: ignore[no-untyped-call]

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        with self.faults_translated():
            return await super().execute(raise_on_error)


class _ClusterClient(RedisCluster):
    faults_translated: Callable[[], AbstractContextManager[None]]

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        with self.faults_translated():
            return await super().execute_command(*args, **options)

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> "_ClusterBatch":
        batch = _ClusterBatch(self, transaction)  # type: ignore[abstract]
        batch.faults_translated = self.faults_translated
        return batch


class _ClusterBatch(ClusterPipeline):
    faults_translated: Callable[[], AbstractContextManager[None]]

    async def execute(self, raise_on_error: bool = True, allow_redirections: bool = True) -> list[Any]:
        with self.faults_translated():
            return await super().execute(raise_on_error, allow_redirections)
