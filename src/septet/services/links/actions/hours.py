"""Adding up hours that are over, so that statistics need not count their clicks one by one."""

from septet.kernel.uow import UnitOfWork
from septet.services.links.store import hours

SETTLED_SECONDS = 60
AT_ONCE = 240
MOST_ROUNDS = 500


async def add_up_hours(uow: UnitOfWork) -> None:
    """Whatever is torn, until nothing is; at most so much that the next occasion is not far."""
    until = int(uow.clock.unix() - SETTLED_SECONDS) // 3600 * 3600
    for _ in range(MOST_ROUNDS):
        torn = await hours.torn(uow.runtime.clickhouse, until, AT_ONCE)
        if not torn:
            return
        await hours.add_up(uow.runtime.clickhouse, torn)
