"""What a chat client knows: rooms with their messages, members, cursors and typing people, kept right by versions.

Every lasting change of a room has a version, and every frame tells the state after it: a frame that is not newer than
what one has changes nothing. So frames may be repeated, and only losing one would matter, which a gap in `seq` shows.
"""

from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]
PERSONAL = ("role", "readSeq", "unreadCount", "mentionCount", "userIds")


@dataclass
class RoomState:
    """One room. `messages` by `seq`, `members` and `cursors` by user id; all as they are on the wire."""

    id: str
    info: Frame = field(default_factory=dict)
    messages: dict[int, Frame] = field(default_factory=dict)
    members: dict[str, Frame] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)
    typing: list[str] = field(default_factory=list)
    last_seq: int = 0
    version: int = 0

    @property
    def history(self) -> list[Frame]:
        """The messages in order."""
        return [self.messages[seq] for seq in sorted(self.messages)]

    def apply(self, frame: Frame) -> bool:
        """Take in a frame about this room; False when a message is missing before it."""
        handler = getattr(self, f"_{frame['type']}", None)
        return True if handler is None else handler(frame) is not False

    def _room(self, frame: Frame) -> None:
        news = {name: value for name, value in frame.items() if name not in ("type", "roomId", "cursors")}
        if news["version"] >= self.info.get("version", 0):
            self.info |= news
        else:
            self.info |= {name: value for name, value in news.items() if name in PERSONAL}
        self.cursors |= frame.get("cursors", {})

    def _message(self, frame: Frame) -> bool:
        seq = frame["seq"]
        if seq > self.last_seq + 1 and self.last_seq:
            return False
        self._take(frame)
        self.last_seq = max(self.last_seq, seq)
        if frame["authorId"] in self.typing:
            self.typing.remove(frame["authorId"])
        return True

    def _edited(self, frame: Frame) -> None:
        self._take(frame)

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
        self._seen(frame)

    def _read(self, frame: Frame) -> None:
        self.cursors[frame["userId"]] = max(frame["seq"], self.cursors.get(frame["userId"], 0))
        if "unreadCount" in frame:
            counts = {name: frame[name] for name in ("unreadCount", "mentionCount")}
            self.info |= counts | {"readSeq": max(frame["seq"], self.info.get("readSeq", 0))}

    def _typing(self, frame: Frame) -> None:
        self.typing = list(frame["userIds"])

    def _resumed(self, frame: Frame) -> None:
        self.version = max(self.version, frame["version"])
        self.last_seq = max(self.last_seq, frame["toSeq"])

    def _seen(self, frame: Frame) -> None:
        self.version = max(self.version, frame["version"])
