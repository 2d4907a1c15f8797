"""What a connected client asks for, and what it is told for itself alone.

The first frame is `hello`; what follows it at once waits until it is answered. A session follows all rooms of its
user, and public rooms it subscribes to. `credentials` verifies it again every few seconds.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import ValidationError

from septet.kernel.errors import EngineUnavailable, Forbidden, MalformedBody, Problem, Unauthenticated
from septet.kernel.http.problems import validation_problem
from septet.kernel.identity import Actor
from septet.kernel.uow import UnitOfWork
from septet.services.chat import permissions
from septet.services.chat.actions import reading
from septet.services.chat.actions.posting import Draft, Outcome
from septet.services.chat.actions.typing import tell_typing
from septet.services.chat.errors import RoomNotFound, TooMany
from septet.services.chat.frames import encode, read_frame
from septet.services.chat.gateway import closing
from septet.services.chat.gateway.closing import Closing
from septet.services.chat.gateway.commands import (
    COMMAND,
    Command,
    Hello,
    Position,
    PresenceCommand,
    Read,
    Send,
    Subscribe,
    Typing,
    Unsubscribe,
)
from septet.services.chat.gateway.connection import Connection
from septet.services.chat.gateway.room import GatewayRoom

if TYPE_CHECKING:
    from septet.services.chat.gateway.server import Gateway

TYPING_EVERY_SECONDS = 3.0
MOST_WAITING = 200
Credential = tuple[str, str | None]  # the token, and the organization that was named
_PONG = encode({"type": "pong"})


class Session:
    """One client; `id` names it in presence."""

    __slots__ = (
        "_busy",
        "_catching_up",
        "_connection",
        "_cookie",
        "_cursors",
        "_gateway",
        "_status",
        "_typed",
        "_waiting",
        "actor",
        "credential",
        "greeting",
        "id",
        "opened_at",
        "removed_from",
        "rooms",
        "seen_at",
        "small_rooms",
    )

    def __init__(self, gateway: "Gateway", connection: Connection, cookie: str = "") -> None:
        self.id = gateway.new_session_id()
        self.actor: Actor | None = None
        self.rooms: dict[UUID, GatewayRoom] = {}
        self.removed_from: set[UUID] = set()
        self.small_rooms: set[UUID] = set()
        self.opened_at = self.seen_at = connection.heard_at
        self._gateway = gateway
        self._connection = connection
        self._cookie = cookie
        self.credential: Credential | None = None
        self._status = "online"
        self.greeting = False
        self._waiting: list[Command] | None = None
        self._typed: dict[UUID, float] | None = None
        self._busy = 0
        self._catching_up: asyncio.Lock | None = None
        self._cursors: dict[UUID, bytes] = {}

    @property
    def identity(self) -> tuple[UUID, UUID]:
        """The tenant and the user (or API key)."""
        assert self.actor is not None, "greeted"
        assert self.actor.tenant_id is not None, "the gateway authenticates for an organization"
        assert self.actor.id is not None, "nobody is anonymous here"
        return self.actor.tenant_id, self.actor.id

    def received(self, text: bytes) -> None:
        """One message from the client."""
        try:
            command = COMMAND.validate_json(text)
        except ValidationError as error:
            if self.actor is None and not self.greeting:
                self._connection.close(closing.NO_HELLO)
            else:
                self._refuse(_problem(error), _client_message_id(text))
            return
        if self.actor is not None:
            self._obey(command)
        elif self.greeting:
            self._wait_with(command)
        elif isinstance(command, Hello):
            self.greeting = True
            self._gateway.spawn(self._hello(command))
        else:
            self._connection.close(closing.NO_HELLO)

    def _wait_with(self, command: Command) -> None:
        self._waiting = self._waiting or []
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(command)
        else:
            self._connection.close(closing.FLOODING)

    def throttled(self) -> None:
        """The client sends more than it may; its last message was not looked at."""
        self._send(
            type="error", code="rate_limited", message="Send fewer frames; this one was ignored.", retryAfterMs=100
        )

    async def _hello(self, hello: Hello) -> None:
        organization = str(hello.organization_id) if hello.organization_id else None
        token = hello.token or self._cookie
        try:
            actor = await self._gateway.authenticate(token, organization)
            actor.require(permissions.READ)
        except EngineUnavailable:
            self._connection.close(closing.UNAVAILABLE)
            return
        except Problem as problem:
            self._refuse(problem)
            refused = isinstance(problem, Unauthenticated)
            self._connection.close(closing.UNAUTHENTICATED if refused else closing.FORBIDDEN)
            return
        if self._connection.closed:
            return
        self.actor, self.credential = actor, (token, organization)
        self._gateway.greeted(self)
        tenant_id, user_id = self.identity
        self._send(
            type="welcome",
            sessionId=self.id,
            userId=str(user_id),
            organizationId=str(tenant_id),
            heartbeatMs=int(self._gateway.settings.heartbeat_seconds * 1000),
        )
        self._catching_up = asyncio.Lock()
        waiting, self._waiting = self._waiting or [], None
        for command in waiting:
            self._obey(command)
        await self._gateway.hub.listen_to_user(tenant_id, user_id, self.notice)
        await self._catch_up({room_id: _position(each) for room_id, each in hello.rooms.items()}, own=True)
        self._touch()

    async def _catch_up(self, positions: dict[UUID, Position | None], *, own: bool = False) -> None:
        """Follow rooms (`own`: and all of the user's), one time after the other: each begins where the last one ended.

        What the client has of a room that it follows already is what was sent, unless it says something else; what
        happens there from now on waits for the end, so that it is not told twice.
        """
        assert self._catching_up is not None, "greeted"
        async with self._catching_up:
            for room_id, followed in self.rooms.items():
                if own or room_id in positions:
                    followed.follow(self._connection, self.identity[1])
                    if positions.get(room_id) is None:
                        positions[room_id] = Position(seq=followed.seq, version=followed.version)
            await self._retried(positions, own)
        cursors, self._cursors = self._cursors, {}
        for frame in cursors.values():
            self._connection.send(frame)

    async def _retried(self, positions: Mapping[UUID, Position | None], own: bool) -> None:
        """What a healthy engine answers; the client waits rather than being told less."""
        while not self._connection.closed:
            try:
                await self._gateway.following.catch_up(self, self._connection, positions, own=own)
                return
            except EngineUnavailable:
                await asyncio.sleep(self._gateway.retry_seconds)
            except Exception:
                self._connection.close(closing.DEFECT)
                raise

    def too_many_rooms(self) -> None:
        """The user has more rooms than a connection follows."""
        most = self._gateway.settings.subscriptions
        self._refuse(TooMany(f"A connection follows {most} rooms; subscribe to others that you need."))

    def _obey(self, command: Command) -> None:
        if isinstance(command, Send):
            self._post(command)
        elif isinstance(command, Typing):
            self._type(command)
        elif isinstance(command, Read):
            self._read(command)
        elif isinstance(command, Subscribe):
            self._subscribe(command)
        elif isinstance(command, Unsubscribe):
            self.unfollow(command.room_id)
        elif isinstance(command, PresenceCommand):
            self._status = command.status
            self._touch()
        elif isinstance(command, Hello):
            self._send(type="error", code="already_greeted", message="`hello` is said once, at the beginning.")
        else:
            self._connection.send(_PONG)

    def _post(self, command: Send) -> None:
        assert self.actor is not None
        if not self.actor.may(permissions.WRITE):
            self._refuse(Forbidden("This credential may read, but not write."), command.client_message_id)
            return
        tenant_id, user_id = self.identity
        attachments = [each.model_dump(by_alias=True, exclude_none=True) for each in command.attachments]
        draft = Draft(command.room_id, user_id, command.client_message_id, command.body, command.reply_to, attachments)
        self._gateway.sender.send(tenant_id, draft).add_done_callback(partial(self._posted, draft))

    def _posted(self, draft: Draft, stored: "asyncio.Future[Outcome]") -> None:
        error = None if stored.cancelled() else stored.exception()
        if isinstance(error, Problem):
            self._refuse(error, draft.client_message_id, room_id=draft.room_id)
        elif error is not None or stored.cancelled():
            self._refuse(EngineUnavailable("PostgreSQL"), draft.client_message_id, room_id=draft.room_id)
        else:
            message = stored.result().message
            self._send(
                type="ack",
                clientMessageId=draft.client_message_id,
                roomId=str(message.room_id),
                seq=message.seq,
                id=str(message.id),
                sentAt=message.sent_at.isoformat(),
            )

    def _type(self, command: Typing) -> None:
        if not self._is_member(command.room_id):
            self._ask_actions(command.room_id, partial(tell_typing, room_id=command.room_id))
            return
        now = self._connection.heard_at
        self._typed = {room: at for room, at in (self._typed or {}).items() if now - at < TYPING_EVERY_SECONDS}
        if command.room_id not in self._typed:
            self._typed[command.room_id] = now
            self._gateway.tell_typing(*self.identity, command.room_id)

    def _read(self, command: Read) -> None:
        if self._is_member(command.room_id):
            self._gateway.cursors.move(*self.identity, command.room_id, command.seq)
        else:
            self._ask_actions(command.room_id, partial(reading.read, room_id=command.room_id, seq=command.seq))

    def _is_member(self, room_id: UUID) -> bool:
        room = self.rooms.get(room_id)
        return room is not None and self._connection not in room.guests

    def _ask_actions(self, room_id: UUID, act: Callable[[UnitOfWork], Awaitable[object]]) -> None:
        """What concerns a room that is not followed as a member is done, or refused, as it is over HTTP."""
        if self._busy >= MOST_WAITING:
            self.throttled()
            return
        self._busy += 1
        self._gateway.spawn(self._asked(room_id, act))

    async def _asked(self, room_id: UUID, act: Callable[[UnitOfWork], Awaitable[object]]) -> None:
        try:
            assert self.actor is not None, "greeted"
            await self._gateway.act(self.actor, act)
        except Problem as problem:
            self._refuse(problem, room_id=room_id)
        finally:
            self._busy -= 1

    def _subscribe(self, command: Subscribe) -> None:
        if command.room_id not in self.rooms and len(self.rooms) + self._busy >= self._gateway.settings.subscriptions:
            most = self._gateway.settings.subscriptions
            self._refuse(TooMany(f"A connection follows {most} rooms."), room_id=command.room_id)
            return
        position = Position(seq=command.last_seq, version=command.version) if command.last_seq is not None else None
        self._busy += 1
        self._gateway.spawn(self._subscribed({command.room_id: position}))

    async def _subscribed(self, positions: dict[UUID, Position | None]) -> None:
        try:
            await self._catch_up(positions)
        finally:
            self._busy -= 1

    def refuse_room(self, room_id: UUID) -> None:
        """Not to be read: as if it did not exist."""
        self.unfollow(room_id)
        self._refuse(RoomNotFound(), room_id=room_id)

    def unfollow(self, room_id: UUID) -> None:
        self.small_rooms.discard(room_id)
        room = self.rooms.pop(room_id, None)
        if room is not None:
            room.unfollow(self._connection)

    def notice(self, head: dict[str, Any]) -> None:
        """Something that concerns this user alone: a room they came to or left, a cursor of theirs."""
        if "read" in head:
            self._cursor_moved(*head["read"])
            return
        room_id = UUID(head["room"])
        room = self.rooms.get(room_id)
        if head["status"] != "active":
            self.removed(room_id, head["status"])
        elif room is None or self._connection in room.guests:
            self._gateway.spawn(self._catch_up({room_id: None}))

    def _cursor_moved(self, room_id: str, seq: int, unread: int, mentions: int, version: int) -> None:
        """Told behind the room's state, where that is being read just now."""
        counts = {"unreadCount": unread, "mentionCount": mentions, "version": version}
        frame = read_frame(UUID(room_id), self.identity[1], seq, **counts)
        if self._catching_up is not None and self._catching_up.locked():
            self._cursors[UUID(room_id)] = frame
        else:
            self._connection.send(frame)

    def removed(self, room_id: UUID, status: str) -> None:
        """The user is no longer a member; this is noticed on several ways, and may come before the room's state."""
        self.removed_from.add(room_id)
        if room_id in self.rooms:
            self.unfollow(room_id)
            self._send(type="left", roomId=str(room_id), status=status)

    def refresh(self) -> None:
        """Notices may have been missed: look again which rooms are the user's."""
        if self._catching_up is not None and not self._connection.closed:
            self._gateway.spawn(self._catch_up(dict.fromkeys(self.rooms), own=True))

    def close(self, why: Closing) -> None:
        self._connection.close(why)

    def _touch(self) -> None:
        self.seen_at = asyncio.get_running_loop().time()
        self._gateway.touch(*self.identity, self.id, self._status, self.small_rooms)

    def keep_present(self) -> None:
        """Renew the sign of life."""
        if self.actor is not None:
            self._touch()

    def ended(self) -> None:
        """The connection is gone."""
        for room in self.rooms.values():
            room.unfollow(self._connection)
        self.rooms.clear()
        self._gateway.forget(self, self._connection)

    def _refuse(self, problem: Problem, client_message_id: str | None = None, room_id: UUID | None = None) -> None:
        frame: dict[str, Any] = {"code": problem.code, "message": problem.detail, **problem.extra}
        if client_message_id is not None:
            frame["clientMessageId"] = client_message_id
        if room_id is not None:
            frame["roomId"] = str(room_id)
        self._send(type="error", **frame)

    def _send(self, **frame: Any) -> None:
        self._connection.send(encode(frame))


def _problem(error: ValidationError) -> Problem:
    found = error.errors(include_url=False)
    if found[0]["type"] == "json_invalid":
        return MalformedBody("The frame is not valid JSON; send one object a frame.")
    return validation_problem(found)


def _position(given: int | Position) -> Position:
    return given if isinstance(given, Position) else Position(seq=given)


def _client_message_id(text: bytes) -> str | None:
    """What the client calls the message that was refused, if it can be made out."""
    try:
        found = json.loads(text)
        name = found.get("clientMessageId") if isinstance(found, dict) else None
    except ValueError:
        return None
    return name if isinstance(name, str) else None
