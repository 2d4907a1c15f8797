"""Members' addresses, names and languages, for whoever has to reach them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from septet.kernel.identity import Role
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.store import organizations
from septet.services.tenancy.store import profiles as store


@dataclass(frozen=True, slots=True)
class Profile:
    """How a member is reached and addressed."""

    email: str
    name: str
    locale: str


async def profiles(uow: UnitOfWork, user_ids: Sequence[UUID]) -> dict[UUID, Profile]:
    """Those of the users who are members of the tenant."""
    return {user.id: Profile(user.email, user.name, user.locale) for user in await store.members(uow, user_ids)}


async def owners(uow: UnitOfWork) -> Sequence[UUID]:
    """Members who decide about plan and payment."""
    return await store.members_with_roles(uow, [Role.OWNER])


async def administrators(uow: UnitOfWork) -> Sequence[UUID]:
    """Members who may change the organization."""
    return await store.members_with_roles(uow, [role for role in Role if role.includes(Role.ADMIN)])


async def organization_name(uow: UnitOfWork) -> str:
    """What the tenant is called; empty once it is gone."""
    organization = await organizations.organization(uow)
    return organization.name if organization is not None else ""
