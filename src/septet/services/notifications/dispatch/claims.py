"""Who works on what. A worker holds an advisory lock on its number as long as it lives; what it claimed is given back
when the lock is gone, so a killed worker's deliveries are taken over within seconds and no lease can run out too early.
"""

import asyncio
import secrets

from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.notifications.store import outbox

NAMESPACE = 0x6E6F7469  # of PostgreSQL's advisory locks: "noti"


class Claimant:
    """This process's identity in the outbox."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.number = secrets.randbelow(2**31 - 1) + 1

    async def hold(self, held: asyncio.Event) -> None:
        """Hold the lock for as long as the connection lasts; `held` is set while it does. Raises when it is lost."""
        async with self.runtime.postgres.dedicated_connection() as connection:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())  # type: ignore[no-untyped-call]
            await connection.execute("SELECT pg_advisory_lock($1::int, $2::int)", NAMESPACE, self.number)
            held.set()
            try:
                await lost.wait()
            finally:
                held.clear()

    async def release_orphans(self) -> list[str]:
        async with UnitOfWork(self.runtime) as uow:
            with self.runtime.postgres.faults_translated():
                kinds = await outbox.release_orphans(uow, NAMESPACE)
                await uow.commit()
        return kinds
