"""`POST /loki/api/v1/push`: Loki's clients send here."""

from fastapi import APIRouter, Request, Response, Security

from septet.kernel.errors import EngineUnavailable
from septet.kernel.http import refusals
from septet.kernel.http.dependencies import bearer
from septet.services.logs.endpoints.ingest import INGEST_REFUSALS
from septet.services.logs.errors import LineRejected
from septet.services.logs.ingest import Ingest
from septet.services.logs.intake import read_wrapped
from septet.services.logs.posting import idempotency_key
from septet.services.logs.protocols import loki
from septet.services.logs.settings import LogsSettings
from septet.services.logs.shipping import FRAMEWORK_BODY_LIMIT, ShippingRoute, runtime_of, shipper, whole_body

router = APIRouter(tags=["logs: shippers"], route_class=ShippingRoute, dependencies=[Security(bearer)])


@router.post(
    "/loki/api/v1/push",
    status_code=204,
    summary="Send logs as to Loki (snappy protobuf or JSON)",
    max_body_size=FRAMEWORK_BODY_LIMIT,
    response_class=Response,
    responses={**INGEST_REFUSALS, **refusals(LineRejected)},
)
async def push_to_loki(request: Request) -> Response:
    tenant = await shipper(request)
    runtime = runtime_of(request)
    if "json" in request.headers.get("content-type", ""):
        body = await whole_body(request)
        lines = loki.read_json(body)
    else:
        body = await whole_body(request, default_encoding="snappy")
        lines = loki.read_protobuf(body)
    intake = read_wrapped(lines, runtime.service_settings(LogsSettings).max_line_bytes)
    await Ingest.of(runtime).accept(
        tenant,
        intake,
        "",
        protocol="loki",
        idempotency_key=idempotency_key(request.headers.get("idempotency-key")),
        sent=body,
    )
    if intake.rejections:
        raise LineRejected(
            f"{len(intake.rejections)} of {len(lines)} lines were rejected, the others are stored: "
            f"{intake.rejections[0].reason}."
        )
    return Response(status_code=204)


@router.get(
    "/ready",
    summary="Is the log intake ready? (Loki)",
    responses=refusals(EngineUnavailable),
    response_class=Response,
    dependencies=[],
)
async def loki_ready() -> Response:
    return Response("ready\n", media_type="text/plain")
