"""Messages: sending, history, threads, search, edits, reactions, pins."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Response

from septet.kernel.entitlements import QuotaExceeded
from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.kernel.http.paging import encode_cursor
from septet.kernel.wire import Moment
from septet.services.chat import permissions
from septet.services.chat.actions import messages as actions
from septet.services.chat.actions import reading
from septet.services.chat.actions.access import participant
from septet.services.chat.actions.posting import Draft
from septet.services.chat.errors import (
    AnnouncementsOnly,
    Banned,
    ClientMessageIdReused,
    EmptyMessage,
    MessageDeleted,
    MessageNotFound,
    MessageTooLong,
    Muted,
    NotAMember,
    ReplyNotFound,
    RoomArchived,
    RoomNotFound,
    RoomRoleRequired,
    SlowMode,
    TooMany,
)
from septet.services.chat.schemas import EditOut, Emoji, FoundMessage, MessageChange, MessageOut, MessageSend, Seq
from septet.services.chat.sending import sender_of
from septet.services.chat.store.search import Query as SearchQuery

router = Router("chat", tag="messages")
CHANGING = refusals(
    Unauthenticated, Banned, NotAMember, RoomRoleRequired, MessageNotFound, MessageDeleted, RoomArchived, QuotaExceeded
)
STORED_BEFORE: dict[int | str, dict[str, Any]] = {
    200: {"model": MessageOut, "description": "This clientMessageId was stored before"}
}
EmojiPath = Annotated[Emoji, Path(description="An emoji, or a short name such as `thumbsup`.")]


@router.post(
    "/rooms/{room_id}/messages",
    status_code=201,
    summary="Send a message",
    responses=STORED_BEFORE
    | refusals(
        Unauthenticated,
        Forbidden,
        NotAMember,
        Banned,
        Muted,
        AnnouncementsOnly,
        RoomNotFound,
        RoomArchived,
        ClientMessageIdReused,
        MessageTooLong,
        EmptyMessage,
        ReplyNotFound,
        SlowMode,
    ),
)
async def send_message(room_id: UUID, body: MessageSend, uow: TenantUow, response: Response) -> MessageOut:
    uow.actor.require(permissions.WRITE)
    attachments = [each.model_dump(by_alias=True, exclude_none=True) for each in body.attachments]
    draft = Draft(room_id, participant(uow), body.client_message_id, body.body, body.reply_to, attachments)
    if uow.wrote:
        # The sender stores in transactions of its own: hundreds of requests that wait for it must not hold the pool.
        await uow.commit()
    outcome = await sender_of(uow.runtime).send(uow.tenant_id, draft)
    response.status_code = 201 if outcome.new else 200
    return MessageOut.model_validate(outcome.message)


@router.get(
    "/rooms/{room_id}/messages",
    summary="Read a room's history",
    description="Always in the order of `seq`. Without parameters: the newest messages; `nextCursor` goes on to older "
    "ones. With `afterSeq` or `at`: from there on; `nextCursor` goes on to newer ones.",
    responses=refusals(Unauthenticated, Banned, RoomNotFound, BadParameter),
)
async def list_messages(
    room_id: UUID,
    uow: TenantUow,
    page: PageQuery,
    before_seq: Annotated[Seq | None, Query(alias="beforeSeq", description="Only messages before this one.")] = None,
    after_seq: Annotated[Seq | None, Query(alias="afterSeq", description="Only messages after this one.")] = None,
    at: Annotated[Moment | None, Query(description="From the first message sent at this time or later.")] = None,
) -> Page[MessageOut]:
    if (cursor := page.after(str, int)) is not None:
        direction, seq = cursor
        before_seq, after_seq = (seq, None) if direction == "before" else (None, seq)
    elif at is not None:
        after_seq = await reading.seq_before(uow, room_id, at)
        if after_seq is None:
            return Page(data=[], next_cursor=None)
    forward = after_seq is not None
    rows = await reading.history(uow, room_id, page.fetch, before=before_seq, after=after_seq)
    more = len(rows) > page.limit
    shown = (rows[: page.limit] if forward else rows[1:]) if more else rows
    edge = ("after", shown[-1].seq) if forward and more else ("before", shown[0].seq) if more else None
    return Page(
        data=[MessageOut.model_validate(row) for row in shown], next_cursor=encode_cursor(edge) if edge else None
    )


@router.get("/rooms/{room_id}/pins", summary="List pinned messages", responses=refusals(Unauthenticated, RoomNotFound))
async def list_pins(room_id: UUID, uow: TenantUow) -> Page[MessageOut]:
    rows = await actions.pinned_messages(uow, room_id)
    return Page(data=[MessageOut.model_validate(row) for row in rows], next_cursor=None)


@router.get(
    "/messages/search",
    summary="Search messages",
    description='Words, `"a phrase"`, `or`, `-without`; the last word may be the beginning of one. Looks in one\'s own '
    "rooms, or in the one named. Best matches first, among the newest thousand.",
    responses=refusals(Unauthenticated, Forbidden, RoomNotFound, BadParameter),
)
async def search_messages(
    uow: TenantUow,
    page: PageQuery,
    q: Annotated[str, Query(min_length=1, max_length=500, description="What to look for.")],
    room_id: Annotated[UUID | None, Query(alias="roomId", description="Only in this room.")] = None,
    author_id: Annotated[UUID | None, Query(alias="authorId", description="Only by this author.")] = None,
    before: Annotated[Moment | None, Query(description="Only sent before this time.")] = None,
    after: Annotated[Moment | None, Query(description="Only sent at this time or later.")] = None,
) -> Page[FoundMessage]:
    start = page.after(int)
    offset = max(0, start[0]) if start is not None else 0
    query = SearchQuery(q, room_id, author_id, before, after)
    hits = await reading.search(uow, query, page.fetch, offset)
    data = [
        FoundMessage(message=MessageOut.model_validate(hit.message), highlight=hit.highlight, rank=hit.rank)
        for hit in hits[: page.limit]
    ]
    return Page(data=data, next_cursor=encode_cursor((offset + page.limit,)) if len(hits) > page.limit else None)


@router.get("/messages/{message_id}", summary="Get a message", responses=refusals(Unauthenticated, MessageNotFound))
async def get_message(message_id: UUID, uow: TenantUow) -> MessageOut:
    return MessageOut.model_validate(await actions.message(uow, message_id))


@router.patch(
    "/messages/{message_id}",
    summary="Edit a message",
    responses=CHANGING | refusals(MessageTooLong, EmptyMessage),
)
async def edit_message(message_id: UUID, body: MessageChange, uow: TenantUow) -> MessageOut:
    return MessageOut.model_validate(await actions.edit(uow, message_id, body.body))


@router.delete("/messages/{message_id}", status_code=204, summary="Delete a message", responses=CHANGING)
async def delete_message(message_id: UUID, uow: TenantUow) -> None:
    await actions.delete(uow, message_id)


@router.get(
    "/messages/{message_id}/edits",
    summary="List the bodies a message had",
    responses=refusals(Unauthenticated, MessageNotFound),
)
async def list_edits(message_id: UUID, uow: TenantUow) -> Page[EditOut]:
    rows = await actions.edits(uow, message_id)
    return Page(data=[EditOut.model_validate(row) for row in rows], next_cursor=None)


@router.get(
    "/messages/{message_id}/thread",
    summary="Read a thread",
    responses=refusals(Unauthenticated, MessageNotFound, BadParameter),
)
async def get_thread(message_id: UUID, uow: TenantUow, page: PageQuery) -> Page[MessageOut]:
    after = page.after(int)
    rows = await actions.thread(uow, message_id, page.fetch, after[0] if after else None)
    return Page.of(rows, page, lambda row: (row.seq,), MessageOut.model_validate)


@router.put(
    "/messages/{message_id}/reactions/{emoji}",
    summary="React to a message",
    responses=CHANGING | refusals(MessageDeleted, RoomArchived, TooMany),
)
async def add_reaction(message_id: UUID, emoji: EmojiPath, uow: TenantUow) -> MessageOut:
    return MessageOut.model_validate(await actions.react(uow, message_id, emoji))


@router.delete(
    "/messages/{message_id}/reactions/{emoji}",
    status_code=204,
    summary="Take a reaction back",
    responses=CHANGING,
)
async def remove_reaction(message_id: UUID, emoji: EmojiPath, uow: TenantUow) -> None:
    await actions.unreact(uow, message_id, emoji)


@router.put(
    "/messages/{message_id}/pin",
    summary="Pin a message",
    responses=CHANGING | refusals(MessageDeleted, RoomArchived, TooMany),
)
async def pin_message(message_id: UUID, uow: TenantUow) -> MessageOut:
    return MessageOut.model_validate(await actions.pin(uow, message_id, pinned=True))


@router.delete("/messages/{message_id}/pin", summary="Unpin a message", responses=CHANGING)
async def unpin_message(message_id: UUID, uow: TenantUow) -> MessageOut:
    return MessageOut.model_validate(await actions.pin(uow, message_id, pinned=False))
