"""`GET /logs` and what is read around a line."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Query

from septet.kernel.clickhouse import QueryOverBudget
from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import Router, TenantUow, refusals
from septet.kernel.http.paging import decode_cursor, encode_cursor
from septet.kernel.uow import UnitOfWork
from septet.services.logs.actions.platform import PLATFORM
from septet.services.logs.endpoints.parameters import FilterQuery, OrderQuery, order_of
from septet.services.logs.errors import BadSearch, LineNotFound
from septet.services.logs.permissions import READ_LOGS, READ_PLATFORM_LOGS
from septet.services.logs.schemas import ContextOut, LinePage
from septet.services.logs.search import lines
from septet.services.logs.search.filters import Filter

router = Router("logs")
LARGEST_PAGE = 1000
READING = refusals(Unauthenticated, Forbidden, BadParameter, BadSearch, QueryOverBudget)


@router.get("/logs", summary="Search log lines", responses=READING)
async def search_logs(
    uow: TenantUow,
    wanted: FilterQuery,
    order: OrderQuery = "newest",
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many lines at most.")] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="`nextCursor` of the page before.")] = None,
) -> LinePage:
    uow.actor.require(READ_LOGS)
    return await _page(uow, uow.tenant_id, wanted, order, limit, cursor)


@router.get("/logs/platform", summary="Search what Septet itself logged of the organization", responses=READING)
async def search_platform_logs(
    uow: TenantUow,
    wanted: FilterQuery,
    order: OrderQuery = "newest",
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many lines at most.")] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="`nextCursor` of the page before.")] = None,
) -> LinePage:
    """Requests, jobs, notifications and acts of the audit log; `attr.request_id` follows one `X-Request-Id`."""
    uow.actor.require(READ_PLATFORM_LOGS)
    own = {**wanted.attributes, "tenant": [*wanted.attributes.get("tenant", ()), str(uow.tenant_id)]}
    return await _page(uow, PLATFORM, replace(wanted, attributes=own), order, limit, cursor)


async def _page(uow: UnitOfWork, tenant: UUID, wanted: Filter, order: str, limit: int, cursor: str | None) -> LinePage:
    after = decode_cursor(cursor, int, UUID, int) if cursor is not None else None
    place = (after[0], after[1], after[2]) if after else None
    page = await lines.page(uow.runtime, tenant, wanted, order=order_of(order), limit=limit, after=place)
    return LinePage(
        data=page.lines,
        next_cursor=encode_cursor(page.last) if page.last else None,
        partial=page.partial is not None,
        partial_reason=page.partial,
    )


@router.get(
    "/logs/{line_id}/context",
    summary="A line with its neighbours",
    responses={**READING, **refusals(LineNotFound)},
)
async def line_context(
    line_id: UUID,
    uow: TenantUow,
    before: Annotated[int, Query(ge=0, le=200, description="How many lines before it.")] = 10,
    after: Annotated[int, Query(ge=0, le=200, description="How many lines after it.")] = 10,
) -> ContextOut:
    uow.actor.require(READ_LOGS)
    runtime, tenant = uow.runtime, uow.tenant_id
    row = await lines.one(runtime, tenant, line_id)
    earlier = await lines.neighbours(runtime, tenant, row, "newest", before)
    later = await lines.neighbours(runtime, tenant, row, "oldest", after)
    return ContextOut(
        before=[lines.line_of(r) for r in reversed(earlier.rows)],
        line=lines.line_of(row),
        after=[lines.line_of(r) for r in later.rows],
        partial=earlier.partial is not None or later.partial is not None,
    )
