"""`/mail-events` and `/suppressions`."""

from typing import Annotated

from fastapi import Path, Request

from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, refusals
from septet.services.notifications import permissions
from septet.services.notifications.actions import bounces as actions
from septet.services.notifications.errors import SuppressionNotFound
from septet.services.notifications.mail.bounces import read_report
from septet.services.notifications.schemas.preferences import (
    MailEvent,
    MailEvents,
    MailEventsTaken,
    SuppressionCreate,
    SuppressionOut,
)
from septet.services.notifications.store import recipients as store

router = Router("notifications", tag="suppressions")
Email = Annotated[str, Path(max_length=254, description="The address.")]


@router.post(
    "/mail-events",
    summary="Report bounces, complaints and deliveries, as a provider's webhook does",
    responses=refusals(Unauthenticated, Forbidden),
)
async def take_mail_events(body: MailEvents, uow: TenantUow) -> MailEventsTaken:
    suppressed, recorded = await actions.take_reports(uow, body.events)
    return MailEventsTaken(suppressed=suppressed, recorded=recorded)


@router.post(
    "/mail-events/inbound",
    summary="Hand in a bounce or complaint as it came by mail (RFC 3464, RFC 5965)",
    responses=refusals(Unauthenticated, Forbidden),
    openapi_extra={"requestBody": {"content": {"message/rfc822": {"schema": {"type": "string"}}}, "required": True}},
)
async def take_inbound_mail(request: Request, uow: TenantUow) -> MailEventsTaken:
    reports = [
        MailEvent(
            type=report.type,
            email=report.email,
            permanent=report.permanent,
            delivery_id=report.delivery_id,
            detail=report.detail[:1000],
        )
        for report in read_report(await request.body())
    ]
    suppressed, recorded = await actions.take_reports(uow, reports)
    return MailEventsTaken(suppressed=suppressed, recorded=recorded)


@router.get(
    "/suppressions", summary="List suppressed addresses", responses=refusals(Unauthenticated, Forbidden, BadParameter)
)
async def list_suppressions(uow: TenantUow, page: PageQuery) -> Page[SuppressionOut]:
    uow.actor.require(permissions.READ)
    after = page.after(str)
    found = await store.suppressions(uow, page.fetch, after[0] if after else None)
    return Page.of(found, page, lambda each: (each.email,), SuppressionOut.model_validate)


@router.post(
    "/suppressions", status_code=201, summary="Suppress an address", responses=refusals(Unauthenticated, Forbidden)
)
async def add_suppression(body: SuppressionCreate, uow: TenantUow) -> SuppressionOut:
    await actions.suppress(uow, body.email, "manual", body.detail)
    return SuppressionOut(email=body.email, reason="manual", detail=body.detail, created_at=uow.now)


@router.delete(
    "/suppressions/{email}",
    status_code=204,
    summary="Send to an address again",
    responses=refusals(Unauthenticated, Forbidden, SuppressionNotFound),
)
async def remove_suppression(email: Email, uow: TenantUow) -> None:
    await actions.allow_again(uow, email.strip().lower())
