"""`POST /_bulk` and the little that Elasticsearch's clients ask before."""

import time
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response, Security
from fastapi.responses import JSONResponse

from septet.kernel.errors import EngineUnavailable, Problem
from septet.kernel.http import refusals
from septet.kernel.http.dependencies import bearer
from septet.services.logs.endpoints.ingest import INGEST_REFUSALS
from septet.services.logs.errors import QueueFull
from septet.services.logs.ingest import Ingest
from septet.services.logs.intake import read_wrapped
from septet.services.logs.protocols.elasticsearch import PRODUCT, VERSION, Item, read
from septet.services.logs.queue import LinesKnown
from septet.services.logs.settings import LogsSettings
from septet.services.logs.shipping import FRAMEWORK_BODY_LIMIT, ShippingRoute, runtime_of, shipper, whole_body

router = APIRouter(tags=["logs: shippers"], route_class=ShippingRoute, dependencies=[Security(bearer)])


@router.get(
    "/", summary="What Elasticsearch's clients ask first", responses=refusals(EngineUnavailable), dependencies=[]
)
async def elasticsearch_root(request: Request) -> JSONResponse:
    body = {
        "name": "septet",
        "cluster_name": "septet",
        "cluster_uuid": "septet",
        "version": {"number": VERSION, "build_flavor": "default", "minimum_wire_compatibility_version": "7.17.0"},
        "tagline": "You Know, for Search",
    }
    return _answer(request, body)


@router.put("/_bulk", include_in_schema=False, max_body_size=FRAMEWORK_BODY_LIMIT)
@router.post(
    "/_bulk",
    summary="Send logs as to Elasticsearch",
    description="`index` with an `_id` that was used in the last 24 hours stores nothing; `create` is then a 409.",
    max_body_size=FRAMEWORK_BODY_LIMIT,
    response_class=JSONResponse,
    responses=INGEST_REFUSALS,
)
async def bulk(request: Request) -> JSONResponse:
    return await _bulk(request, "")


@router.put("/{index}/_bulk", include_in_schema=False, max_body_size=FRAMEWORK_BODY_LIMIT)
@router.post(
    "/{index}/_bulk",
    summary="Send logs to one index, which becomes their service",
    max_body_size=FRAMEWORK_BODY_LIMIT,
    response_class=JSONResponse,
    responses=INGEST_REFUSALS,
)
async def bulk_to_index(index: str, request: Request) -> JSONResponse:
    return await _bulk(request, index)


async def _bulk(request: Request, index: str) -> JSONResponse:
    started = time.perf_counter()
    try:
        tenant = await shipper(request)
        items = read(await whole_body(request), index)
        await _accept(request, tenant, items)
    except Problem as problem:
        return _refusal(request, problem)
    took = int((time.perf_counter() - started) * 1000)
    answers = [item.answer() for item in items]
    return _answer(request, {"took": took, "errors": any(item.fault for item in items), "items": answers})


def _refusal(request: Request, problem: Problem) -> JSONResponse:
    """As Elasticsearch writes errors; its clients read no other form."""
    error = {"type": problem.code, "reason": problem.detail}
    answer = _answer(request, {"error": {**error, "root_cause": [error]}, "status": problem.status})
    answer.status_code = problem.status
    answer.headers.update(problem.headers)
    return answer


async def _accept(request: Request, tenant: UUID, items: list[Item]) -> None:
    """Store what can be stored, each `_id` once; the items hear what became of them."""
    runtime = runtime_of(request)
    _refuse_repeated(items)
    limit = runtime.service_settings(LogsSettings).max_line_bytes
    while wanted := [item for item in items if item.wanted]:
        intake = read_wrapped([item.line for item in wanted if item.line is not None], limit)
        for rejection in intake.rejections:
            wanted[rejection.index].refuse(400, "document_parsing_exception", rejection.reason)
        if intake.rejections:
            continue
        named = [item for item in wanted if item.id is not None]
        try:
            line_ids = [item.line_id for item in named]
            await Ingest.of(runtime).accept(tenant, intake, "", protocol="elasticsearch", line_ids=line_ids)
        except LinesKnown as known:
            for place in known.places:
                _note_repetition(named[place])
            continue
        except QueueFull as full:
            for item in wanted:
                item.refuse(full.status, "es_rejected_execution_exception", full.detail)
        return


def _refuse_repeated(items: list[Item]) -> None:
    seen: set[str] = set()
    for item in items:
        if item.wanted and item.id is not None:
            if item.line_id in seen:
                _note_repetition(item)
            seen.add(item.line_id)


def _note_repetition(item: Item) -> None:
    if item.verb == "create":
        item.refuse(409, "version_conflict_engine_exception", f"[{item.id}]: a document with this id exists already")
    else:
        item.status = 200


def _answer(request: Request, body: dict[str, Any]) -> JSONResponse:
    """In the media type that the client asks for; version 8 and 9 insist on their own."""
    accepted = request.headers.get("accept", "")
    media_type = accepted if accepted.startswith("application/vnd.elasticsearch+json") else "application/json"
    return JSONResponse(body, headers=PRODUCT, media_type=media_type)


@router.head("/", include_in_schema=False)
async def elasticsearch_ping() -> Response:
    return Response(headers=PRODUCT)
