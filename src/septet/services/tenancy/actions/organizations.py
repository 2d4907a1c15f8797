"""Create, rename, delete and restore organizations; hand them over."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from septet.kernel.authentication import revoke_cached, role_cache_key
from septet.kernel.errors import Forbidden
from septet.kernel.identity import Role
from septet.kernel.jobs import job
from septet.kernel.uow import UnitOfWork
from septet.kernel.versions import etag_of, require_match
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import audit
from septet.services.tenancy.actions.sessions import forget_sessions_cache, require_user
from septet.services.tenancy.actions.standing import forget_standing
from septet.services.tenancy.actions.subscriptions import add_free_subscription
from septet.services.tenancy.archive import erase
from septet.services.tenancy.errors import NotDeleted, OrganizationNotFound, PurgedOrRestored, SlugTaken
from septet.services.tenancy.events import (
    OrganizationCreated,
    OrganizationDeleted,
    OrganizationPurged,
    OrganizationRestored,
)
from septet.services.tenancy.models import Organization
from septet.services.tenancy.settings import TenancySettings
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
    await add_free_subscription(uow)
    await store.add_membership(uow, user_id, Role.OWNER, uow.now)
    await forget_sessions_cache(uow, user_id)
    revoke_cached(uow, role_cache_key(tenant_id, user_id))
    audit.record(uow, "organization.created", tenant_id, name=name, slug=organization.slug)
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


async def is_gone(uow: UnitOfWork) -> bool:
    """Whether the unit of work's organization was purged; then it stays so until the transaction ends.

    Raises PurgedOrRestored while it is being restored from its archive.
    """
    await claim(uow)
    return await store.organization(uow) is None


async def claim(uow: UnitOfWork) -> None:
    """Until the transaction ends nobody else purges or restores what has the unit of work's tenant id.

    Raises PurgedOrRestored instead of waiting: either may take longer than a statement may.
    """
    if not await store.claim(uow):
        raise PurgedOrRestored("Try again when that is over, in a minute.")


async def get_organization(uow: UnitOfWork) -> Organization:
    """The caller's current organization. Raises OrganizationNotFound."""
    uow.actor.require(permissions.READ_ORGANIZATION)
    return found(await store.organization(uow))


@dataclass(frozen=True, slots=True)
class Change:
    """What to change; None leaves as it is. `domain_role` is changed only when `change_domain_role`."""

    name: str | None = None
    slug: str | None = None
    change_domain_role: bool = False
    domain_role: Role | None = None


async def change_organization(uow: UnitOfWork, change: Change, if_match: str | None) -> Organization:
    """Raises OrganizationNotFound, SlugTaken, PreconditionFailed."""
    uow.actor.require(permissions.CHANGE_ORGANIZATION)
    if change.change_domain_role:
        uow.actor.require(permissions.CHANGE_DOMAINS)
    organization = found(await store.organization(uow, lock=True))
    require_match(if_match, version_of(organization))
    organization.name = change.name or organization.name
    organization.slug = change.slug or organization.slug
    if change.change_domain_role:
        organization.domain_role = change.domain_role
    organization.revision += 1
    if not await store.save_unless_slug_taken(uow):
        raise SlugTaken(f"The slug `{change.slug}` belongs to another organization; choose another.")
    audit.record(
        uow,
        "organization.changed",
        organization.id,
        name=organization.name,
        slug=organization.slug,
        domainRole=organization.domain_role,
    )
    return organization


@dataclass(frozen=True, slots=True)
class Deletion:
    """Which deletion is due: one that was undone and repeated has another time."""

    due_at: datetime


async def delete_organization(uow: UnitOfWork) -> None:
    """Close it at once for everybody; its data goes when the grace period is over. Raises OrganizationNotFound."""
    uow.actor.require(permissions.DELETE_ORGANIZATION)
    organization = found(await store.organization(uow, lock=True))
    due_at = uow.now + timedelta(days=uow.settings(TenancySettings).deletion_grace_days)
    organization.deletion_due_at = due_at
    organization.revision += 1
    await forget_standing(uow, sessions=True)
    audit.record(uow, "organization.deleted", organization.id, dueAt=due_at.isoformat())
    uow.emit(OrganizationDeleted(organization.id, organization.name, uow.actor.user_id, due_at))
    uow.enqueue(purge, Deletion(due_at), at=due_at)


async def restore_organization(uow: UnitOfWork, organization_id: UUID) -> Organization:
    """Undo the deletion within the grace period; for its owners. Raises OrganizationNotFound, Forbidden, NotDeleted."""
    user_id = require_user(uow)
    await uow.enter_tenant(organization_id)
    membership = await store.membership(uow, user_id)
    organization = await store.organization(uow, lock=True)
    if membership is None or organization is None:
        raise OrganizationNotFound("It does not exist, or you are not a member of it.")
    if membership.role != Role.OWNER:
        raise Forbidden("Only an owner can restore a deleted organization.", requiredRole=Role.OWNER)
    if organization.deletion_due_at is None:
        raise NotDeleted("There is nothing to restore.")
    organization.deletion_due_at = None
    organization.revision += 1
    await forget_standing(uow, sessions=True)
    audit.record(uow, "organization.restored", organization.id)
    uow.emit(OrganizationRestored(organization.id, organization.name, user_id))
    return organization


@job()
async def purge(uow: UnitOfWork, deletion: Deletion) -> None:
    """Remove a deleted organization with all it owns, unless it was restored."""
    organization = await store.organization(uow, lock=True)
    if organization is None or organization.deletion_due_at != deletion.due_at:
        return
    await forget_standing(uow, sessions=True)
    await erase(uow)
    uow.emit(OrganizationPurged(organization.id))


def version_of(organization: Organization) -> str:
    """Its entity tag."""
    return etag_of(organization.id, organization.revision)


def found(organization: Organization | None) -> Organization:
    """Raises OrganizationNotFound."""
    if organization is None:
        raise OrganizationNotFound("It does not exist, or you are not a member of it.")
    return organization
