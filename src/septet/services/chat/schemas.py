"""Chat on the wire. The gateway's frames carry the same objects (see `frames`)."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from septet.kernel.wire import ShortText, Wire

LARGEST_SEQ = 2**62


class RoomRole(StrEnum):
    """Roles in a room, from the least to the most powerful."""

    MEMBER = "member"
    MODERATOR = "moderator"
    OWNER = "owner"

    def includes(self, other: "RoomRole") -> bool:
        """Whether this role may do all that `other` may."""
        ranks = list(RoomRole)
        return ranks.index(self) >= ranks.index(other)


class Status(StrEnum):
    """Presence as others see it."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


ChosenStatus = Literal["online", "away", "invisible"]


_SURROGATE = re.compile("[\\ud800-\\udfff]")


def _emoji(value: str) -> str:
    if re.search(r"[\s\x00-\x1f\x7f/]", value):
        raise ValueError("must be an emoji or a short name such as `thumbsup`, without blanks")
    return value


def _http_url(value: str) -> str:
    if not re.match(r"https?://[^\s/]", value, re.IGNORECASE):
        raise ValueError("must be a URL that begins with http:// or https://")
    return value


def _storable(value: str) -> str:
    """What PostgreSQL cannot store as text would spoil the batch that it travels in."""
    if "\0" in value or _SURROGATE.search(value):
        raise ValueError("must not contain NUL characters or unpaired surrogates")
    return value


Topic = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
Emoji = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_emoji)]
Body = Annotated[str, AfterValidator(_storable)]
Seq = Annotated[int, Field(ge=0, le=LARGEST_SEQ)]
ClientMessageId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128),
    AfterValidator(_storable),
    Field(description="The client's own id of this message: sent again, it is stored once.", examples=["c-1"]),
]


class Attachment(Wire):
    """A link to a file that is kept elsewhere."""

    url: Annotated[str, StringConstraints(max_length=2048), AfterValidator(_http_url)] = Field(
        description="Where it is; http or https."
    )
    name: ShortText | None = Field(None, description="File name to show.")
    content_type: ShortText | None = Field(None, description="Media type, for example image/png.")
    size: int | None = Field(None, ge=0, le=2**53, description="Size in bytes.")
    width: int | None = Field(None, ge=1, le=1_000_000, description="Width of an image, in pixels.")
    height: int | None = Field(None, ge=1, le=1_000_000, description="Height of an image, in pixels.")


class RoomCreate(Wire):
    """A new room; the creator becomes its owner."""

    name: ShortText = Field(description="Its name; need not be unique.", examples=["general"])
    visibility: Literal["public", "private"] = Field(
        "public", description="public: everybody in the organization may find, read and join it."
    )
    topic: Topic = Field("", description="What it is about.")
    announcement: bool = Field(False, description="Whether only its owner and moderators write.")
    tells_joins: bool = Field(False, description="Whether joining and leaving is told by system messages.")
    slow_mode_seconds: int = Field(0, ge=0, le=86_400, description="Seconds between two messages of one member.")
    member_ids: list[UUID] = Field(default_factory=list, max_length=1000, description="Who else is a member at once.")


class RoomChange(Wire):
    """What to change; fields left away stay."""

    name: ShortText | None = Field(None, description="Its new name.")
    visibility: Literal["public", "private"] | None = Field(None, description="Who may find it.")
    topic: Topic | None = Field(None, description="What it is about.")
    announcement: bool | None = Field(None, description="Whether only its owner and moderators write.")
    tells_joins: bool | None = Field(None, description="Whether joining and leaving is told by system messages.")
    slow_mode_seconds: int | None = Field(None, ge=0, le=86_400, description="Seconds between two messages.")
    archived: bool | None = Field(None, description="Whether it can only be read; its owner decides.")


class GroupCreate(Wire):
    """A conversation of several people without a name of its own."""

    user_ids: list[UUID] = Field(min_length=1, max_length=100, description="The other people.")
    name: ShortText | None = Field(None, description="A name, where one is wanted.")


class DirectMessageCreate(Wire):
    """A conversation of two people."""

    user_id: UUID = Field(description="The other person.")


class RoomSummary(Wire):
    """A room as everybody who may see it sees it."""

    id: UUID = Field(description="The room's id.")
    kind: Literal["room", "group", "direct"] = Field(description="room, group or direct (two people).")
    name: str = Field(description="Its name; empty for conversations without one.")
    topic: str = Field(description="What it is about.")
    visibility: Literal["public", "private"] = Field(description="Who may find it.")
    announcement: bool = Field(description="Whether only its owner and moderators write.")
    tells_joins: bool = Field(description="Whether joining and leaving is told by system messages.")
    slow_mode_seconds: int = Field(description="Seconds between two messages of one member; 0 for no limit.")
    member_count: int = Field(description="How many members it has.")
    last_seq: int = Field(description="`seq` of its newest message; 0 when there is none.")
    version: int = Field(description="Number of its latest lasting change; grows by one with each.")
    created_by: UUID = Field(description="Who created it.")
    created_at: datetime = Field(description="When it was created.")
    archived_at: datetime | None = Field(description="Since when it can only be read; null while it is open.")


class RoomOut(RoomSummary):
    """A room as the caller sees it."""

    role: RoomRole | None = Field(description="The caller's role in it; null when not a member.")
    read_seq: int = Field(description="Up to which message the caller has read.")
    unread_count: int = Field(description="Messages of others after `readSeq`, deleted ones and system ones left out.")
    mention_count: int = Field(description="Those of them that mention the caller or the whole room.")
    user_ids: list[UUID] = Field(
        default_factory=list, description="Of a direct conversation: its people; empty for other rooms."
    )


class RoomMemberOut(Wire):
    """A member of a room."""

    user_id: UUID = Field(description="The user's id.")
    name: str = Field(description="Their name when they joined.")
    role: RoomRole = Field(description="Their role in the room.")
    status: Literal["active", "left", "banned"] = Field(description="active, or how the membership ended.")
    joined_at: datetime = Field(description="Since when.")
    muted_until: datetime | None = Field(description="Until when they may not write; null when they may.")
    version: int = Field(description="The room's version when this last changed.")


class RoomMemberPut(Wire):
    """Add somebody, or give them another role."""

    role: RoomRole | None = Field(None, description="Their role; left away: as it is, or member.")


class MuteSet(Wire):
    """Let somebody read only, for a while."""

    seconds: int = Field(ge=1, le=366 * 86_400, description="For how long, in seconds.")


class MessageSend(Wire):
    """A message to send."""

    client_message_id: ClientMessageId
    body: Body = Field(
        "", description="Markdown, at most SEPTET_CHAT_MAX_BODY_BYTES bytes. `@room`, `@<userId>`, `@name`."
    )
    reply_to: UUID | None = Field(None, description="The message that this one answers, in the same room.")
    attachments: list[Attachment] = Field(default_factory=list, max_length=20, description="Links to files.")


class MessageChange(Wire):
    """Another body for a message."""

    body: Body = Field(description="The new body, in Markdown.")


class MessageOut(Wire):
    """A message. One that was deleted, or is older than the plan shows, keeps its place with an empty body."""

    room_id: UUID = Field(description="The room it is in.")
    seq: int = Field(description="Its number in the room; there are no gaps.")
    id: UUID = Field(description="The message's id.")
    kind: Literal["message", "system"] = Field(description="message, or system: told by the room itself.")
    author_id: UUID = Field(description="Who wrote it, or did what a system message tells.")
    client_message_id: str = Field(description="The id that the author's client gave it.")
    body: str = Field(description="Markdown; empty when deleted or withheld.")
    reply_to: UUID | None = Field(description="The message it answers.")
    thread_id: UUID | None = Field(description="The first message of its thread; null outside any.")
    mentions: list[UUID] = Field(description="The members it mentions.")
    mentions_room: bool = Field(description="Whether it mentions everybody (`@room`).")
    attachments: list[dict[str, Any]] = Field(description="Links to files, as they were sent.")
    reactions: dict[str, list[UUID]] = Field(description="By emoji, who reacted.")
    system: dict[str, Any] | None = Field(description="Of a system message: what happened (`event`) to whom.")
    version: int = Field(description="The room's version when this last changed: apply only what is newer.")
    sent_at: datetime = Field(description="When it was stored.")
    edited_at: datetime | None = Field(description="When its body last changed; null for never.")
    deleted_at: datetime | None = Field(description="When it was deleted; null while it is there.")
    pinned_at: datetime | None = Field(description="Since when it is pinned; null when it is not.")
    pinned_by: UUID | None = Field(description="Who pinned it.")
    withheld: bool = Field(False, description="Whether it is older than the plan shows (`chat.historyDays`).")


class EditOut(Wire):
    """A body that a message had."""

    body: str = Field(description="The body, in Markdown.")
    replaced_at: datetime = Field(description="Until when it was shown.")


class ReadSet(Wire):
    """Move one's cursor forward."""

    seq: Seq = Field(description="The newest message that was read; an older one than before changes nothing.")


class ReadOut(Wire):
    """Where the caller's cursor is now."""

    room_id: UUID = Field(description="The room.")
    user_id: UUID = Field(description="Whose cursor.")
    seq: int = Field(description="Up to which message they have read.")
    unread_count: int = Field(description="Messages of others after it.")
    mention_count: int = Field(description="Those of them that mention the caller.")


class CursorOut(Wire):
    """A member's read cursor."""

    user_id: UUID = Field(description="Whose cursor.")
    seq: int = Field(description="Up to which message they have read.")


class CursorsOut(Wire):
    """The read cursors of a small room's members."""

    data: list[CursorOut] = Field(description="One for each member.")


class PresenceSet(Wire):
    """How others see one; lasts while a client repeats it or a connection lives."""

    status: ChosenStatus = Field(description="online, away, or invisible: shown to others as offline.")


class PresenceOut(Wire):
    """Whether somebody is there."""

    user_id: UUID = Field(description="Who.")
    status: Status = Field(description="online, away or offline; online while any of their sessions is.")
    last_seen_at: datetime | None = Field(description="Last sign of life, to the minute; null when unknown or hidden.")


class PresenceList(Wire):
    """Several people's presence."""

    data: list[PresenceOut] = Field(description="In the order asked for; only people one shares a room with.")


class FoundMessage(Wire):
    """A search hit."""

    message: MessageOut = Field(description="The message.")
    highlight: str = Field(description="Its matching parts; what matched is between U+E000 and U+E001.")
    rank: float = Field(description="How well it fits; more is better.")
