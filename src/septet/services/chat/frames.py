"""What travels to clients, encoded once for all of them, and what gateways tell each other about it.

A publication is `{head}\\n{frame}\\n{frame}…`. The head's `f` and `l` are the first and last room version that the
frames bring the listener to; a gateway that is not at `f - 1` has missed something. Without `f` it is ephemeral.
"""

import json
import struct
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from septet.kernel.valkey import key
from septet.services.chat.models import Member, Message, Room
from septet.services.chat.schemas import MessageOut, RoomMemberOut, RoomSummary

_TEXT, _FIN = 0x1, 0x80


def encode(frame: dict[str, Any]) -> bytes:
    """Any frame as JSON. Ids and times are strings by then."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()


def message_frame(message: Message) -> bytes:
    """A message for who does not have it yet."""
    return _typed("message", MessageOut.model_validate(message))


def change_frame(message: Message) -> bytes:
    """A message that changed after it was sent, in its present state."""
    return _typed("deleted" if message.deleted_at else "edited", MessageOut.model_validate(message))


def reaction_frame(message: Message, user_id: UUID, emoji: str, *, added: bool) -> bytes:
    """One reaction that came or went, with all reactions as they are now."""
    return encode(
        {
            "type": "reaction",
            "roomId": str(message.room_id),
            "seq": message.seq,
            "id": str(message.id),
            "userId": str(user_id),
            "emoji": emoji,
            "added": added,
            "reactions": message.reactions,
            "version": message.version,
        }
    )


def room_frame(room: Room, *, resuming: bool = False) -> bytes:
    """What everybody in the room sees of it. `resuming`: what was missed follows, and then `resumed`."""
    out = RoomSummary.model_validate(room).model_dump(mode="json", by_alias=True)
    return encode({"type": "room", "roomId": out["id"], **out} | ({"resuming": True} if resuming else {}))


def resumed_frame(room: Room, after_seq: int, after_version: int) -> bytes:
    """The end of what was missed: who knew all up to there knows this state of the room."""
    told = {"fromSeq": min(after_seq, room.last_seq) + 1, "toSeq": room.last_seq}
    versions = {"fromVersion": after_version, "version": room.version}
    return encode({"type": "resumed", "roomId": str(room.id), **told, **versions})


def member_frame(member: Member) -> bytes:
    """A member who came, went or changed."""
    out = RoomMemberOut.model_validate(member).model_dump(mode="json", by_alias=True)
    return encode({"type": "member", "roomId": str(member.room_id), **out})


def read_frame(room_id: UUID, user_id: UUID, seq: int, **counts: int) -> bytes:
    return encode({"type": "read", "roomId": str(room_id), "userId": str(user_id), "seq": seq, **counts})


def _typed(kind: str, out: MessageOut) -> bytes:
    return b'{"type":"%b",' % kind.encode() + out.model_dump_json(by_alias=True).encode()[1:]


def websocket_text(payload: bytes) -> bytes:
    """One unfragmented, unmasked text frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((_FIN | _TEXT, size)) + payload
    if size < 65_536:
        return struct.pack("!BBH", _FIN | _TEXT, 126, size) + payload
    return struct.pack("!BBQ", _FIN | _TEXT, 127, size) + payload


def room_channel(tenant_id: UUID, room_id: UUID) -> bytes:
    """Where everything in a room is published."""
    return key(tenant_id, "chat", "room", room_id).encode()


def user_channel(tenant_id: UUID, user_id: UUID) -> bytes:
    """Where what concerns one user alone is published, for all their sessions."""
    return key(tenant_id, "chat", "user", user_id).encode()


def publication(head: dict[str, Any], frames: Iterable[bytes] = ()) -> bytes:
    return b"\n".join((encode(head), *frames))


def read_publication(payload: bytes) -> tuple[dict[str, Any], Sequence[bytes]]:
    head, *frames = payload.split(b"\n")
    return json.loads(head), frames
