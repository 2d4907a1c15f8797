"""The hot paths' way to Valkey: what one turn of the event loop collects travels as one write.

One connection per process, or one per primary of a cluster, chosen by the slot of the command's key. The connection
is its own circuit breaker: while there is none, commands are refused at once, and it is made anew in the background.
"""

import asyncio
import hashlib
from functools import partial
from typing import Any, cast

from redis.asyncio.connection import parse_url
from redis.crc import key_slot
from redis.exceptions import AskError, MovedError, ResponseError

from septet.kernel.errors import EngineUnavailable
from septet.kernel.pipeline_connection import Argument, Arguments, Callback
from septet.kernel.pipeline_node import PipelineNode, settle
from septet.kernel.valkey import cluster_seed

TOPOLOGY_CHECK_SECONDS = 0.5
_SLOTS = 16384
_KEY_IS_FOURTH = frozenset({b"EVALSHA", b"EVAL", b"FCALL", b"EVALSHA_RO", b"EVAL_RO", b"FCALL_RO"})

Address = tuple[str, int]


class Pipeline:
    """Commands are tuples whose first item is the upper-case name as bytes; replies are bytes, integers and lists.

    `url`: as for `Valkey`. `limit`: commands that may wait on one connection before more are refused. `timeout`:
    seconds after which a silent server is given up.
    """

    def __init__(self, url: str, *, limit: int = 20_000, timeout: float = 1.0) -> None:
        self._limit = limit
        self._timeout = timeout
        self._scripts: dict[bytes, str] = {}
        self._options = cast("dict[str, Any]", parse_url(cluster_seed(url) or url))
        self._clustered = cluster_seed(url) is not None
        self._seed = self._node(self._options)
        self._nodes: dict[Address, PipelineNode] = {}
        self._by_slot: list[PipelineNode | None] = []
        self._topology_is_stale = True
        self._watching: asyncio.Task[None] | None = None

    @property
    def healthy(self) -> bool:
        return all(node.connection is not None for node in self._nodes.values() or (self._seed,))

    @property
    def waiting(self) -> int:
        """Commands without a reply yet, for metrics."""
        return sum(len(node.connection or ()) for node in (self._seed, *self._nodes.values()))

    async def start(self) -> None:
        """Connect. Raises EngineUnavailable when that fails now; it is tried for ever all the same."""
        self._seed.start()
        try:
            async with asyncio.timeout(2 * self._timeout):
                await self._seed.connected.wait()
                if self._clustered:
                    await self._learn_topology()
                    await asyncio.gather(*(node.connected.wait() for node in self._nodes.values()))
        except TimeoutError as error:
            raise EngineUnavailable("Valkey") from error
        finally:
            if self._clustered:
                self._watching = asyncio.create_task(self._watch_topology())

    async def close(self) -> None:
        """Wait for the replies under way, then disconnect."""
        if self._watching is not None:
            self._watching.cancel()
        await asyncio.gather(*(node.close() for node in (self._seed, *self._nodes.values())))

    def script(self, lua: str) -> bytes:
        """The hash to call `lua` by: `(b"EVALSHA", hash, number_of_keys, key, …)`.

        Where it is unknown it is sent whole.
        """
        sha = hashlib.sha1(lua.encode(), usedforsecurity=False).hexdigest().encode()
        self._scripts[sha] = lua
        return sha

    def call(self, *args: Argument) -> asyncio.Future[Any]:
        """The reply. Raises EngineUnavailable, StorageFull, or redis' ResponseError for the server's other errors."""
        future = asyncio.get_running_loop().create_future()
        self.submit(args, partial(settle, future))
        return future

    def submit(self, args: Arguments, callback: Callback) -> None:
        """Like `call`, but `callback` gets the reply, or the exception as a value, later and without a task."""
        node = self._node_of(args) if self._clustered else self._seed
        if node is None or node.connection is None:
            asyncio.get_running_loop().call_soon(callback, EngineUnavailable("Valkey"))
        else:
            node.connection.send(args, callback)

    def _node_of(self, args: Arguments) -> PipelineNode | None:
        position = 3 if args[0] in _KEY_IS_FOURTH else 1
        if len(args) <= position:
            return self._seed
        key = args[position]
        slot = key_slot(key if isinstance(key, bytes) else str(key).encode())
        return self._by_slot[slot] if self._by_slot else None

    def _redirect(self, refusal: Exception, args: Arguments, callback: Callback) -> None:
        """Send a command once more that the server has not run: elsewhere (MOVED, ASK), or with its script."""
        if isinstance(refusal, AskError):  # MovedError is one too
            other = self._node_at((refusal.host or self._options["host"], refusal.port))
            if isinstance(refusal, MovedError):
                self._topology_is_stale = True
                self._by_slot[refusal.slot_id] = other
            other.resend(args, callback, asking=not isinstance(refusal, MovedError))
            return
        lua = self._scripts.get(cast(bytes, args[1]))
        node = self._node_of(args) if self._clustered else self._seed
        if lua is None or node is None:
            callback(refusal)
        else:
            node.resend((b"EVAL", lua, *args[2:]), callback)

    def _node(self, options: dict[str, Any]) -> PipelineNode:
        return PipelineNode(options, self._limit, self._timeout, self._redirect)

    def _node_at(self, address: Address) -> PipelineNode:
        if address not in self._nodes:
            self._nodes[address] = self._node(self._options | {"host": address[0], "port": address[1]})
            self._nodes[address].start()
        return self._nodes[address]

    async def _watch_topology(self) -> None:
        """Learn who serves which slot, again whenever a node redirects or is not connected."""
        while True:
            await asyncio.sleep(TOPOLOGY_CHECK_SECONDS)
            if self._topology_is_stale or not self.healthy:
                await self._learn_topology()

    async def _learn_topology(self) -> None:
        for node in (*self._nodes.values(), self._seed):
            if node.connection is not None:
                try:
                    ranges = await node.call(b"CLUSTER", b"SLOTS")
                except (EngineUnavailable, ResponseError):
                    continue
                self._apply_topology(ranges)
                return

    def _apply_topology(self, ranges: list[list[Any]]) -> None:
        by_slot: list[PipelineNode | None] = [None] * _SLOTS
        primaries = {}
        for first, last, (host, port, *_), *_replicas in ranges:
            address = (host.decode() if host else self._options["host"], port)
            primaries[address] = node = self._node_at(address)
            by_slot[first : last + 1] = [node] * (last + 1 - first)
        for address in self._nodes.keys() - primaries.keys():
            self._nodes.pop(address).abandon()
        self._by_slot = by_slot
        self._topology_is_stale = False
