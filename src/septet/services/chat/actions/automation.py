"""What integrations do in rooms for other services: the platform acts, and needs nobody's leave.

All of it may be repeated: a subject, such as `project:<id>`, has one room, and a key posts one message.
"""

from collections.abc import Collection
from typing import Any, Literal
from uuid import UUID

from septet.kernel.uow import UnitOfWork
from septet.services.chat.actions.memberships import admit, new_member
from septet.services.chat.actions.posting import check_body
from septet.services.chat.actions.rooms import begin, new_room
from septet.services.chat.actions.system import PLATFORM, system_message
from septet.services.chat.errors import RoomArchived, RoomNotFound
from septet.services.chat.frames import message_frame
from septet.services.chat.models import Message, Room
from septet.services.chat.publishing import announce
from septet.services.chat.schemas import RoomRole
from septet.services.chat.store import members as member_store
from septet.services.chat.store import messages as message_store
from septet.services.chat.store import rooms as store


async def room_of(uow: UnitOfWork, subject: str) -> UUID | None:
    """The subject's room, if it has one."""
    return await store.room_id_of_subject(uow, subject)


async def ensure_room(
    uow: UnitOfWork,
    subject: str,
    *,
    name: str,
    owner_id: UUID,
    member_ids: Collection[UUID] = (),
    visibility: Literal["public", "private"] = "private",
    topic: str = "",
) -> UUID:
    """The subject's room; where it has none yet, a new one. Users outside the organization are left out of it."""
    people = await uow.runtime.authenticator.people(uow, {owner_id, *member_ids})
    wanted = new_room(uow, "room", name, visibility, owner_id)
    wanted.subject, wanted.topic = subject, topic
    room, new = await store.only_room_of_subject(uow, wanted)
    if new:
        members = [
            new_member(
                uow,
                room,
                person.user_id,
                person.name,
                person.email,
                RoomRole.OWNER if person.user_id == owner_id else RoomRole.MEMBER,
            )
            for person in people.values()
        ]
        await begin(uow, room, members)
    return room.id


async def add_members(uow: UnitOfWork, room_id: UUID, user_ids: Collection[UUID]) -> None:
    """Make users members; who is one, was banned, or is outside the organization is left alone. Raises RoomNotFound."""
    room = await _locked(uow, room_id)
    for person in (await uow.runtime.authenticator.people(uow, user_ids)).values():
        former = await member_store.member(uow, room_id, person.user_id)
        if former is None or former.status == "left":
            await admit(uow, room, former, person.user_id, person.name, person.email, RoomRole.MEMBER)


async def post_notice(
    uow: UnitOfWork, room_id: UUID, body: str, *, key: str, event: str = "notice", **details: Any
) -> UUID:
    """Post a system message with this Markdown body; returns its id, also when `key` was posted before.

    `event` and `details` (JSON values) become the message's `system`. It is nobody's unread message and mentions
    nobody. Raises RoomNotFound, RoomArchived, MessageTooLong, EmptyMessage.
    """
    check_body(uow, body)
    room = await _locked(uow, room_id)
    known = await message_store.by_client_ids(uow, [PLATFORM], [f"system:{key}"])
    if known:
        return known[0].id
    if room.archived_at is not None:
        raise RoomArchived
    message: Message = system_message(uow, room, {"event": event, **details}, author=PLATFORM, body=body, key=key)
    await uow.session.flush()
    announce(uow, room, [message_frame(message)])
    return message.id


async def _locked(uow: UnitOfWork, room_id: UUID) -> Room:
    room = await store.lock_room(uow, room_id)
    if room is None:
        raise RoomNotFound
    return room
