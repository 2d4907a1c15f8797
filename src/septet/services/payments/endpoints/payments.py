"""`/payments`: payments and their refunds."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from septet.kernel.errors import BadParameter, Forbidden, IdempotencyKeyReused, RequestInFlight, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.services.payments import store
from septet.services.payments.actions import payments as actions
from septet.services.payments.actions import refunds as refund_actions
from septet.services.payments.actions.registration import ensure_registered
from septet.services.payments.endpoints.period import Period
from septet.services.payments.errors import (
    CaptureExceedsPayment,
    CardDeclined,
    OperationInProgress,
    PaymentNotCancelable,
    PaymentNotCapturable,
    PaymentNotConfirmable,
    PaymentNotFound,
    PaymentNotRefundable,
    ProviderRefused,
    ProviderUnavailable,
    RefundExceedsPayment,
    UnknownCurrency,
)
from septet.services.payments.permissions import READ_PAYMENTS
from septet.services.payments.schemas import (
    BalanceOut,
    Balances,
    Capture,
    Confirm,
    LedgerLine,
    PaymentCreate,
    PaymentDetails,
    PaymentOut,
    PaymentTotal,
    PaymentTotals,
    RefundCreate,
    RefundOut,
    TransitionOut,
)
from septet.services.payments.states import Status

router = Router("payments")
WHO = (Unauthenticated, Forbidden)


@router.post(
    "/payments", status_code=201, summary="Create a payment for an order", responses=refusals(*WHO, UnknownCurrency)
)
async def create_payment(body: PaymentCreate, uow: TenantUow) -> PaymentOut:
    payment = await actions.create_payment(uow, body)
    await ensure_registered(uow)
    return PaymentOut.model_validate(payment)


@router.get("/payments", summary="List payments, newest first", responses=refusals(*WHO))
async def list_payments(
    uow: TenantUow,
    page: PageQuery,
    status: Annotated[Status | None, Query(description="Only payments in this status.")] = None,
    order_id: Annotated[str | None, Query(alias="orderId", max_length=200, description="Only this order's.")] = None,
) -> Page[PaymentOut]:
    after = page.after(UUID)
    rows = await actions.list_payments(uow, status, order_id, page.fetch, after[0] if after else None)
    return Page.of(rows, page, lambda row: (row.id,), PaymentOut.model_validate)


@router.get(
    "/payments/totals",
    summary="Sum up the payments that were made in a range of time",
    responses=refusals(*WHO, BadParameter),
)
async def get_totals(uow: TenantUow, period: Period) -> PaymentTotals:
    rows = await actions.totals(uow, *period)
    return PaymentTotals(data=[PaymentTotal.model_validate(row) for row in rows])


@router.get("/payments/balances", summary="Get the ledger's balances", responses=refusals(*WHO))
async def get_balances(uow: TenantUow) -> Balances:
    uow.actor.require(READ_PAYMENTS)
    return Balances(
        data=[
            BalanceOut(
                account=row.account,
                currency=row.currency,
                debit=int(row.debit),
                credit=int(row.credit),
                balance=int(row.debit - row.credit),
            )
            for row in await store.balances(uow)
        ]
    )


@router.get(
    "/payments/{payment_id}", summary="Get a payment with its history", responses=refusals(*WHO, PaymentNotFound)
)
async def get_payment(payment_id: UUID, uow: TenantUow) -> PaymentDetails:
    history = await actions.get_history(uow, payment_id)
    payment = PaymentOut.model_validate(history.payment)
    return PaymentDetails(
        **dict(payment),
        transitions=[TransitionOut.model_validate(each) for each in history.transitions],
        ledger=[LedgerLine.model_validate(each) for each in history.ledger],
        refunds=[RefundOut.model_validate(each) for each in history.refunds],
    )


@router.post(
    "/payments/{payment_id}/confirm",
    summary="Attempt a payment",
    responses=refusals(
        *WHO,
        PaymentNotFound,
        PaymentNotConfirmable,
        OperationInProgress,
        CardDeclined,
        ProviderRefused,
        ProviderUnavailable,
    ),
)
async def confirm_payment(payment_id: UUID, body: Confirm, uow: TenantUow) -> PaymentOut:
    return PaymentOut.model_validate(await actions.confirm_payment(uow, payment_id, body))


@router.post(
    "/payments/{payment_id}/capture",
    summary="Capture an authorized payment",
    responses=refusals(
        *WHO, PaymentNotFound, PaymentNotCapturable, CaptureExceedsPayment, OperationInProgress, ProviderRefused
    ),
)
async def capture_payment(payment_id: UUID, uow: TenantUow, body: Capture | None = None) -> PaymentOut:
    return PaymentOut.model_validate(await actions.capture_payment(uow, payment_id, body.amount if body else None))


@router.post(
    "/payments/{payment_id}/cancel",
    summary="Cancel a payment for good",
    responses=refusals(*WHO, PaymentNotFound, PaymentNotCancelable, OperationInProgress, ProviderRefused),
)
async def cancel_payment(payment_id: UUID, uow: TenantUow) -> PaymentOut:
    return PaymentOut.model_validate(await actions.cancel_payment(uow, payment_id))


@router.post(
    "/payments/{payment_id}/refunds",
    status_code=201,
    summary="Refund a payment, whole or in part",
    responses=refusals(
        *WHO, PaymentNotFound, PaymentNotRefundable, RefundExceedsPayment, RequestInFlight, IdempotencyKeyReused
    ),
)
async def create_refund(
    payment_id: UUID, uow: TenantUow, request: Request, body: RefundCreate | None = None
) -> RefundOut:
    wanted = body or RefundCreate()
    key = request.headers.get("idempotency-key")
    return RefundOut.model_validate(
        await refund_actions.create_refund(uow, payment_id, wanted.amount, wanted.reason, key)
    )


@router.get(
    "/payments/{payment_id}/refunds", summary="List a payment's refunds", responses=refusals(*WHO, PaymentNotFound)
)
async def list_refunds(payment_id: UUID, uow: TenantUow) -> Page[RefundOut]:
    rows = await refund_actions.list_refunds(uow, payment_id)
    return Page(data=[RefundOut.model_validate(row) for row in rows], next_cursor=None)
