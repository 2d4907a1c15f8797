"""Tells the dispatchers of all processes that the outbox has something due, so that nobody waits for their look."""

from septet.kernel.errors import EngineUnavailable
from septet.kernel.uow import UnitOfWork

OUTBOX_CHANNEL = "notifications:outbox"


def wake_dispatchers(uow: UnitOfWork, *kinds: str) -> None:
    """After the commit. A message that gets lost costs a second: dispatchers also look by themselves."""
    if not kinds:
        return

    async def publish() -> None:
        try:
            await uow.runtime.broadcast.publish(OUTBOX_CHANNEL, ",".join(sorted(set(kinds))).encode())
        except EngineUnavailable:
            return

    uow.after_commit(publish)
