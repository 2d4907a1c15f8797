"""The connection of one job queue, and how the worker learns that it is of no use any more."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.ports.driver import NotifyCallback

from septet.kernel.postgres import Connection, on_connection_lost


class QueueConnection(AsyncpgDriver):
    """`over` is set when the connection ends, and with the first statement that fails.

    Either alone is not enough: a connection may end while nothing is asked, and one that is ended in the middle of a
    statement may fail with an error of the driver's own and never say that it is over.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.over = asyncio.Event()
        self._bare = connection
        on_connection_lost(connection, self.over.set)

    @property
    def lost(self) -> bool:
        """Whether it ended, as opposed to a statement that failed."""
        return bool(self._bare.is_closed())  # type: ignore[no-untyped-call]

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        with self._watched():
            return await super().fetch(query, *args)

    async def execute(self, query: str, *args: object) -> str:
        with self._watched():
            return await super().execute(query, *args)

    async def notify(self, channel: str, payload: str) -> None:
        with self._watched():
            await super().notify(channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        with self._watched():
            await super().add_listener(channel, callback)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except Exception:
            self.over.set()
            raise
