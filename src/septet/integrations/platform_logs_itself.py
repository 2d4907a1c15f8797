"""What Septet does and says goes to its own log service; an organization's administrators read what is of theirs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from septet.kernel import journal
from septet.kernel.background import beside
from septet.kernel.errors import Problem
from septet.kernel.runtime import Runtime
from septet.services.logs.actions.platform import PLATFORM, write

STORE_SECONDS = 1.0


@asynccontextmanager
async def storing(runtime: Runtime) -> AsyncIterator[None]:
    """For as long as the process lives; the last entries are stored at its end."""
    journal.begin()
    try:
        async with beside(_store_for_ever(runtime)):
            yield
    finally:
        await store(runtime)
        journal.end()


async def _store_for_ever(runtime: Runtime) -> None:
    while True:
        await asyncio.sleep(STORE_SECONDS)
        await store(runtime)


async def store(runtime: Runtime) -> None:
    """What cannot be taken now is lost: a full queue is no place for lines about it."""
    async with journal.taken() as entries:
        if lines := [{"message": entry.pop("event", ""), **entry} for entry in entries]:
            with suppress(Problem):
                await write(runtime, PLATFORM, "septet", lines)
