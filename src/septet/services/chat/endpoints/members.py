"""`/rooms/{id}/members` and `/rooms/{id}/bans`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Body

from septet.kernel.errors import BadParameter, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, moment, refusals
from septet.services.chat.actions import memberships as actions
from septet.services.chat.actions.access import readable_room
from septet.services.chat.errors import (
    Banned,
    DirectRoom,
    MemberNotFound,
    NotAMember,
    RoomArchived,
    RoomNotFound,
    RoomRoleRequired,
    UserNotFound,
)
from septet.services.chat.schemas import MuteSet, RoomMemberOut, RoomMemberPut
from septet.services.chat.store import members as store

router = Router("chat", tag="room members")
GOVERNING = refusals(Unauthenticated, NotAMember, RoomRoleRequired, RoomNotFound, MemberNotFound, DirectRoom)


@router.get(
    "/rooms/{room_id}/members",
    summary="List a room's members",
    responses=refusals(Unauthenticated, Banned, RoomNotFound, BadParameter),
)
async def list_room_members(room_id: UUID, uow: TenantUow, page: PageQuery) -> Page[RoomMemberOut]:
    await readable_room(uow, room_id)
    return await _page(uow, room_id, "active", page)


@router.put(
    "/rooms/{room_id}/members/{user_id}",
    summary="Add a member, or change their role",
    responses=refusals(
        Unauthenticated, NotAMember, RoomRoleRequired, RoomNotFound, UserNotFound, DirectRoom, RoomArchived
    ),
)
async def put_room_member(
    room_id: UUID, user_id: UUID, uow: TenantUow, body: Annotated[RoomMemberPut | None, Body()] = None
) -> RoomMemberOut:
    return RoomMemberOut.model_validate(await actions.put_member(uow, room_id, user_id, body.role if body else None))


@router.delete(
    "/rooms/{room_id}/members/{user_id}", status_code=204, summary="Remove a member, or leave", responses=GOVERNING
)
async def remove_room_member(room_id: UUID, user_id: UUID, uow: TenantUow) -> None:
    await actions.remove_member(uow, room_id, user_id)


@router.put("/rooms/{room_id}/members/{user_id}/mute", summary="Let a member only read", responses=GOVERNING)
async def mute_room_member(room_id: UUID, user_id: UUID, body: MuteSet, uow: TenantUow) -> RoomMemberOut:
    return RoomMemberOut.model_validate(await actions.mute(uow, room_id, user_id, body.seconds))


@router.delete("/rooms/{room_id}/members/{user_id}/mute", summary="Let a member write again", responses=GOVERNING)
async def unmute_room_member(room_id: UUID, user_id: UUID, uow: TenantUow) -> RoomMemberOut:
    return RoomMemberOut.model_validate(await actions.mute(uow, room_id, user_id, None))


@router.get("/rooms/{room_id}/bans", summary="List who is banned", responses=GOVERNING)
async def list_bans(room_id: UUID, uow: TenantUow, page: PageQuery) -> Page[RoomMemberOut]:
    await actions.require_moderator(uow, room_id)
    return await _page(uow, room_id, "banned", page)


@router.put("/rooms/{room_id}/bans/{user_id}", status_code=204, summary="Ban a member", responses=GOVERNING)
async def ban_room_member(room_id: UUID, user_id: UUID, uow: TenantUow) -> None:
    await actions.ban(uow, room_id, user_id)


@router.delete("/rooms/{room_id}/bans/{user_id}", status_code=204, summary="Lift a ban", responses=GOVERNING)
async def lift_ban(room_id: UUID, user_id: UUID, uow: TenantUow) -> None:
    await actions.lift_ban(uow, room_id, user_id)


async def _page(uow: TenantUow, room_id: UUID, status: str, page: PageQuery) -> Page[RoomMemberOut]:
    after: tuple[datetime, UUID] | None = page.after(moment, UUID)
    rows = await store.members(uow, room_id, status, page.fetch, after)
    return Page.of(rows, page, lambda row: (row.joined_at, row.user_id), RoomMemberOut.model_validate)
