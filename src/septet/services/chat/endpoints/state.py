"""Read cursors, typing and presence."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from septet.kernel.errors import Forbidden, Unauthenticated
from septet.kernel.http import Router, TenantUow, refusals
from septet.services.chat.actions import presence as presence_actions
from septet.services.chat.actions import reading
from septet.services.chat.actions.access import participant
from septet.services.chat.actions.typing import tell_typing
from septet.services.chat.errors import Banned, NotAMember, RoomNotFound
from septet.services.chat.schemas import (
    CursorOut,
    CursorsOut,
    PresenceList,
    PresenceOut,
    PresenceSet,
    ReadOut,
    ReadSet,
)

router = Router("chat", tag="presence and read state")
IN_ROOM = refusals(Unauthenticated, Banned, NotAMember, RoomNotFound)


@router.post("/rooms/{room_id}/read", summary="Say how far one has read", responses=IN_ROOM)
async def read_room(room_id: UUID, body: ReadSet, uow: TenantUow) -> ReadOut:
    cursor = await reading.read(uow, room_id, body.seq)
    return ReadOut(
        room_id=cursor.room_id,
        user_id=cursor.user_id,
        seq=cursor.seq,
        unread_count=cursor.counts.unread,
        mention_count=cursor.counts.mentions,
    )


@router.get("/rooms/{room_id}/cursors", summary="See who has read how far", responses=IN_ROOM)
async def list_cursors(room_id: UUID, uow: TenantUow) -> CursorsOut:
    members = await reading.cursors(uow, room_id)
    return CursorsOut(data=[CursorOut(user_id=member.user_id, seq=member.read_seq) for member in members])


@router.post("/rooms/{room_id}/typing", status_code=204, summary="Say that one is typing", responses=IN_ROOM)
async def type_in_room(room_id: UUID, uow: TenantUow) -> None:
    await tell_typing(uow, room_id)


@router.put("/presence", summary="Say that one is there", responses=refusals(Unauthenticated, Forbidden))
async def set_presence(body: PresenceSet, uow: TenantUow) -> PresenceOut:
    presence = await presence_actions.set_presence(uow, body.status)
    return PresenceOut(user_id=participant(uow), status=presence.status, last_seen_at=presence.seen_at)


@router.get("/presence", summary="See who is there", responses=refusals(Unauthenticated, Forbidden))
async def get_presence(
    uow: TenantUow,
    user_ids: Annotated[list[UUID], Query(alias="userId", max_length=200, description="Whose; may repeat.")],
) -> PresenceList:
    found = await presence_actions.presence_of(uow, user_ids)
    return PresenceList(
        data=[
            PresenceOut(user_id=user_id, status=found[user_id].status, last_seen_at=found[user_id].seen_at)
            for user_id in dict.fromkeys(user_ids)
            if user_id in found
        ]
    )
