"""`POST /v1/logs`: OTLP over HTTP."""

from fastapi import APIRouter, Request, Response, Security

from septet.kernel.errors import UnsupportedMediaType
from septet.kernel.http import refusals
from septet.kernel.http.dependencies import bearer
from septet.services.logs.endpoints.ingest import INGEST_REFUSALS
from septet.services.logs.ingest import Ingest
from septet.services.logs.intake import read_wrapped
from septet.services.logs.posting import idempotency_key
from septet.services.logs.protocols import otlp
from septet.services.logs.settings import LogsSettings
from septet.services.logs.shipping import FRAMEWORK_BODY_LIMIT, ShippingRoute, runtime_of, shipper, whole_body

router = APIRouter(tags=["logs: shippers"], route_class=ShippingRoute, dependencies=[Security(bearer)])


@router.post(
    "/v1/logs",
    summary="Send OpenTelemetry logs (OTLP/HTTP, protobuf or JSON)",
    max_body_size=FRAMEWORK_BODY_LIMIT,
    response_class=Response,
    responses={**INGEST_REFUSALS, **refusals(UnsupportedMediaType)},
)
async def send_otlp_logs(request: Request) -> Response:
    tenant = await shipper(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in (otlp.PROTOBUF, otlp.JSON):
        raise UnsupportedMediaType(f"Send `{otlp.PROTOBUF}` or `{otlp.JSON}`.")
    body = await whole_body(request)
    runtime = runtime_of(request)
    intake = read_wrapped(otlp.read(body, media_type), runtime.service_settings(LogsSettings).max_line_bytes)
    reason = intake.rejections[0].reason if intake.rejections else ""
    answer = otlp.answer(len(intake.rejections), reason, media_type)
    key = idempotency_key(request.headers.get("idempotency-key"))
    known = await Ingest.of(runtime).accept(
        tenant, intake, "", protocol="otlp", answer=answer, idempotency_key=key, sent=body
    )
    return Response(known if known is not None else answer, 200, media_type=media_type)
