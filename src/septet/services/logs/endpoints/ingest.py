"""`POST /logs`: JSON, NDJSON and text lines."""

import json
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, Security

from septet.kernel.errors import (
    EngineUnavailable,
    Forbidden,
    IdempotencyKeyReused,
    InvalidInput,
    MalformedBody,
    StorageFull,
    Unauthenticated,
    UnsupportedMediaType,
)
from septet.kernel.http import refusals
from septet.kernel.http.dependencies import bearer
from septet.services.logs.errors import IngestBodyTooLarge, QueueFull, UnreadableEncoding
from septet.services.logs.ingest import DEFAULT_SERVICE, Ingest
from septet.services.logs.intake import Intake, read_json, read_ndjson, read_text
from septet.services.logs.schemas import IngestAnswer
from septet.services.logs.settings import LogsSettings
from septet.services.logs.shipping import FRAMEWORK_BODY_LIMIT, ShippingRoute, runtime_of, shipper, whole_body
from septet.services.logs.trial import derive

LISTED_REJECTIONS = 1000
LONGEST_KEY = 255
INGEST_REFUSALS = refusals(
    Unauthenticated, Forbidden, MalformedBody, UnreadableEncoding, IngestBodyTooLarge, QueueFull, EngineUnavailable,
    StorageFull,
)  # fmt: skip
_NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines")

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
    intake = read_body(body, request.headers.get("content-type", ""), runtime.service_settings(LogsSettings))
    ingest = Ingest.of(runtime)
    if dry_run:
        lines = await derive(runtime, tenant, intake, service or DEFAULT_SERVICE, await ingest.policies.of(tenant))
        answer = IngestAnswer(**_counts(intake), derived=lines)
        return Response(answer.model_dump_json(by_alias=True), 200, media_type="application/json")
    answer_body = json.dumps(_counts(intake), ensure_ascii=False).encode()
    known = await ingest.accept(
        tenant,
        intake,
        service,
        protocol="septet",
        answer=answer_body,
        idempotency_key=idempotency_key(request),
        sent=body,
    )
    replayed = {"Idempotency-Replayed": "true"} if known is not None else None
    return Response(known or answer_body, 202, replayed, media_type="application/json")


def read_body(body: bytes, content_type: str, settings: LogsSettings) -> Intake:
    """Raises MalformedBody (400), UnsupportedMediaType (415)."""
    media_type = content_type.partition(";")[0].strip().lower()
    if not body.strip():
        raise MalformedBody("The body is empty; send at least one line.")
    if media_type in _NDJSON:
        return read_ndjson(body, settings.max_line_bytes)
    if media_type == "application/json" or media_type.endswith("+json"):
        return read_json(body, settings.max_line_bytes)
    if media_type.startswith("text/"):
        return read_text(body, settings.max_line_bytes)
    if media_type in ("", "application/octet-stream", "application/x-www-form-urlencoded"):
        looks_like_json = body.lstrip()[:1] in (b"{", b"[")
        return (read_json if looks_like_json else read_text)(body, settings.max_line_bytes)
    raise UnsupportedMediaType("Send `application/json`, `application/x-ndjson` or `text/plain`.")


def idempotency_key(request: Request) -> str | None:
    """Raises InvalidInput (422)."""
    key = request.headers.get("idempotency-key")
    if key is not None and (not key or len(key) > LONGEST_KEY or not key.isprintable()):
        raise InvalidInput(f"`Idempotency-Key` must have 1 to {LONGEST_KEY} printable characters.")
    return key


def _counts(intake: Intake) -> dict[str, object]:
    errors = [{"index": r.index, "reason": r.reason} for r in intake.rejections[:LISTED_REJECTIONS]]
    return {"accepted": intake.accepted, "rejected": len(intake.rejections), "errors": errors}
