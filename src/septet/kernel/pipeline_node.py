"""One server of the batching pipeline: keeps a connection to it, for ever."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from functools import partial
from itertools import chain, repeat
from typing import Any, TypeVar

from redis.asyncio.connection import SSLConnection
from redis.exceptions import ResponseError

from septet.kernel.errors import EngineUnavailable
from septet.kernel.pipeline_connection import Argument, Arguments, Callback, PipelineConnection, Redirect

P = TypeVar("P", bound=asyncio.Protocol)

BACKOFF_SECONDS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5)
logger = logging.getLogger(__name__)


class PipelineNode:
    """`connection` is None while there is none that answers. `options`: what redis-py's `parse_url` makes of a URL."""

    def __init__(self, options: dict[str, Any], limit: int, timeout: float, redirect: Redirect) -> None:
        self.connection: PipelineConnection | None = None
        self.connected = asyncio.Event()
        self._options = options
        self._timeout = timeout
        self._new_connection = partial(PipelineConnection, limit, timeout, redirect)
        self._connecting: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._connecting = asyncio.create_task(self._stay_connected())

    async def close(self) -> None:
        """Wait for the replies under way, then disconnect."""
        if self.connection is not None:
            await asyncio.gather(self.call(b"PING"), return_exceptions=True)  # replies come in order: this one is last
        self.abandon()

    def abandon(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        if self.connection is not None:
            self.connection.abort()

    def call(self, *args: Argument) -> asyncio.Future[Any]:
        future = asyncio.get_running_loop().create_future()
        if self.connection is None:
            future.set_exception(EngineUnavailable("Valkey"))
        else:
            self.connection.send(args, partial(settle, future))
        return future

    def resend(self, args: Arguments, callback: Callback, *, asking: bool = False) -> None:
        """Send what was refused without being run, here or by another node; a second refusal is final."""
        if self.connection is None:
            callback(EngineUnavailable("Valkey"))
            return
        if asking:
            self.connection.send((b"ASKING",), _ignore)
        self.connection.send(args, callback, redirected=True)

    async def _stay_connected(self) -> None:
        """Connect, and connect again whenever the connection is lost."""
        delays = chain(BACKOFF_SECONDS, repeat(BACKOFF_SECONDS[-1]))
        while True:
            try:
                async with asyncio.timeout(self._timeout):
                    connection = await self._connect()
            except (EngineUnavailable, ResponseError, OSError) as error:
                delay = next(delays)
                logger.warning("pipeline: Valkey does not answer, trying again in %.2f s: %r", delay, error)
                await asyncio.sleep(delay)
                continue
            delays = chain(BACKOFF_SECONDS, repeat(BACKOFF_SECONDS[-1]))
            self.connection = connection
            self.connected.set()
            await connection.lost.wait()
            self.connection = None
            self.connected.clear()

    async def _connect(self) -> PipelineConnection:
        """Raises OSError, or what the server answers when it refuses the log-in or still loads its data."""
        connection = await open_connection(self._options, self._new_connection)
        try:
            for command in greeting(self._options, b"septet-pipeline"):
                future = asyncio.get_running_loop().create_future()
                connection.send(command, partial(settle, future))
                await future
        except BaseException:
            connection.abort()
            raise
        return connection


async def open_connection(options: dict[str, Any], factory: Callable[[], P]) -> P:
    """Connect to the server that `options` (of redis-py's `parse_url`) name. Raises OSError."""
    loop = asyncio.get_running_loop()
    if "path" in options:
        _, connection = await loop.create_unix_connection(factory, options["path"])
    else:
        address = options.get("host", "localhost"), options.get("port", 6379)
        context = _tls_context(options) if options.get("connection_class") is SSLConnection else None
        _, connection = await loop.create_connection(factory, *address, ssl=context)
    return connection


def greeting(options: dict[str, Any], name: bytes) -> list[Arguments]:
    """What a new connection says first: log in, choose the database, give its name."""
    commands: list[Arguments] = [(b"CLIENT", b"SETNAME", name), (b"PING",)]
    if options.get("db"):
        commands.insert(0, (b"SELECT", int(options["db"])))
    if "password" in options:
        commands.insert(0, (b"AUTH", options.get("username", "default"), options["password"]))
    return commands


def settle(future: asyncio.Future[Any], reply: object) -> None:
    """Give `future` the reply, or the exception that stands in its place, unless nobody waits any more."""
    if future.done():
        return
    if isinstance(reply, Exception):
        future.set_exception(reply)
    else:
        future.set_result(reply)


def _ignore(reply: object) -> None:
    """ASKING answers OK, and a failure shows in the command that follows."""


def _tls_context(options: dict[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=options.get("ssl_ca_certs"))
    if options.get("ssl_cert_reqs") == "none":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if "ssl_certfile" in options:
        context.load_cert_chain(options["ssl_certfile"], options.get("ssl_keyfile"))
    return context
