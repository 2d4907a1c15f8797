"""Telling every gateway what was committed, over Valkey's pub/sub; at most once.

A publication that cannot be sent is repeated as a poke, which tells only how far the room has come: gateways then fill
the gap from the database. Cursors and notices for one user are repeated as they are. What is lost on the way is noticed
by the next one, or by the gateways' own comparison.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork
from septet.services.chat.frames import member_frame, publication, room_channel, room_frame, user_channel
from septet.services.chat.models import Member, Room

REPEAT_SECONDS = 1.0
REPETITIONS = 30


@dataclass(frozen=True, slots=True)
class Changes:
    """What brought a room to `version`: one frame for each version. `members` came, went or changed.

    `private`: who is no member may not listen any more.
    """

    room_id: UUID
    version: int
    last_seq: int
    frames: Sequence[bytes]
    members: Sequence[tuple[UUID, str]] = ()
    private: bool = False


def publish_changes(runtime: Runtime, tenant_id: UUID, changes: Changes) -> None:
    head: dict[str, Any] = {"f": changes.version - len(changes.frames) + 1, "l": changes.version, "s": changes.last_seq}
    if changes.members:
        head["m"] = [[str(user_id), status] for user_id, status in changes.members]
    if changes.private:
        head["x"] = 1
    poke = publication({"p": changes.version})
    _publish(runtime, room_channel(tenant_id, changes.room_id), publication(head, changes.frames), repeated=poke)


def publish_in_room(runtime: Runtime, tenant_id: UUID, room_id: UUID, **head: Any) -> None:
    """Something ephemeral: who types, who is there."""
    _publish(runtime, room_channel(tenant_id, room_id), publication(head))


def publish_cursor(runtime: Runtime, tenant_id: UUID, room_id: UUID, user_id: UUID, seq: int) -> None:
    """For all members of a small room: who has read how far."""
    read = publication({"read": [str(user_id), seq]})
    _publish(runtime, room_channel(tenant_id, room_id), read, repeated=read)


def publish_to_user(runtime: Runtime, tenant_id: UUID, user_id: UUID, **head: Any) -> None:
    """For all sessions of one user: a room they now belong to, a cursor that one of them moved."""
    notice = publication(head)
    _publish(runtime, user_channel(tenant_id, user_id), notice, repeated=notice)


def announce(
    uow: UnitOfWork, room: Room, frames: Sequence[bytes], *, members: Sequence[Member] = (), with_room: bool = False
) -> None:
    """Publish after the commit: one frame for each version that the room was brought forward by.

    `with_room`: the room itself changed too, with the last version. Members who are new learn of their room.
    """
    tenant_id, runtime = uow.tenant_id, uow.runtime
    told = [*frames, *map(member_frame, members), *([room_frame(room)] if with_room else [])]
    who = [(member.user_id, member.status) for member in members]
    closed = with_room and room.visibility == "private"
    changes = Changes(room.id, room.version, room.last_seq, told, who, private=closed)

    async def publish() -> None:
        publish_changes(runtime, tenant_id, changes)
        for user_id, status in who:
            publish_to_user(runtime, tenant_id, user_id, room=str(changes.room_id), status=status)

    uow.after_commit(publish)


def _publish(
    runtime: Runtime, channel: bytes, payload: bytes, *, repeated: bytes | None = None, times: int = REPETITIONS
) -> None:
    """`repeated`: what to publish every second instead, as long as this cannot be sent."""

    def replied(reply: object) -> None:
        if isinstance(reply, Exception) and repeated is not None and times:
            again = partial(_publish, runtime, channel, repeated, repeated=repeated, times=times - 1)
            asyncio.get_running_loop().call_later(REPEAT_SECONDS, again)

    runtime.pipeline.submit((b"PUBLISH", channel, payload), replied)
