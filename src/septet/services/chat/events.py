"""Facts that chat publishes."""

from uuid import UUID

from septet.kernel.events import event


@event("chat.room_created")
class RoomCreated:
    """A room, a group or a direct conversation exists."""

    tenant_id: UUID
    room_id: UUID
    kind: str
    name: str
    created_by: UUID


@event("chat.room_archived")
class RoomArchived:
    """A room can only be read from now on."""

    tenant_id: UUID
    room_id: UUID


@event("chat.member_joined")
class MemberJoined:
    """Somebody became a member of a room, on their own or added by somebody."""

    tenant_id: UUID
    room_id: UUID
    user_id: UUID


@event("chat.member_left")
class MemberLeft:
    """Somebody left a room or was removed; `banned`: for good."""

    tenant_id: UUID
    room_id: UUID
    user_id: UUID
    banned: bool


@event("chat.message_missed")
class MessageMissed:
    """A member who is not online was mentioned, or was written to directly.

    `reason` is `mention`, `room_mention` or `direct`; `excerpt` is the beginning of the body.
    """

    tenant_id: UUID
    room_id: UUID
    room_name: str
    message_id: UUID
    seq: int
    author_id: UUID
    author_name: str
    user_id: UUID
    reason: str
    excerpt: str


@event("chat.message_addressed", public=False)
class MessageAddressed:
    """A message is meant for somebody in particular; chat itself looks whether they are there."""

    tenant_id: UUID
    room_id: UUID
    message_id: UUID
