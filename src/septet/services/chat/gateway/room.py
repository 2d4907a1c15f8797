"""A room as one gateway knows it: how far it has come, who listens here, and what is ephemeral about it.

Changes are delivered in the order of the room's version. A publication that comes too early waits a moment for the one
before it; if that does not come, the gap is filled from the database before anything goes on. Who is still catching up
gets what happens meanwhile afterwards.
"""

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from septet.services.chat.frames import encode, read_frame
from septet.services.chat.gateway.connection import Connection

EARLY_SECONDS = 0.05
MOST_EARLY = 1000
TYPING_SECONDS = 5.0
TYPING_PACE_SECONDS = 1.0
MOST_TYPING = 20


@dataclass(frozen=True, slots=True)
class Change:
    """A publication of lasting changes: the versions `first` to `last`, and the room's last `seq` after them."""

    first: int
    last: int
    seq: int
    frames: Sequence[bytes]
    members: Sequence[tuple[UUID, str]]
    private: bool

    @classmethod
    def read(cls, head: dict[str, Any], frames: Sequence[bytes]) -> "Change":
        members = [(UUID(user_id), status) for user_id, status in head.get("m", ())]
        return cls(head["f"], head["l"], head["s"], frames, members, bool(head.get("x")))


class GatewayRoom:
    """`live` listeners get everything at once; those `resuming` get what happens meanwhile when they are done.

    `guests` among them read a public room without being members: they learn nothing about its people. `cursors` are
    those that moved since `opened_at`. `fill` is called when something was missed.
    """

    def __init__(self, tenant_id: UUID, room_id: UUID, fill: Callable[["GatewayRoom"], None]) -> None:
        self.tenant_id = tenant_id
        self.id = room_id
        self.version = -1
        self.seq = 0
        self.live: dict[Connection, UUID] = {}
        self.resuming: dict[Connection, tuple[UUID, list[Change]]] = {}
        self.guests: set[Connection] = set()
        self.opened_at = math.inf
        self.cursors: dict[str, int] = {}
        self.filling = False
        self.opening = 0
        self._fill = fill
        self._ready: dict[Connection, tuple[int, asyncio.Future[bool]]] = {}
        self._early: dict[int, Change] = {}
        self._typing: dict[str, float] = {}
        self._typing_told: list[str] = []
        self._typing_told_at = 0.0
        self._typing_timer: asyncio.TimerHandle | None = None

    @property
    def followed(self) -> bool:
        return bool(self.live or self.resuming or self.opening)

    @property
    def opened(self) -> bool:
        """Whether it is known how far the room had come when this gateway began to listen."""
        return self.version >= 0

    def open_at(self, version: int, seq: int) -> None:
        """Listen from here on; what came earlier than that is known by it."""
        self.version, self.seq = version, seq
        self.opened_at = asyncio.get_running_loop().time()
        self._catch_early()

    def follow(self, connection: Connection, user_id: UUID) -> None:
        """Keep what happens from now on for a connection that is about to catch up."""
        self.live.pop(connection, None)
        self.resuming.setdefault(connection, (user_id, []))

    def go_live(self, connection: Connection, version: int) -> "asyncio.Future[bool]":
        """The connection has everything up to `version`: give it what happened since, and all that will.

        False when something between was never heard here: it has to catch up from `version` once more.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._ready[connection] = version, done
        self.poke(version)
        self._promote()
        return done

    def _promote(self) -> None:
        """Let those go live whose state this gateway has reached: from there on they hear each change once."""
        for connection, (version, done) in tuple(self._ready.items()):
            if self.version >= version and not self.filling:
                del self._ready[connection]
                done.set_result(self._admit(connection, version))

    def _admit(self, connection: Connection, version: int) -> bool:
        user_id, missed = self.resuming[connection]
        since = []
        for change in missed:
            if change.first == version + 1:
                since.append(change)
                version = change.last
        if version < self.version:
            self.resuming[connection] = user_id, []
            return False
        for change in since:
            connection.send(*change.frames)
        del self.resuming[connection]
        self.live[connection] = user_id
        if self._typing_told and connection not in self.guests:
            connection.send(self._typing_frame())  # the others were told, and it is told again only once it changes
        return True

    def unfollow(self, connection: Connection) -> None:
        self.live.pop(connection, None)
        self.resuming.pop(connection, None)
        self.guests.discard(connection)
        if ready := self._ready.pop(connection, None):
            ready[1].set_result(True)

    def change(self, change: Change) -> None:
        """Something lasting was published."""
        if change.last <= self.version:
            return
        if self.filling or change.first != self.version + 1 or not self.opened:
            self._wait_with(change)
            return
        self.apply(change)
        self._catch_early()

    def _wait_with(self, change: Change) -> None:
        if len(self._early) < MOST_EARLY:
            self._early[change.first] = change
        if self.opened and not self.filling:
            asyncio.get_running_loop().call_later(EARLY_SECONDS, self._fill_unless_closed, self.version)

    def _fill_unless_closed(self, version: int) -> None:
        """The gap is still where it was: what belongs there was lost."""
        if self.version == version and not self.filling:
            self._fill(self)

    def poke(self, version: int) -> None:
        """The room has come this far, whatever was published."""
        if self.opened and version > self.version and not self.filling:
            asyncio.get_running_loop().call_later(EARLY_SECONDS, self._fill_unless_closed, self.version)

    def _catch_early(self) -> None:
        while (change := self._early.pop(self.version + 1, None)) is not None:
            self.apply(change)
        for first in [first for first, change in self._early.items() if change.last <= self.version]:
            del self._early[first]
        if self._early and not self.filling:
            asyncio.get_running_loop().call_later(EARLY_SECONDS, self._fill_unless_closed, self.version)

    def filled(self, version: int, seq: int) -> None:
        """A gap was filled up to here."""
        self.filling = False
        self.version, self.seq = max(self.version, version), max(self.seq, seq)
        self._catch_early()
        self._promote()

    def apply(self, change: Change) -> None:
        """The next change: deliver it to all who listen."""
        self.version, self.seq = change.last, max(self.seq, change.seq)
        for _, missed in self.resuming.values():
            missed.append(change)
        self.deliver(change.frames, change.members, private=change.private)
        if self._ready:
            self._promote()

    def deliver(
        self, frames: Sequence[bytes], members: Sequence[tuple[UUID, str]] = (), *, private: bool = False
    ) -> None:
        """To the live; who is no longer a member hears that, and nothing more. `private`: guests may stay no longer."""
        for connection in tuple(self.live):
            connection.send(*frames)
        for user_id, status in members:
            if status != "active":
                self._dismiss(user_id, status)
        for guest in tuple(self.guests) if private else ():
            self.unfollow(guest)

    def _dismiss(self, user_id: UUID, status: str) -> None:
        """Stop telling this user anything."""
        resuming = [connection for connection, (user, _) in self.resuming.items() if user == user_id]
        for connection in [connection for connection, user in self.live.items() if user == user_id] + resuming:
            self.unfollow(connection)
            if connection.application is not None:
                connection.application.removed(self.id, status)

    def members(self) -> Iterable[Connection]:
        """Live listeners who may know about the room's people."""
        if not self.guests:
            return tuple(self.live)
        return [connection for connection in self.live if connection not in self.guests]

    def read(self, user_id: str, seq: int) -> None:
        """Somebody's cursor moved; their own sessions learn it elsewhere."""
        reader = UUID(user_id)
        self.cursors[user_id] = max(seq, self.cursors.get(user_id, 0))
        frame = read_frame(self.id, reader, seq)
        resuming = {connection: user for connection, (user, _) in self.resuming.items()}
        for connection, user in (self.live | resuming).items():
            if user != reader and connection not in self.guests:
                connection.send(frame)

    def types(self, user_id: str) -> None:
        """Somebody is typing: told at once, then at most once a second for the whole room."""
        loop = asyncio.get_running_loop()
        self._typing[user_id] = loop.time() + TYPING_SECONDS
        if self._typing_timer is None:
            self._typing_timer = loop.call_at(self._typing_told_at + TYPING_PACE_SECONDS, self._tell_typing)

    def _tell_typing(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._typing = {user_id: until for user_id, until in self._typing.items() if until > now}
        typing = list(self._typing)[-MOST_TYPING:]
        if typing != self._typing_told:
            self._typing_told, self._typing_told_at = typing, now
            frame = self._typing_frame()
            for connection in self.members():
                connection.send(frame)
        self._typing_timer = loop.call_at(now + TYPING_PACE_SECONDS, self._tell_typing) if self._typing else None

    def _typing_frame(self) -> bytes:
        return encode({"type": "typing", "roomId": str(self.id), "userIds": self._typing_told})

    def close(self) -> None:
        if self._typing_timer is not None:
            self._typing_timer.cancel()
