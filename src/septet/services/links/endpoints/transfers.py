"""Links from and to files."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from septet.kernel.entitlements import QuotaExceeded
from septet.kernel.errors import Forbidden, MalformedBody, Problem, Unauthenticated
from septet.kernel.http import Router, TenantUow, refusals
from septet.kernel.uow import UnitOfWork
from septet.services.links import permissions, transfers
from septet.services.links.actions import creation as actions
from septet.services.links.endpoints.links import outcomes_out
from septet.services.links.errors import UnreadableImport
from septet.services.links.schemas import CreatedLinks, LinkCreate
from septet.services.links.store import links as store

router = Router("links", tag="link files")
_REFUSED = (Unauthenticated, Forbidden)
_PAGE = 500
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The exported file as it is: CSV, or the JSON of the service's API.",
        "content": {"text/csv": {"schema": {"type": "string"}}, "application/json": {"schema": {}}},
    }
}


@router.post(
    "/links/import",
    summary="Make links from a file that another shortener exported",
    responses=refusals(*_REFUSED, MalformedBody, UnreadableImport, QuotaExceeded),
    openapi_extra=_FILE,
)
async def import_links(
    request: Request,
    uow: TenantUow,
    format: Annotated[transfers.Format, Query(description="Where the file comes from.")] = "csv",  # noqa: A002
) -> CreatedLinks:
    try:
        text = (await request.body()).decode()
    except UnicodeDecodeError as error:
        raise MalformedBody(f"The file is not valid UTF-8 (byte {error.start}).") from None
    # A second of computing for ten thousand links: in a thread, others are served meanwhile.
    rows = await asyncio.to_thread(lambda: list(transfers.read(text, format)))
    wanted = [row for row in rows if isinstance(row, LinkCreate)]
    batches = (wanted[start : start + _PAGE] for start in range(0, len(wanted), _PAGE))
    made = iter([outcome for batch in batches for outcome in await actions.create_links(uow, batch)])
    return outcomes_out(uow, [row if isinstance(row, Problem) else next(made) for row in rows])


@router.get(
    "/links/export",
    summary="Get all links as CSV",
    response_class=StreamingResponse,
    responses={**refusals(*_REFUSED), 200: {"content": {"text/csv": {}}}},
)
async def export_links(uow: TenantUow) -> StreamingResponse:
    uow.actor.require(permissions.READ_LINKS)
    return StreamingResponse(
        _exported(UnitOfWork(uow.runtime, uow.actor)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="links.csv"'},
    )


async def _exported(uow: UnitOfWork) -> AsyncIterator[str]:
    """In a transaction of its own: the request's ends before the first byte is sent."""
    async with uow:
        before: tuple[Any, UUID] | None = None
        header = next(iter(transfers.write([])))
        yield header
        while True:
            page = await store.many(uow, store.Filter(), _PAGE, before)
            if not page:
                return
            yield "".join(transfers.write(page)).removeprefix(header)
            before = page[-1].created_at, page[-1].id
