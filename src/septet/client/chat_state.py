"""What a chat client knows: rooms with their messages, members, cursors and typing people, kept right by versions.

Every lasting change of a room has a version, and every frame tells the state after it: a frame that is not newer than
what one has changes nothing. So frames may be repeated, and only losing one would matter, which a gap in `seq` shows.
What was missed comes between a `room` frame that says `resuming` and `resumed`, not in the order of versions: only at
its end one has come to a version, so a connection that breaks before is resumed from where it began.
"""

from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]
PERSONAL = ("role", "userIds")


@dataclass
class RoomState:
    """One room. `messages` by `seq`, `members` and `cursors` by user id; all as they are on the wire.

    `first_seq`: all messages after it are here. Of those up to it only the counts are known, in `backlog`.
    """

    id: str
    user_id: str
    first_seq: int = 0
    last_seq: int = 0
    version: int = 0
    info: Frame = field(default_factory=dict)
    messages: dict[int, Frame] = field(default_factory=dict)
    members: dict[str, Frame] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)
    typing: list[str] = field(default_factory=list)
    backlog: tuple[int, int] = (0, 0)
    resuming: bool = False
    _told: tuple[int, int, int] | None = None

    @property
    def history(self) -> list[Frame]:
        """The messages in order."""
        return [self.messages[seq] for seq in sorted(self.messages)]

    @property
    def read_seq(self) -> int:
        """How far the user has read."""
        return self.cursors.get(self.user_id, 0)

    @property
    def unread_count(self) -> int:
        """Messages of others after the user's cursor."""
        return self.backlog[0] + len(self._unread())

    @property
    def mention_count(self) -> int:
        """Those of them that mention the user or everybody."""
        mentioning = [each for each in self._unread() if each["mentionsRoom"] or self.user_id in each["mentions"]]
        return self.backlog[1] + len(mentioning)

    def _unread(self) -> list[Frame]:
        return [
            message
            for seq, message in self.messages.items()
            if seq > max(self.read_seq, self.first_seq)
            and message["kind"] == "message"
            and message["deletedAt"] is None
            and message["authorId"] != self.user_id
        ]

    def apply(self, frame: Frame) -> bool:
        """Take in a frame about this room; False when something is missing, which `subscribe` brings."""
        handler = getattr(self, f"_{frame['type']}", None)
        return True if handler is None else handler(frame) is not False

    def _room(self, frame: Frame) -> None:
        news = {name: value for name, value in frame.items() if name not in ("type", "roomId", "cursors", "resuming")}
        if news["version"] >= self.info.get("version", 0):
            self.info |= news
        else:
            self.info |= {name: value for name, value in news.items() if name in PERSONAL}
        self.resuming = frame.get("resuming", False)
        for user, seq in frame.get("cursors", {}).items():
            self._move_cursor(user, seq)
        if "role" in frame:
            self._move_cursor(self.user_id, frame["readSeq"])
            self._told = frame["version"], frame["unreadCount"], frame["mentionCount"]
            self._count_backlog()
        elif not self.resuming:
            self._seen(frame)

    def _move_cursor(self, user: str, seq: int) -> None:
        self.cursors[user] = max(seq, self.cursors.get(user, 0))

    def _count_backlog(self) -> bool:
        """What was told in all, without what is here; False when that was told of another version."""
        if self.read_seq >= self.first_seq:
            self.backlog = 0, 0
            return True
        if self._told is None or self._told[0] != self.version or self.resuming:
            return False
        self.backlog = 0, 0
        self.backlog = self._told[1] - self.unread_count, self._told[2] - self.mention_count
        return True

    def _message(self, frame: Frame) -> bool:
        seq = frame["seq"]
        if seq > self.last_seq + 1:
            # While one is resuming it comes once more, in its turn.
            return self.resuming
        self._take(frame)
        self.last_seq = max(self.last_seq, seq)
        if frame["authorId"] in self.typing:
            self.typing.remove(frame["authorId"])
        return True

    def _edited(self, frame: Frame) -> bool:
        if frame["seq"] > self.first_seq:
            self._take(frame)
            return True
        self._seen(frame)
        return self.resuming or frame["seq"] <= self.read_seq

    _deleted = _edited

    def _take(self, frame: Frame) -> None:
        known = self.messages.get(frame["seq"])
        if known is None or known["version"] < frame["version"]:
            self.messages[frame["seq"]] = {name: value for name, value in frame.items() if name != "type"}
        self._seen(frame)

    def _reaction(self, frame: Frame) -> None:
        known = self.messages.get(frame["seq"])
        if known is not None and known["version"] < frame["version"]:
            self.messages[frame["seq"]] = known | {"reactions": frame["reactions"], "version": frame["version"]}
        self._seen(frame)

    def _member(self, frame: Frame) -> None:
        user = frame["userId"]
        known = self.members.get(user)
        if known is None or known["version"] < frame["version"]:
            self.members[user] = {name: value for name, value in frame.items() if name not in ("type", "roomId")}
            if user == self.user_id:
                self.info["role"] = frame["role"]
        self._seen(frame)

    def _read(self, frame: Frame) -> bool:
        self._move_cursor(frame["userId"], frame["seq"])
        if "unreadCount" not in frame:
            return True
        self._told = frame["version"], frame["unreadCount"], frame["mentionCount"]
        return self._count_backlog() or self.resuming

    def _typing(self, frame: Frame) -> None:
        self.typing = list(frame["userIds"])

    def _resumed(self, frame: Frame) -> bool:
        self.resuming = False
        if frame["fromSeq"] > self.last_seq + 1 or frame["fromVersion"] > self.version:
            return False  # what was asked for before one left the room and came back
        self.version = max(self.version, frame["version"])
        self.last_seq = max(self.last_seq, frame["toSeq"])
        return self._count_backlog()

    def _seen(self, frame: Frame) -> None:
        if not self.resuming:
            self.version = max(self.version, frame["version"])
