"""What changed in a room since somebody last looked, as frames: for resuming clients and for gateways that missed some.

New messages come in the order of `seq`, each in its present state; then those known before that changed since. Whoever
reads this first arranges to hear what happens from now on, so nothing falls between. Each page is a transaction of its
own: nobody holds a database connection at the pace of a slow client.
"""

from collections.abc import AsyncIterator, Sequence

from septet.kernel.identity import system_actor
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions.reach import shown
from septet.services.chat.frames import change_frame, message_frame
from septet.services.chat.models import Message, Room
from septet.services.chat.store import messages as store

PAGE = 200


async def missed_messages(
    runtime: Runtime, room: Room, after_seq: int, after_version: int
) -> AsyncIterator[list[bytes]]:
    """Pages of frames that bring a listener, who knows all up to `after_seq` and `after_version`, to `room`'s state.

    Raises EngineUnavailable.
    """
    seq = after_seq
    while seq < room.last_seq:
        page = await _new_messages(runtime, room, seq)
        assert page, "`seq` has no gaps"
        seq = page[-1].seq
        yield [message_frame(message) for message in page]
    version = after_version
    while version < room.version and after_seq:
        changed = await _changed_messages(runtime, room, after_seq, version)
        if not changed:
            return
        version = changed[-1].version
        yield [change_frame(message) for message in changed]


async def _new_messages(runtime: Runtime, room: Room, after_seq: int) -> Sequence[Message]:
    with runtime.postgres.faults_translated():
        async with UnitOfWork(runtime, system_actor(room.tenant_id)) as uow:
            return await shown(uow, await store.history(uow, room.id, PAGE, after=after_seq, until=room.last_seq))


async def _changed_messages(runtime: Runtime, room: Room, until_seq: int, after_version: int) -> Sequence[Message]:
    with runtime.postgres.faults_translated():
        async with UnitOfWork(runtime, system_actor(room.tenant_id)) as uow:
            return await shown(uow, await store.changed_messages(uow, room.id, until_seq, after_version, PAGE))
