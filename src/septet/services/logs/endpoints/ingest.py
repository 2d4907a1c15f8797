"""`POST /logs`: JSON, NDJSON and text lines."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, Security

from septet.kernel.errors import (
    EngineUnavailable,
    Forbidden,
    IdempotencyKeyReused,
    MalformedBody,
    StorageFull,
    Unauthenticated,
    UnsupportedMediaType,
)
from septet.kernel.http import refusals
from septet.kernel.http.dependencies import bearer
from septet.kernel.runtime import Runtime
from septet.services.logs.errors import IngestBodyTooLarge, QueueFull, UnreadableEncoding
from septet.services.logs.ingest import DEFAULT_SERVICE, Ingest
from septet.services.logs.posting import counts, idempotency_key, post, read_body
from septet.services.logs.schemas import IngestAnswer
from septet.services.logs.settings import LogsSettings
from septet.services.logs.shipping import FRAMEWORK_BODY_LIMIT, ShippingRoute, runtime_of, shipper, whole_body
from septet.services.logs.trial import derive

INGEST_REFUSALS = refusals(
    Unauthenticated, Forbidden, MalformedBody, UnreadableEncoding, IngestBodyTooLarge, QueueFull, EngineUnavailable,
    StorageFull,
)  # fmt: skip
router = APIRouter(tags=["logs"], route_class=ShippingRoute, dependencies=[Security(bearer)])


@router.post(
    "/logs",
    status_code=202,
    summary="Send log lines",
    max_body_size=FRAMEWORK_BODY_LIMIT,
    response_model=IngestAnswer,
    responses={**INGEST_REFUSALS, **refusals(UnsupportedMediaType, IdempotencyKeyReused)},
    openapi_extra={
        "requestBody": {
            "description": "A JSON object, an array of them, NDJSON, or lines of text; gzip, zstd or deflate.",
            "content": {
                "application/json": {"schema": {}},
                "application/x-ndjson": {"schema": {"type": "string"}},
                "text/plain": {"schema": {"type": "string"}},
            },
        }
    },
)
async def send_logs(
    request: Request,
    service: Annotated[str, Query(max_length=200, description="The service of lines that name none.")] = "",
    dry_run: Annotated[bool, Query(alias="dryRun", description="Store nothing, show what would be derived.")] = False,
) -> Response:
    tenant = await shipper(request)
    body = await whole_body(request)
    runtime = runtime_of(request)
    content_type = request.headers.get("content-type", "")
    if dry_run:
        return await _trial(runtime, tenant, body, content_type, service)
    key = idempotency_key(request.headers.get("idempotency-key"))
    answer, replayed = await post(runtime, tenant, body, content_type, service, key)
    return Response(answer, 202, {"Idempotency-Replayed": "true"} if replayed else None, media_type="application/json")


async def _trial(runtime: Runtime, tenant: UUID, body: bytes, content_type: str, service: str) -> Response:
    intake = await read_body(body, content_type, runtime.service_settings(LogsSettings))
    policy = await Ingest.of(runtime).policies.of(tenant)
    lines = await derive(runtime, tenant, intake, service or DEFAULT_SERVICE, policy)
    answer = IngestAnswer.model_validate({**counts(intake), "derived": lines})
    return Response(answer.model_dump_json(by_alias=True), 200, media_type="application/json")
