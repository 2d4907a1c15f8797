"""`/logs/retention`, `/logs/searches`, `/logs/alerts`, `/logs/masks`, `/logs/dead-letters`."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from septet.kernel.entitlements import QuotaExceeded
from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.kernel.http.paging import decode_cursor, encode_cursor
from septet.services.logs import alerts, store
from septet.services.logs.actions import configuration as actions
from septet.services.logs.codecs import inflate
from septet.services.logs.errors import (
    AlertNotFound,
    DeadLetterNotFound,
    MaskNotFound,
    NameTaken,
    SearchNotFound,
)
from septet.services.logs.ingest import Ingest
from septet.services.logs.models import Alert, MaskRule, SavedSearch
from septet.services.logs.permissions import CHANGE_LOGS, READ_LOGS
from septet.services.logs.queue import DeadLetter
from septet.services.logs.retention import keep_enforcing
from septet.services.logs.rows import received_ms
from septet.services.logs.schemas import (
    AlertCreate,
    AlertOut,
    DeadLetterOut,
    DeadLetters,
    MaskCreate,
    MaskOut,
    RetentionIO,
    SearchCreate,
    SearchOut,
)

router = Router("logs")
ALLOWED = refusals(Unauthenticated, Forbidden)
LISTING = refusals(Unauthenticated, Forbidden, BadParameter)
SHOWN_CHARACTERS = 2000


@router.get("/logs/retention", summary="How long lines are kept", responses=ALLOWED)
async def get_retention(uow: TenantUow) -> RetentionIO:
    return RetentionIO.model_validate(await actions.retention(uow))


@router.put("/logs/retention", summary="Set how long lines are kept", responses={**ALLOWED, **refusals(QuotaExceeded)})
async def put_retention(body: RetentionIO, uow: TenantUow) -> RetentionIO:
    retention = await actions.set_retention(uow, body.model_dump())
    keep_enforcing(uow, retention)
    return RetentionIO.model_validate(retention)


@router.post("/logs/searches", status_code=201, summary="Save a search", responses={**ALLOWED, **refusals(NameTaken)})
async def save_search(body: SearchCreate, uow: TenantUow) -> SearchOut:
    return SearchOut.model_validate(await actions.save_search(uow, body.name, body.query.model_dump(by_alias=True)))


@router.get("/logs/searches", summary="List saved searches", responses=LISTING)
async def list_searches(uow: TenantUow, page: PageQuery) -> Page[SearchOut]:
    uow.actor.require(READ_LOGS)
    rows = await store.named(uow, SavedSearch, page.fetch, page.after(datetime, UUID))  # type: ignore[arg-type]
    return Page.of(rows, page, lambda row: (row.created_at, row.id), SearchOut.model_validate)


@router.delete(
    "/logs/searches/{search_id}",
    status_code=204,
    summary="Delete a saved search",
    responses={**ALLOWED, **refusals(SearchNotFound)},
)
async def delete_search(search_id: UUID, uow: TenantUow) -> None:
    await actions.remove(uow, SavedSearch, search_id)


@router.post(
    "/logs/alerts",
    status_code=201,
    summary="Create an alert",
    responses={**ALLOWED, **refusals(NameTaken, SearchNotFound)},
)
async def create_alert(body: AlertCreate, uow: TenantUow) -> AlertOut:
    query = body.query.model_dump(by_alias=True) if body.query else None
    alert = await actions.create_alert(uow, body.name, query, body.search_id, body.window_seconds, body.threshold)
    alerts.watch(uow, alert)
    return AlertOut.model_validate(alert)


@router.get("/logs/alerts", summary="List alerts", responses=LISTING)
async def list_alerts(uow: TenantUow, page: PageQuery) -> Page[AlertOut]:
    uow.actor.require(READ_LOGS)
    rows = await store.named(uow, Alert, page.fetch, page.after(datetime, UUID))  # type: ignore[arg-type]
    return Page.of(rows, page, lambda row: (row.created_at, row.id), AlertOut.model_validate)


@router.delete(
    "/logs/alerts/{alert_id}",
    status_code=204,
    summary="Delete an alert",
    responses={**ALLOWED, **refusals(AlertNotFound)},
)
async def delete_alert(alert_id: UUID, uow: TenantUow) -> None:
    await actions.remove(uow, Alert, alert_id)


@router.post(
    "/logs/masks",
    status_code=201,
    summary="Hide something in every line from now on",
    responses={**ALLOWED, **refusals(NameTaken)},
)
async def create_mask(body: MaskCreate, uow: TenantUow) -> MaskOut:
    rule = await actions.create_mask(uow, body.name, body.kind, body.pattern, body.replacement)
    return MaskOut.model_validate(rule)


@router.get("/logs/masks", summary="List masking rules", responses=LISTING)
async def list_masks(uow: TenantUow, page: PageQuery) -> Page[MaskOut]:
    uow.actor.require(READ_LOGS)
    rows = await store.named(uow, MaskRule, page.fetch, page.after(datetime, UUID))  # type: ignore[arg-type]
    return Page.of(rows, page, lambda row: (row.created_at, row.id), MaskOut.model_validate)


@router.delete(
    "/logs/masks/{mask_id}",
    status_code=204,
    summary="Delete a masking rule",
    responses={**ALLOWED, **refusals(MaskNotFound)},
)
async def delete_mask(mask_id: UUID, uow: TenantUow) -> None:
    await actions.remove(uow, MaskRule, mask_id)


@router.get("/logs/dead-letters", summary="Requests that could not be stored", responses=LISTING)
async def list_dead_letters(
    uow: TenantUow,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="`nextCursor` of the page before.")] = None,
) -> DeadLetters:
    uow.actor.require(CHANGE_LOGS)
    after = _entry_id(str(decode_cursor(cursor, str)[0])) if cursor is not None else None
    found = await Ingest.of(uow.runtime).queue.dead_letters(uow.tenant_id, limit + 1, after)
    shown = found[:limit]
    next_cursor = encode_cursor((shown[-1].id,)) if len(found) > limit else None
    return DeadLetters(data=[_dead_letter_out(letter) for letter in shown], next_cursor=next_cursor)


def _entry_id(text: str) -> str:
    """An entry's id in a Valkey stream. Raises DeadLetterNotFound (404)."""
    first, separator, second = text.partition("-")
    if not (separator and first.isascii() and first.isdigit() and second.isascii() and second.isdigit()):
        raise DeadLetterNotFound("There is no such dead letter; GET /logs/dead-letters lists them.")
    return text


def _dead_letter_out(letter: DeadLetter) -> DeadLetterOut:
    entry = letter.entry
    lines = inflate(entry.body, entry.encoding, entry.size).decode()
    return DeadLetterOut(
        id=letter.id,
        received_at=datetime.fromtimestamp(received_ms(entry.request) / 1000, UTC),
        service=entry.service,
        lines=entry.lines,
        bytes=entry.size,
        fault=letter.fault,
        beginning=lines[:SHOWN_CHARACTERS],
    )


@router.post(
    "/logs/dead-letters/{letter_id}/retry",
    status_code=202,
    summary="Queue a dead letter again",
    responses={**ALLOWED, **refusals(DeadLetterNotFound)},
)
async def retry_dead_letter(letter_id: str, uow: TenantUow) -> None:
    uow.actor.require(CHANGE_LOGS)
    if not await Ingest.of(uow.runtime).queue.revive(uow.tenant_id, _entry_id(letter_id)):
        raise DeadLetterNotFound("There is no such dead letter; GET /logs/dead-letters lists them.")


@router.delete(
    "/logs/dead-letters/{letter_id}",
    status_code=204,
    summary="Delete a dead letter and its lines",
    responses={**ALLOWED, **refusals(DeadLetterNotFound)},
)
async def delete_dead_letter(letter_id: str, uow: TenantUow) -> None:
    uow.actor.require(CHANGE_LOGS)
    if not await Ingest.of(uow.runtime).queue.discard(uow.tenant_id, _entry_id(letter_id)):
        raise DeadLetterNotFound("There is no such dead letter; GET /logs/dead-letters lists them.")
