"""Create, rename and delete organizations."""

import re
import secrets
import unicodedata

from septet.kernel.authentication import revoke_cached, role_cache_key
from septet.kernel.identity import Role
from septet.kernel.uow import UnitOfWork
from septet.kernel.versions import etag_of, require_match
from septet.services.tenancy import permissions
from septet.services.tenancy.actions.accounts import forget_sessions_cache, require_user
from septet.services.tenancy.errors import OrganizationNotFound, SlugTaken
from septet.services.tenancy.events import OrganizationCreated
from septet.services.tenancy.models import Organization
from septet.services.tenancy.store import organizations as store

LONGEST_SLUG = 48
_SLUG_ATTEMPTS = 8


async def create_organization(uow: UnitOfWork, name: str, slug: str | None) -> Organization:
    """Create an organization owned by the caller. Raises SlugTaken when the slug asked for is."""
    user_id = require_user(uow)
    tenant_id = uow.new_id()
    await uow.enter_tenant(tenant_id)
    organization = Organization(id=tenant_id, name=name, plan="FREE", revision=1, created_at=uow.now)
    await _add_with_slug(uow, organization, slug)
    await store.add_membership(uow, user_id, Role.OWNER, uow.now)
    await forget_sessions_cache(uow, user_id)
    revoke_cached(uow, role_cache_key(tenant_id, user_id))
    uow.emit(OrganizationCreated(tenant_id, name, organization.slug, user_id))
    return organization


async def _add_with_slug(uow: UnitOfWork, organization: Organization, wanted: str | None) -> None:
    organization.slug = wanted or slug_from(organization.name)
    for _ in range(_SLUG_ATTEMPTS):
        if await store.add_organization(uow, organization):
            return
        if wanted:
            raise SlugTaken(f"The slug `{wanted}` belongs to another organization; choose another.")
        organization.slug = f"{slug_from(organization.name)[: LONGEST_SLUG - 7]}-{secrets.token_hex(3)}"
    raise SlugTaken("No free slug was found for this name; choose one.")


def slug_from(name: str) -> str:
    """`Ærø & Sons Ltd.` → `r-sons-ltd`; `organization` when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-") or "organization"


async def get_organization(uow: UnitOfWork) -> Organization:
    """The caller's current organization. Raises OrganizationNotFound."""
    uow.actor.require(permissions.READ_ORGANIZATION)
    return _found(await store.organization(uow))


async def change_organization(
    uow: UnitOfWork, name: str | None, slug: str | None, if_match: str | None
) -> Organization:
    """Rename it. Raises OrganizationNotFound, SlugTaken, PreconditionFailed."""
    uow.actor.require(permissions.CHANGE_ORGANIZATION)
    organization = _found(await store.organization(uow, lock=True))
    require_match(if_match, version_of(organization))
    organization.name = name or organization.name
    organization.slug = slug or organization.slug
    organization.revision += 1
    if not await store.save_unless_slug_taken(uow):
        raise SlugTaken(f"The slug `{slug}` belongs to another organization; choose another.")
    return organization


async def delete_organization(uow: UnitOfWork) -> None:
    """Remove it with all it owns. Raises OrganizationNotFound."""
    uow.actor.require(permissions.DELETE_ORGANIZATION)
    organization = _found(await store.organization(uow, lock=True))
    for user_id in await store.member_ids(uow):
        revoke_cached(uow, role_cache_key(organization.id, user_id))
        await forget_sessions_cache(uow, user_id)
    await store.remove_organization(uow)


def version_of(organization: Organization) -> str:
    """Its entity tag."""
    return etag_of(organization.id, organization.revision)


def _found(organization: Organization | None) -> Organization:
    if organization is None:
        raise OrganizationNotFound("It does not exist, or you are not a member of it.")
    return organization
