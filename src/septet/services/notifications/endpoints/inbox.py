"""`/inbox`."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import StreamingResponse

from septet.kernel.errors import BadParameter, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.services.notifications.actions import inbox as actions
from septet.services.notifications.errors import InboxEntryNotFound, UserRequired
from septet.services.notifications.schemas.inbox import InboxEntryOut, ReadAll, UnreadCount
from septet.services.notifications.store import inbox as store
from septet.services.notifications.stream import streams

router = Router("notifications", tag="inbox")


@router.get("/inbox", summary="List one's inbox", responses=refusals(Unauthenticated, UserRequired, BadParameter))
async def list_inbox(
    uow: TenantUow,
    page: PageQuery,
    unread: Annotated[bool | None, Query(description="Only unread entries, or (false) only read ones.")] = None,
    archived: Annotated[bool, Query(description="The archive instead of the inbox.")] = False,
) -> Page[InboxEntryOut]:
    after = page.after(UUID)
    found = await store.entries(
        uow, actions.require_user(uow), page.fetch, after[0] if after else None, unread, archived
    )
    return Page.of(found, page, lambda entry: (entry.id,), InboxEntryOut.model_validate)


@router.get(
    "/inbox/unread-count", summary="Count the unread entries", responses=refusals(Unauthenticated, UserRequired)
)
async def count_unread(uow: TenantUow) -> UnreadCount:
    count = await store.count_unread(uow, actions.require_user(uow))
    return UnreadCount(count=count, unread_count=count)


@router.post("/inbox/read-all", summary="Mark all as read", responses=refusals(Unauthenticated, UserRequired))
async def read_all(uow: TenantUow) -> ReadAll:
    return ReadAll(read=await actions.read_all(uow))


@router.post(
    "/inbox/{entry_id}/read",
    summary="Mark as read",
    responses=refusals(Unauthenticated, UserRequired, InboxEntryNotFound),
)
async def read(entry_id: UUID, uow: TenantUow) -> InboxEntryOut:
    return InboxEntryOut.model_validate(await actions.read(uow, entry_id))


@router.post(
    "/inbox/{entry_id}/archive",
    summary="Archive",
    responses=refusals(Unauthenticated, UserRequired, InboxEntryNotFound),
)
async def archive(entry_id: UUID, uow: TenantUow) -> InboxEntryOut:
    return InboxEntryOut.model_validate(await actions.archive(uow, entry_id))


@router.get(
    "/inbox/stream",
    summary="Follow one's inbox live (server-sent events)",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Events: ready, notification, changed, reset"},
        **refusals(Unauthenticated, UserRequired),
    },
)
async def stream(uow: TenantUow) -> StreamingResponse:
    events = streams(uow.runtime).events(uow.tenant_id, actions.require_user(uow))
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
