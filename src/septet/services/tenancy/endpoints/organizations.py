"""`/organizations`."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Response

from septet.kernel.errors import Forbidden, PreconditionFailed, Unauthenticated
from septet.kernel.http import Page, RequestUow, Router, refusals
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import exports, members
from septet.services.tenancy.actions import organizations as actions
from septet.services.tenancy.actions.sessions import require_user
from septet.services.tenancy.endpoints.members import member_out
from septet.services.tenancy.errors import (
    ExportNotFound,
    MemberNotFound,
    NotDeleted,
    OrganizationNotFound,
    RoleAboveOwn,
    SlugTaken,
)
from septet.services.tenancy.models import Export, Organization
from septet.services.tenancy.schemas.organizations import (
    ExportOut,
    MemberOut,
    OrganizationChange,
    OrganizationCreate,
    OrganizationOut,
    OwnershipTransfer,
)
from septet.services.tenancy.store import organizations as store

router = Router("tenancy", tag="organizations")
IfMatch = Annotated[str | None, Header(alias="If-Match", description="Change only this version (`ETag`).")]
ARCHIVE_MEDIA_TYPE = "application/gzip"


@router.post(
    "/organizations", status_code=201, summary="Create an organization", responses=refusals(Unauthenticated, SlugTaken)
)
async def create_organization(body: OrganizationCreate, uow: RequestUow, response: Response) -> OrganizationOut:
    return _out(await actions.create_organization(uow, body.name, body.slug), response)


@router.get("/organizations", summary="List one's organizations", responses=refusals(Unauthenticated))
async def list_organizations(uow: RequestUow) -> Page[OrganizationOut]:
    found = await store.memberships_of(uow, require_user(uow))
    return Page(data=[OrganizationOut.model_validate(organization) for _, organization in found], next_cursor=None)


@router.get(
    "/organizations/{organization_id}",
    summary="Get an organization",
    responses=refusals(Unauthenticated, Forbidden, OrganizationNotFound),
)
async def get_organization(organization_id: UUID, uow: RequestUow, response: Response) -> OrganizationOut:
    await _choose(uow, organization_id)
    return _out(await actions.get_organization(uow), response)


@router.patch(
    "/organizations/{organization_id}",
    summary="Rename an organization, or change its settings",
    responses=refusals(Unauthenticated, Forbidden, OrganizationNotFound, SlugTaken, PreconditionFailed),
)
async def change_organization(
    organization_id: UUID, body: OrganizationChange, uow: RequestUow, response: Response, if_match: IfMatch = None
) -> OrganizationOut:
    await _choose(uow, organization_id)
    change = actions.Change(body.name, body.slug, "domain_role" in body.model_fields_set, body.domain_role)
    return _out(await actions.change_organization(uow, change, if_match), response)


@router.delete(
    "/organizations/{organization_id}",
    status_code=204,
    summary="Delete an organization; it can be restored for 14 days",
    responses=refusals(Unauthenticated, Forbidden, OrganizationNotFound),
)
async def delete_organization(organization_id: UUID, uow: RequestUow) -> None:
    await _choose(uow, organization_id)
    await actions.delete_organization(uow)


@router.post(
    "/organizations/{organization_id}/restore",
    summary="Undo the deletion of an organization",
    responses=refusals(Unauthenticated, Forbidden, OrganizationNotFound, NotDeleted),
)
async def restore_organization(organization_id: UUID, uow: RequestUow, response: Response) -> OrganizationOut:
    return _out(await actions.restore_organization(uow, organization_id), response)


@router.post(
    "/organizations/{organization_id}/transfer",
    summary="Hand the organization over to another member",
    responses=refusals(Unauthenticated, Forbidden, OrganizationNotFound, MemberNotFound, RoleAboveOwn),
)
async def transfer_ownership(organization_id: UUID, body: OwnershipTransfer, uow: RequestUow) -> MemberOut:
    await _choose(uow, organization_id)
    return member_out(await members.transfer_ownership(uow, body.user_id))


@router.post(
    "/organizations/{organization_id}/export",
    status_code=202,
    summary="Make an archive of everything the organization owns",
    responses=refusals(Unauthenticated, Forbidden, OrganizationNotFound),
)
async def export_organization(organization_id: UUID, uow: RequestUow) -> ExportOut:
    await _choose(uow, organization_id)
    return _export_out(await exports.begin(uow))


@router.get(
    "/organizations/{organization_id}/exports/{export_id}",
    summary="Whether an archive is ready",
    responses=refusals(Unauthenticated, Forbidden, OrganizationNotFound, ExportNotFound),
)
async def get_export(organization_id: UUID, export_id: UUID, uow: RequestUow) -> ExportOut:
    await _choose(uow, organization_id)
    return _export_out(await exports.get(uow, export_id))


@router.get(
    "/organizations/{organization_id}/exports/{export_id}/archive",
    summary="Download an archive (gzip, JSON lines)",
    response_class=Response,
    responses={
        **refusals(Unauthenticated, Forbidden, OrganizationNotFound, ExportNotFound),
        200: {"content": {ARCHIVE_MEDIA_TYPE: {}}, "description": "The archive."},
    },
)
async def download_export(organization_id: UUID, export_id: UUID, uow: RequestUow) -> Response:
    await _choose(uow, organization_id)
    archive = await exports.archive(uow, export_id)
    name = f'attachment; filename="organization-{organization_id}.jsonl.gz"'
    return Response(archive, media_type=ARCHIVE_MEDIA_TYPE, headers={"Content-Disposition": name})


async def _choose(uow: UnitOfWork, organization_id: UUID) -> None:
    """The path names the organization. Raises OrganizationNotFound when the caller does not belong to it."""
    if uow.actor.tenant_id == organization_id:
        return
    if not await uow.runtime.authenticator.switch(uow, organization_id):
        raise OrganizationNotFound("It does not exist, or you are not a member of it.")


def _out(organization: Organization, response: Response) -> OrganizationOut:
    response.headers["ETag"] = actions.version_of(organization)
    return OrganizationOut.model_validate(organization)


def _export_out(export: Export) -> ExportOut:
    url = f"/organizations/{export.tenant_id}/exports/{export.id}/archive" if export.status == "ready" else None
    return ExportOut(
        id=export.id,
        status="ready" if export.status == "ready" else "running",
        created_at=export.created_at,
        expires_at=export.expires_at,
        download_url=url,
    )
