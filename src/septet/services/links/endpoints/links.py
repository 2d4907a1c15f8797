"""`/links`."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Header, Query, Response

from septet.kernel.entitlements import QuotaExceeded
from septet.kernel.errors import BadParameter, Forbidden, PreconditionFailed, Problem, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, moment, refusals
from septet.kernel.uow import UnitOfWork
from septet.services.links import permissions
from septet.services.links.actions import creation
from septet.services.links.actions import links as actions
from septet.services.links.actions.statistics import clicks_of_each
from septet.services.links.codes import short_url
from septet.services.links.errors import AliasTaken, DomainUnverified, LinkNotFound, UnsafeTarget
from septet.services.links.models import Link
from septet.services.links.qr import png, svg
from septet.services.links.schemas import (
    CreatedLink,
    CreatedLinks,
    FailedLink,
    LinkChange,
    LinkCreate,
    LinkDisable,
    LinkOut,
    LinksCreate,
)
from septet.services.links.store import links as store

router = Router("links")
IfMatch = Annotated[str | None, Header(alias="If-Match", description="Change only this version (`ETag`).")]
_REFUSED = (Unauthenticated, Forbidden)


@router.post(
    "/links",
    status_code=201,
    summary="Shorten a URL",
    responses=refusals(*_REFUSED, UnsafeTarget, AliasTaken, DomainUnverified, QuotaExceeded),
)
async def create_link(body: LinkCreate, uow: TenantUow, response: Response) -> LinkOut:
    return answered(uow, await creation.create_link(uow, body), response)


@router.post(
    "/links/bulk",
    status_code=201,
    summary="Shorten up to 1,000 URLs",
    responses=refusals(*_REFUSED, QuotaExceeded),
)
async def create_links(body: LinksCreate, uow: TenantUow) -> CreatedLinks:
    return outcomes_out(uow, await creation.create_links(uow, body.links))


@router.get("/links", summary="List links, newest first", responses=refusals(*_REFUSED, BadParameter))
async def list_links(
    uow: TenantUow,
    page: PageQuery,
    q: Annotated[str | None, Query(max_length=200, description="Text in URL, title, code or notes.")] = None,
    tag: Annotated[str | None, Query(max_length=50, description="Only links with this tag.")] = None,
    domain: Annotated[str | None, Query(max_length=253, description="Only links on this custom domain.")] = None,
    source: Annotated[
        str | None, Query(max_length=100, description="The links that this part of the platform made, such as `mail`.")
    ] = None,
    archived: Annotated[bool, Query(description="The archived links instead.")] = False,
    clicks: Annotated[bool, Query(description="Whether to tell the `clicks` of each.")] = False,
) -> Page[LinkOut]:
    uow.actor.require(permissions.READ_LINKS)
    before = page.after(moment, UUID)
    rows = await store.many(uow, store.Filter(q, tag, domain, source, archived), page.fetch, before)
    counted = await clicks_of_each(uow, [link.id for link in rows]) if clicks and rows else {}
    return Page.of(
        rows, page, lambda link: (link.created_at, link.id), lambda link: link_out(uow, link, counted.get(link.id))
    )


@router.get("/links/{link_id}", summary="Get a link", responses=refusals(*_REFUSED, LinkNotFound))
async def get_link(link_id: UUID, uow: TenantUow, response: Response) -> LinkOut:
    return answered(uow, await actions.get_link(uow, link_id), response)


@router.patch(
    "/links/{link_id}",
    summary="Change a link",
    responses=refusals(*_REFUSED, LinkNotFound, UnsafeTarget, AliasTaken, PreconditionFailed),
)
async def change_link(
    link_id: UUID, body: LinkChange, uow: TenantUow, response: Response, if_match: IfMatch = None
) -> LinkOut:
    return answered(uow, await actions.change_link(uow, link_id, body, if_match), response)


@router.delete(
    "/links/{link_id}", status_code=204, summary="Delete a link", responses=refusals(*_REFUSED, LinkNotFound)
)
async def delete_link(link_id: UUID, uow: TenantUow) -> None:
    await actions.delete_link(uow, link_id)


@router.post("/links/{link_id}/disable", summary="Disable a link", responses=refusals(*_REFUSED, LinkNotFound))
async def disable_link(link_id: UUID, body: LinkDisable, uow: TenantUow) -> LinkOut:
    return link_out(uow, await actions.disable_link(uow, link_id, body.reason))


@router.post("/links/{link_id}/enable", summary="Enable a disabled link", responses=refusals(*_REFUSED, LinkNotFound))
async def enable_link(link_id: UUID, uow: TenantUow) -> LinkOut:
    return link_out(uow, await actions.enable_link(uow, link_id))


@router.get(
    "/links/{link_id}/qr",
    summary="Get the short URL as a QR code",
    response_class=Response,
    responses={**refusals(*_REFUSED, LinkNotFound), 200: {"content": {"image/svg+xml": {}, "image/png": {}}}},
)
async def get_qr_code(
    link_id: UUID,
    uow: TenantUow,
    format: Annotated[Literal["svg", "png"], Query(description="The kind of image.")] = "svg",  # noqa: A002
    size: Annotated[int, Query(ge=64, le=2048, description="Width and height, in pixels.")] = 256,
) -> Response:
    link = await actions.get_link(uow, link_id)
    url = short_url(uow.public_url, link.host, link.code)
    if format == "png":
        return Response(png(url, size), media_type="image/png")
    return Response(svg(url, size), media_type="image/svg+xml")


def answered(uow: UnitOfWork, link: Link, response: Response) -> LinkOut:
    response.headers["ETag"] = actions.version_of(link)
    return link_out(uow, link)


def link_out(uow: UnitOfWork, link: Link, clicks: int | None = None) -> LinkOut:
    values: dict[str, Any] = {
        name: getattr(link, name)
        for name in LinkOut.model_fields
        if name not in ("domain", "short_url", "has_password", "clicks")
    }
    return LinkOut(
        **values,
        domain=link.host or None,
        short_url=short_url(uow.public_url, link.host, link.code),
        has_password=link.password_hash is not None,
        clicks=clicks,
    )


def outcomes_out(uow: UnitOfWork, outcomes: list[creation.Outcome]) -> CreatedLinks:
    results = [
        CreatedLink(index=index, link=None, error=FailedLink(code=outcome.code, detail=outcome.detail))
        if isinstance(outcome, Problem)
        else CreatedLink(index=index, link=link_out(uow, outcome), error=None)
        for index, outcome in enumerate(outcomes)
    ]
    failed = sum(result.error is not None for result in results)
    return CreatedLinks(created=len(results) - failed, failed=failed, results=results)
