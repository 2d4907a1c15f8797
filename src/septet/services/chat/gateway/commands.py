"""What a client may send: one JSON object a text frame, told apart by `type`."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from septet.kernel.wire import Wire
from septet.services.chat.schemas import Attachment, Body, ChosenStatus, ClientMessageId, Seq


class Position(Wire):
    """How far a client is in a room. Without `version`, changes of earlier messages may be told once more."""

    seq: Seq = Field(description="`seq` of the last message it has.")
    version: Seq | None = Field(None, description="The highest `version` it has seen in the room.")


class Hello(Wire):
    """First of all: who one is, and how far one is in which room."""

    type: Literal["hello"]
    token: str | None = Field(
        None, max_length=4096, description="A session token or an API key; left away: the session's cookie."
    )
    organization_id: UUID | None = Field(None, description="Which organization, for users of several.")
    rooms: dict[UUID, Seq | Position] = Field(
        default_factory=dict, max_length=10_000, description="By room: the last `seq`, to resume from."
    )


class Send(Wire):
    """Send a message; answered by `ack`, or by `error` with the clientMessageId."""

    type: Literal["send"]
    room_id: UUID = Field(description="The room.")
    client_message_id: ClientMessageId
    body: Body = Field("", description="Markdown.")
    reply_to: UUID | None = Field(None, description="The message it answers.")
    attachments: list[Attachment] = Field(default_factory=list, max_length=20, description="Links to files.")


class Typing(Wire):
    """Say that one is typing; repeat it at most every 3 seconds, it lasts for 5."""

    type: Literal["typing"]
    room_id: UUID = Field(description="The room.")


class Read(Wire):
    """Say how far one has read."""

    type: Literal["read"]
    room_id: UUID = Field(description="The room.")
    seq: Seq = Field(description="The newest message that was read.")


class Subscribe(Wire):
    """Follow a room, from now on or from a position."""

    type: Literal["subscribe"]
    room_id: UUID = Field(description="The room: one's own, or a public one.")
    last_seq: Seq | None = Field(None, description="The last `seq` one has.")
    version: Seq | None = Field(None, description="The highest `version` one has seen in the room.")


class Unsubscribe(Wire):
    """Stop following a room."""

    type: Literal["unsubscribe"]
    room_id: UUID = Field(description="The room.")


class PresenceCommand(Wire):
    """Say how others shall see one."""

    type: Literal["presence"]
    status: ChosenStatus = Field(description="online, away or invisible.")


class Ping(Wire):
    """Answered by `pong`."""

    type: Literal["ping"]


Command = Hello | Send | Typing | Read | Subscribe | Unsubscribe | PresenceCommand | Ping
COMMAND: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="type")])
