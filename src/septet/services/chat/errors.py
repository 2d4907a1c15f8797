"""Chat's refusals. The gateway sends the same codes in `error` frames."""

from septet.kernel.errors import Forbidden, NotFound, Problem, TooManyRequests


class RoomNotFound(NotFound):
    """Also what a private room answers to those outside: nobody learns that it exists."""

    code, title = "room_not_found", "No such room"

    def __init__(self) -> None:
        super().__init__("It does not exist, or you may not see it; GET /rooms lists yours.")


class MessageNotFound(NotFound):
    code, title = "message_not_found", "No such message"

    def __init__(self) -> None:
        super().__init__("It does not exist, or it is in a room that you may not see.")


class MemberNotFound(NotFound):
    code, title = "room_member_not_found", "No such member of the room"


class UserNotFound(NotFound):
    code, title = "user_not_found", "No such user in the organization"

    def __init__(self) -> None:
        super().__init__("Nobody in the organization has this id; GET /members lists everybody.")


class NotAMember(Forbidden):
    code, title = "not_a_room_member", "Not a member of the room"

    def __init__(self) -> None:
        super().__init__("Join the room first: POST /rooms/{id}/join.")


class RoomRoleRequired(Forbidden):
    code, title = "room_role_required", "A higher role in the room is needed"


class Banned(Forbidden):
    code, title = "banned", "Banned from the room"

    def __init__(self) -> None:
        super().__init__("You were banned from this room; only its moderators can lift that.")


class Muted(Forbidden):
    code, title = "muted", "Muted in the room"


class RoomArchived(Problem):
    status, code, title = 409, "room_archived", "The room is archived"

    def __init__(self) -> None:
        super().__init__("An archived room can be read only; its owner can open it again.")


class AnnouncementsOnly(Forbidden):
    code, title = "announcements_only", "Only moderators write here"

    def __init__(self) -> None:
        super().__init__("This is an announcement room: its owner and moderators write, everybody reads.")


class SlowMode(TooManyRequests):
    code, title = "slow_mode", "The room is in slow mode"


class MessageTooLong(Problem):
    status, code, title = 422, "message_too_long", "The message is too long"


class EmptyMessage(Problem):
    status, code, title = 422, "empty_message", "The message is empty"

    def __init__(self) -> None:
        super().__init__("Give `body` some text, or attach something.")


class ClientMessageIdReused(Problem):
    status, code, title = 409, "client_message_id_reused", "The clientMessageId belongs to a message in another room"

    def __init__(self) -> None:
        super().__init__("You used this `clientMessageId` before, in another room; choose a new one for each message.")


class ReplyNotFound(Problem):
    status, code, title = 422, "reply_not_found", "There is no such message to reply to"

    def __init__(self) -> None:
        super().__init__("`replyTo` must be the id of a message in the same room.")


class MessageDeleted(Problem):
    status, code, title = 409, "message_deleted", "The message was deleted"

    def __init__(self) -> None:
        super().__init__("A deleted message keeps its place, but cannot be changed any more.")


class DirectRoom(Problem):
    status, code, title = 409, "direct_room", "Not possible in a direct conversation"

    def __init__(self) -> None:
        super().__init__("A direct conversation belongs to its two people for ever; make a group or a room instead.")


class TooMany(Problem):
    status, code, title = 409, "too_many", "There are too many already"
