"""How far back an organization reads its chat: `chat.historyDays` of its plan, asked for at each look.

What is older is kept, and keeps its place, but its content is withheld; on a greater plan it is there again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from septet.kernel.entitlements import require_quota
from septet.kernel.uow import UnitOfWork
from septet.services.chat.models import Message

HISTORY_DAYS = "chat.historyDays"
DAY = timedelta(days=1)


async def shown(uow: UnitOfWork, messages: Iterable[Message]) -> list[Message]:
    """The same messages, those beyond reach without their content."""
    found = list(messages)
    if all(_is_recent(uow, message) for message in found):
        return found
    since = await first_moment(uow)
    return [message if message.sent_at >= since else _withheld(message) for message in found]


async def first_moment(uow: UnitOfWork) -> datetime:
    """What was sent from then on is shown."""
    days = int(await uow.runtime.entitlements.value(uow, HISTORY_DAYS))
    return uow.now - max(days, 1) * DAY


async def require_within_reach(uow: UnitOfWork, message: Message) -> None:
    """Raises QuotaExceeded (402): who changes a message tells it to the whole room."""
    if not _is_recent(uow, message):
        await require_quota(uow, HISTORY_DAYS, -((message.sent_at - uow.now) // DAY))


def _is_recent(uow: UnitOfWork, message: Message) -> bool:
    """No plan has less than a day, so nobody is asked about most of what is read."""
    return uow.now - message.sent_at <= DAY


def _withheld(message: Message) -> Message:
    """A copy that no session knows, so that it is never stored."""
    columns = {column.key: getattr(message, column.key) for column in Message.__table__.columns}
    nothing = {"body": "", "attachments": [], "reactions": {}, "mentions": [], "mentions_room": False}
    if message.system is not None:
        nothing["system"] = {"event": message.system.get("event")}
    copy = Message(**columns | nothing)
    copy.withheld = True
    return copy
