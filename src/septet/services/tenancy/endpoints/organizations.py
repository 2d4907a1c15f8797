"""`/organizations`."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Response

from septet.kernel.errors import Forbidden, PreconditionFailed, Unauthenticated
from septet.kernel.http import Page, RequestUow, Router, refusals
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import organizations as actions
from septet.services.tenancy.actions.accounts import require_user
from septet.services.tenancy.errors import OrganizationNotFound, SlugTaken
from septet.services.tenancy.models import Organization
from septet.services.tenancy.schemas import OrganizationChange, OrganizationCreate, OrganizationOut
from septet.services.tenancy.store import accounts as account_store

router = Router("tenancy", tag="organizations")
IfMatch = Annotated[str | None, Header(alias="If-Match", description="Change only this version (`ETag`).")]


@router.post(
    "/organizations", status_code=201, summary="Create an organization", responses=refusals(Unauthenticated, SlugTaken)
)
async def create_organization(body: OrganizationCreate, uow: RequestUow, response: Response) -> OrganizationOut:
    return _out(await actions.create_organization(uow, body.name, body.slug), response)


@router.get("/organizations", summary="List one's organizations", responses=refusals(Unauthenticated))
async def list_organizations(uow: RequestUow) -> Page[OrganizationOut]:
    found = await account_store.memberships_of(uow, require_user(uow))
    return Page(data=[OrganizationOut.model_validate(organization) for _, organization in found], next_cursor=None)


@router.get(
    "/organizations/{organization_id}",
    summary="Get an organization",
    responses=refusals(Unauthenticated, OrganizationNotFound),
)
async def get_organization(organization_id: UUID, uow: RequestUow, response: Response) -> OrganizationOut:
    await _choose(uow, organization_id)
    return _out(await actions.get_organization(uow), response)


@router.patch(
    "/organizations/{organization_id}",
    summary="Rename an organization",
    responses=refusals(Unauthenticated, Forbidden, OrganizationNotFound, SlugTaken, PreconditionFailed),
)
async def change_organization(
    organization_id: UUID, body: OrganizationChange, uow: RequestUow, response: Response, if_match: IfMatch = None
) -> OrganizationOut:
    await _choose(uow, organization_id)
    return _out(await actions.change_organization(uow, body.name, body.slug, if_match), response)


@router.delete(
    "/organizations/{organization_id}",
    status_code=204,
    summary="Delete an organization with all it owns",
    responses=refusals(Unauthenticated, Forbidden, OrganizationNotFound),
)
async def delete_organization(organization_id: UUID, uow: RequestUow) -> None:
    await _choose(uow, organization_id)
    await actions.delete_organization(uow)


async def _choose(uow: UnitOfWork, organization_id: UUID) -> None:
    """The path names the organization. Raises OrganizationNotFound when the caller does not belong to it."""
    if uow.actor.tenant_id == organization_id:
        return
    if not await uow.runtime.authenticator.switch(uow, organization_id):
        raise OrganizationNotFound("It does not exist, or you are not a member of it.")


def _out(organization: Organization, response: Response) -> OrganizationOut:
    response.headers["ETag"] = actions.version_of(organization)
    return OrganizationOut.model_validate(organization)
