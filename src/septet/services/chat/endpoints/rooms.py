"""`/rooms` and `/direct-messages`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Query, Response

from septet.kernel.errors import BadParameter, Forbidden, PreconditionFailed, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.services.chat.actions import memberships
from septet.services.chat.actions import rooms as actions
from septet.services.chat.errors import Banned, DirectRoom, NotAMember, RoomArchived, RoomNotFound, RoomRoleRequired
from septet.services.chat.errors import UserNotFound as NoSuchUser
from septet.services.chat.schemas import (
    DirectMessageCreate,
    GroupCreate,
    RoomChange,
    RoomCreate,
    RoomOut,
    RoomSummary,
)

router = Router("chat", tag="rooms")
THERE_ALREADY: dict[int | str, dict[str, Any]] = {200: {"model": RoomOut, "description": "It was there already"}}
IfMatch = Annotated[str | None, Header(alias="If-Match", description="Change only this version (`ETag`).")]


@router.post(
    "/rooms", status_code=201, summary="Create a room", responses=refusals(Unauthenticated, Forbidden, NoSuchUser)
)
async def create_room(body: RoomCreate, uow: TenantUow, response: Response) -> RoomOut:
    return room_out(await actions.create_room(uow, body), response)


@router.get("/rooms", summary="List one's rooms", responses=refusals(Unauthenticated, Forbidden, BadParameter))
async def list_rooms(uow: TenantUow, page: PageQuery) -> Page[RoomOut]:
    views = await actions.own_rooms(uow, page.fetch, _after(page))
    return Page.of(views, page, lambda view: (view.room.id,), room_out)


@router.get("/rooms/public", summary="Find public rooms", responses=refusals(Unauthenticated, Forbidden, BadParameter))
async def list_public_rooms(
    uow: TenantUow,
    page: PageQuery,
    q: Annotated[str, Query(max_length=200, description="Part of the name.")] = "",
) -> Page[RoomOut]:
    views = await actions.public_rooms(uow, q, page.fetch, _after(page))
    return Page.of(views, page, lambda view: (view.room.id,), room_out)


@router.get("/rooms/{room_id}", summary="Get a room", responses=refusals(Unauthenticated, Banned, RoomNotFound))
async def get_room(room_id: UUID, uow: TenantUow, response: Response) -> RoomOut:
    return room_out(await actions.view(uow, room_id), response)


@router.patch(
    "/rooms/{room_id}",
    summary="Rename, describe, slow down or archive a room",
    responses=refusals(Unauthenticated, NotAMember, RoomRoleRequired, RoomNotFound, DirectRoom, PreconditionFailed),
)
async def change_room(
    room_id: UUID, body: RoomChange, uow: TenantUow, response: Response, if_match: IfMatch = None
) -> RoomOut:
    return room_out(await actions.change_room(uow, room_id, body, if_match), response)


@router.post(
    "/rooms/{room_id}/join",
    summary="Join a public room",
    responses=refusals(Unauthenticated, Banned, RoomNotFound, RoomArchived),
)
async def join_room(room_id: UUID, uow: TenantUow) -> RoomOut:
    await memberships.join(uow, room_id)
    return room_out(await actions.view(uow, room_id))


@router.post(
    "/rooms/{room_id}/leave",
    status_code=204,
    summary="Leave a room",
    responses=refusals(Unauthenticated, NotAMember, RoomNotFound, DirectRoom),
)
async def leave_room(room_id: UUID, uow: TenantUow) -> None:
    await memberships.leave(uow, room_id)


@router.post(
    "/direct-messages",
    status_code=201,
    summary="Open the conversation with somebody",
    responses=THERE_ALREADY | refusals(Unauthenticated, NoSuchUser),
)
async def open_direct_room(body: DirectMessageCreate, uow: TenantUow, response: Response) -> RoomOut:
    view, new = await actions.direct_room(uow, body.user_id)
    response.status_code = 201 if new else 200
    return room_out(view, response)


@router.post(
    "/groups",
    status_code=201,
    summary="Begin a conversation of several people",
    responses=refusals(Unauthenticated, Forbidden, NoSuchUser),
)
async def create_group(body: GroupCreate, uow: TenantUow, response: Response) -> RoomOut:
    return room_out(await actions.create_group(uow, body.user_ids, body.name), response)


def room_out(view: actions.RoomView, response: Response | None = None) -> RoomOut:
    if response is not None:
        response.headers["ETag"] = actions.etag(view.room)
    return RoomOut.model_validate(
        {
            **RoomSummary.model_validate(view.room).model_dump(),
            "role": view.member.role if view.member else None,
            "read_seq": view.member.read_seq if view.member else 0,
            "unread_count": view.counts.unread,
            "mention_count": view.counts.mentions,
            "user_ids": list(view.people),
        }
    )


def _after(page: PageQuery) -> UUID | None:
    after = page.after(UUID)
    return after[0] if after is not None else None
