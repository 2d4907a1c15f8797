"""System messages: what the room itself tells, in its history."""

from typing import Any
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.chat.frames import message_frame
from septet.services.chat.models import Message, Room

PLATFORM = UUID(int=0)  # the author where nobody in particular acts


def tell(uow: UnitOfWork, room: Room, event: str, **details: Any) -> bytes:
    """Add a system message to a locked room; returns its frame, to be announced."""
    return message_frame(system_message(uow, room, {"event": event, **details}, author=uow.actor.id or PLATFORM))


def system_message(
    uow: UnitOfWork, room: Room, system: dict[str, Any], *, author: UUID, body: str = "", key: str | None = None
) -> Message:
    """The next message of a locked room. `key`: its author posts it once; left away, it is one of its own."""
    room.last_seq += 1
    room.version += 1
    message_id = uow.new_id()
    message = Message(
        tenant_id=uow.tenant_id,
        room_id=room.id,
        seq=room.last_seq,
        id=message_id,
        kind="system",
        author_id=author,
        client_message_id=f"system:{key or message_id}",
        body=body,
        reply_to=None,
        thread_id=None,
        mentions=[],
        mentions_room=False,
        attachments=[],
        reactions={},
        system=system,
        version=room.version,
        created_version=room.version,
        sent_at=uow.now,
        edited_at=None,
        deleted_at=None,
        pinned_at=None,
        pinned_by=None,
    )
    uow.session.add(message)
    return message
