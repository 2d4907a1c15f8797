"""System messages: what the room itself tells, in its history."""

from typing import Any

from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions.access import participant
from septet.services.chat.frames import message_frame
from septet.services.chat.models import Message, Room


def tell(uow: UnitOfWork, room: Room, event: str, **details: Any) -> bytes:
    """Add a system message to a locked room; returns its frame, to be announced."""
    room.last_seq += 1
    room.version += 1
    message_id = uow.new_id()
    message = Message(
        tenant_id=uow.tenant_id,
        room_id=room.id,
        seq=room.last_seq,
        id=message_id,
        kind="system",
        author_id=participant(uow),
        client_message_id=f"system:{message_id}",
        body="",
        reply_to=None,
        thread_id=None,
        mentions=[],
        mentions_room=False,
        attachments=[],
        reactions={},
        system={"event": event, **details},
        version=room.version,
        created_version=room.version,
        sent_at=uow.now,
        edited_at=None,
        deleted_at=None,
        pinned_at=None,
        pinned_by=None,
    )
    uow.session.add(message)
    return message_frame(message)
