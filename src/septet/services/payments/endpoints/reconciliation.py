"""`/payments/reconciliation` and `/payments/webhook`."""

import csv
import io
from typing import Annotated, Literal

from fastapi import Header, Query, Request, Response

from septet.kernel.errors import BodyTooLarge, Forbidden, MalformedBody, Unauthenticated
from septet.kernel.http import PublicUow, Router, TenantUow, refusals
from septet.services.payments.actions import reconciliation as actions
from septet.services.payments.endpoints.period import Period
from septet.services.payments.errors import BadSignature, PaymentNotFound, ProviderUnavailable, RepairRefused
from septet.services.payments.intake import intake_of
from septet.services.payments.schemas import PaymentOut, Received, ReconciliationReport, RepairRequest
from septet.services.payments.signatures import signatures_of

router = Router("payments")
COLUMNS = ("kind", "paymentId", "providerId", "currency", "expected", "found", "explanation")


@router.post(
    "/payments/webhook",
    summary="Receive an event of the provider",
    responses=refusals(BadSignature, MalformedBody, BodyTooLarge),
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}, "required": True}},
)
async def receive_event(
    request: Request,
    uow: PublicUow,
    signature: Annotated[str | None, Header(alias="Stripe-Signature", description="As the provider signs.")] = None,
) -> Received:
    body = await request.body()
    await signatures_of(uow.runtime).require_valid(signature, body)
    await uow.commit()  # nothing is held while the event waits to be stored with others
    await intake_of(uow.runtime).store(body)
    return Received()


@router.get(
    "/payments/reconciliation",
    summary="Compare our ledger with the provider's",
    responses={
        **refusals(Unauthenticated, Forbidden, ProviderUnavailable),
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The report"},
    },
    response_model=ReconciliationReport,
)
async def get_reconciliation(
    uow: TenantUow,
    period: Period,
    form: Annotated[Literal["json", "csv"], Query(alias="format", description="json or csv.")] = "json",
) -> ReconciliationReport | Response:
    report = await actions.reconcile(uow, *period)
    if form == "json":
        return report
    return Response(
        _csv(report), media_type="text/csv", headers={"Content-Disposition": "attachment; filename=report.csv"}
    )


def _csv(report: ReconciliationReport) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(each.model_dump(by_alias=True) for each in report.discrepancies)
    return text.getvalue()


@router.post(
    "/payments/reconciliation/repairs",
    summary="Mend a discrepancy that is safe to mend",
    responses=refusals(Unauthenticated, Forbidden, PaymentNotFound, RepairRefused, ProviderUnavailable),
)
async def repair(body: RepairRequest, uow: TenantUow) -> PaymentOut:
    return PaymentOut.model_validate(await actions.repair(uow, body))
