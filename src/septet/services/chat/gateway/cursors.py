"""Read cursors of this gateway's clients, moved together: one statement for all of a few milliseconds."""

import asyncio
from collections import defaultdict
from uuid import UUID

from septet.kernel.errors import EngineUnavailable
from septet.kernel.runtime import Runtime
from septet.services.chat.actions.reading import read_many

COLLECT_SECONDS = 0.05
RETRY_SECONDS = 0.5


class Cursors:
    """`move` never blocks; of one cursor only the furthest position counts."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._moves: defaultdict[UUID, dict[tuple[UUID, UUID], int]] = defaultdict(dict)
        self._writing: asyncio.Task[None] | None = None

    def move(self, tenant_id: UUID, user_id: UUID, room_id: UUID, seq: int) -> None:
        moves = self._moves[tenant_id]
        moves[room_id, user_id] = max(seq, moves.get((room_id, user_id), 0))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())

    async def _write_all(self) -> None:
        while self._moves:
            await asyncio.sleep(COLLECT_SECONDS)
            moves, self._moves = self._moves, defaultdict(dict)
            for tenant_id, of_tenant in moves.items():
                await self._write(tenant_id, of_tenant)
        self._writing = None

    async def _write(self, tenant_id: UUID, moves: dict[tuple[UUID, UUID], int]) -> None:
        try:
            await read_many(self._runtime, tenant_id, moves)
        except EngineUnavailable:
            await asyncio.sleep(RETRY_SECONDS)
            for (room_id, user_id), seq in moves.items():
                self.move(tenant_id, user_id, room_id, seq)

    async def written(self) -> None:
        """Wait until nothing is left to write."""
        if self._writing is not None:
            await self._writing
