"""`/logs/histogram`, `/logs/facets`, `/logs/services`, `/logs/tail`, `/logs/export`."""

import re
from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse

from septet.kernel.errors import BadParameter
from septet.kernel.http import Router, TenantUow
from septet.services.logs.endpoints.lines import READING
from septet.services.logs.endpoints.parameters import FilterQuery, OrderQuery, order_of
from septet.services.logs.ingest import Ingest
from septet.services.logs.permissions import READ_LOGS
from septet.services.logs.schemas import FacetOut, HistogramOut, ServicesOut
from septet.services.logs.search import export, summaries
from septet.services.logs.tail import Tail

router = Router("logs")
LARGEST_EXPORT = 10_000_000
_STEP = re.compile(r"(\d{1,7})(s|m|h|d|w)?")
_SECONDS = {None: 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@router.get("/logs/histogram", summary="Count lines over time, by level", responses=READING)
async def logs_histogram(
    uow: TenantUow,
    wanted: FilterQuery,
    step: Annotated[str | None, Query(description="Length of a step: seconds, or `60s`, `5m`, `1h`, `1d`.")] = None,
) -> HistogramOut:
    uow.actor.require(READ_LOGS)
    found = await summaries.histogram(uow.runtime, uow.tenant_id, wanted, _seconds(step))
    return HistogramOut(
        buckets=found.buckets,
        step_seconds=found.step,
        total=sum(bucket.count for bucket in found.buckets),
        partial=found.partial is not None,
        partial_reason=found.partial,
    )


def _seconds(step: str | None) -> int | None:
    if step is None:
        return None
    found = _STEP.fullmatch(step)
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not seconds:
        raise BadParameter("`step` is a number of seconds above 0, or a length such as `60s`, `5m`, `1h`, `1d`.")
    return seconds


@router.get("/logs/facets", summary="The most frequent values of a field", responses=READING)
async def logs_facets(
    uow: TenantUow,
    wanted: FilterQuery,
    field: Annotated[
        str, Query(min_length=1, max_length=500, description="`service`, `level`, `host` or an attribute's path.")
    ],
    limit: Annotated[int, Query(ge=1, le=1000, description="How many values at most.")] = 20,
) -> FacetOut:
    uow.actor.require(READ_LOGS)
    found = await summaries.facet(uow.runtime, uow.tenant_id, wanted, field, limit)
    return FacetOut(field=field, values=found.values, partial=found.partial is not None, partial_reason=found.partial)


@router.get("/logs/services", summary="The services that write logs, and what they take", responses=READING)
async def logs_services(uow: TenantUow) -> ServicesOut:
    uow.actor.require(READ_LOGS)
    used = await summaries.usage(uow.runtime, uow.tenant_id)
    return ServicesOut(
        data=used.services,
        lines=sum(service.lines for service in used.services),
        bytes=sum(service.bytes for service in used.services),
        stored_bytes=sum(service.stored_bytes for service in used.services),
        waiting_bytes=await Ingest.of(uow.runtime).queue.waiting_bytes(uow.tenant_id),
        partial=used.partial is not None,
    )


@router.get(
    "/logs/tail",
    summary="Lines as they are stored (Server-Sent Events)",
    description="Events: `line` with a line, `skipped` where lines are missing, with the reason.",
    response_class=StreamingResponse,
    responses={**READING, 200: {"content": {"text/event-stream": {}}, "description": "A stream of events."}},
)
async def tail_logs(uow: TenantUow, wanted: FilterQuery) -> StreamingResponse:
    uow.actor.require(READ_LOGS)
    wanted.conditions(uow.tenant_id)  # a search that cannot be understood is refused before the stream begins
    events = Tail(uow.runtime, uow.tenant_id, wanted).events()
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@router.get(
    "/logs/export",
    summary="Download lines",
    description="`Septet-Total` says how many lines match, `Septet-Partial` whether `limit` leaves some out.",
    response_class=StreamingResponse,
    responses={**READING, 200: {"content": {m: {} for m in export.MEDIA_TYPES.values()}, "description": "The lines."}},
)
async def export_logs(
    uow: TenantUow,
    wanted: FilterQuery,
    format_: Annotated[export.Format, Query(alias="format", description="The form of the file.")] = "ndjson",
    order: OrderQuery = "newest",
    limit: Annotated[int, Query(ge=1, le=LARGEST_EXPORT, description="How many lines at most.")] = 1_000_000,
) -> StreamingResponse:
    uow.actor.require(READ_LOGS)
    total = await export.matching(uow.runtime, uow.tenant_id, wanted)
    headers = {
        "Content-Disposition": f'attachment; filename="logs.{format_}"',
        "Septet-Total": str(total),
        "Septet-Partial": str(total > limit).lower(),
    }
    pieces = export.stream(uow.runtime, uow.tenant_id, wanted, order_of(order), limit, format_)
    return StreamingResponse(pieces, media_type=export.MEDIA_TYPES[format_], headers=headers)
