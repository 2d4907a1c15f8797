"""Work beside a block, which is certain to end with it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

REPEAT_SECONDS = 1.0


@asynccontextmanager
async def beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run the coroutines for as long as the block lasts, then cancel them; returns once they have ended."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        await end(*tasks)


async def end(*tasks: "asyncio.Task[Any]") -> None:
    """Cancel until all have ended; what they raised is dropped.

    Once may not be enough: cancelled while it gives up a connection, a driver may raise an error of its own instead,
    which a loop that survives outages takes for one.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=REPEAT_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)  # so that no exception counts as never looked at
