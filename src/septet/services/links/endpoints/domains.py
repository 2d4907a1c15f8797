"""`/links/domains`, and reports of links."""

from uuid import UUID

from fastapi import Request

from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import Page, PageQuery, PublicUow, Router, TenantUow, refusals
from septet.services.links.actions import domains as actions
from septet.services.links.errors import (
    DomainInUse,
    DomainNotFound,
    DomainTaken,
    DomainUnverified,
    LinkNotFound,
    TooManyReports,
)
from septet.services.links.models import Domain
from septet.services.links.schemas import DomainClaim, DomainOut, ReportCreate, ReportOut

router = Router("links", tag="short domains")
_REFUSED = (Unauthenticated, Forbidden)


@router.post("/links/domains", status_code=201, summary="Claim a domain for short links", responses=refusals(*_REFUSED))
async def claim_short_domain(body: DomainClaim, uow: TenantUow) -> DomainOut:
    return _out(await actions.claim_domain(uow, body.host))


@router.get("/links/domains", summary="List the domains for short links", responses=refusals(*_REFUSED))
async def list_short_domains(uow: TenantUow) -> Page[DomainOut]:
    return Page(data=[_out(domain) for domain in await actions.list_domains(uow)], next_cursor=None)


@router.post(
    "/links/domains/{domain_id}/verify",
    summary="Verify a domain by its DNS TXT record",
    responses=refusals(*_REFUSED, DomainNotFound, DomainUnverified, DomainTaken),
)
async def verify_short_domain(domain_id: UUID, uow: TenantUow) -> DomainOut:
    return _out(await actions.verify_domain(uow, domain_id))


@router.delete(
    "/links/domains/{domain_id}",
    status_code=204,
    summary="Give up a domain",
    responses=refusals(*_REFUSED, DomainNotFound, DomainInUse),
)
async def remove_short_domain(domain_id: UUID, uow: TenantUow) -> None:
    await actions.remove_domain(uow, domain_id)


@router.post(
    "/links/{link_id}/report",
    status_code=201,
    summary="Report a link as abusive; needs no account",
    responses=refusals(LinkNotFound, TooManyReports),
)
async def report_link(link_id: UUID, body: ReportCreate, uow: PublicUow, request: Request) -> ReportOut:
    address = request.client.host if request.client else ""
    return ReportOut.model_validate(await actions.report_link(uow, link_id, body.reason, body.details, address))


@router.get(
    "/links/{link_id}/reports",
    summary="List a link's reports",
    responses=refusals(*_REFUSED, BadParameter, LinkNotFound),
)
async def list_reports(link_id: UUID, uow: TenantUow, page: PageQuery) -> Page[ReportOut]:
    after = page.after(UUID)
    rows = await actions.list_reports(uow, link_id, page.fetch, after[0] if after else None)
    return Page.of(rows, page, lambda report: (report.id,), ReportOut.model_validate)


def _out(domain: Domain) -> DomainOut:
    return DomainOut(
        id=domain.id,
        host=domain.host,
        status="verified" if domain.verified_at else "pending",
        txt_name=actions.txt_name(domain),
        txt_value=domain.token,
        verified_at=domain.verified_at,
        created_at=domain.created_at,
    )
