"""The end of an account, and a copy of what is known about it."""

from typing import Any

from septet.kernel.authentication import revoke_cached, role_cache_key
from septet.kernel.identity import Role
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import audit
from septet.services.tenancy.actions.accounts import own_user
from septet.services.tenancy.actions.sessions import end_all_sessions, own_sessions
from septet.services.tenancy.errors import OwnsOrganizations, WrongPassword
from septet.services.tenancy.events import MemberRemoved
from septet.services.tenancy.models import Membership, Organization, User
from septet.services.tenancy.passwords import verify_password
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import organizations, people
from septet.services.tenancy.throttle import count_attempt


async def delete_account(uow: UnitOfWork, password: str | None) -> None:
    """Remove the caller's account; what they made in organizations stays, unassigned.

    Raises WrongPassword, OwnsOrganizations (409) while an organization would be left without an owner.
    """
    user = await own_user(uow)
    attempt = await count_attempt(uow, "password", str(user.id))
    if user.password_hash and not await verify_password(
        user.password_hash, password or "", uow.settings(TenancySettings)
    ):
        raise WrongPassword("`password` is not your password.")
    await attempt.succeeded()
    memberships = sorted(await organizations.memberships_of(uow, user.id), key=lambda row: row[0].tenant_id)
    for membership, organization in memberships:
        await _leave(uow, user, membership, organization)
    await end_all_sessions(uow, user.id)
    await uow.session.flush()
    await people.remove_user(uow, user.id)


async def _leave(uow: UnitOfWork, user: User, membership: Membership, organization: Organization) -> None:
    """Under the organization's lock, in the order of ids: two who delete themselves at once cannot both be last."""
    await uow.enter_tenant(membership.tenant_id)
    await organizations.organization(uow, lock=True)
    current = await organizations.membership(uow, user.id)
    if current is not None and current.role == Role.OWNER and await organizations.count_owners(uow) <= 1:
        raise OwnsOrganizations(
            f"You are the last owner of {organization.name}: make somebody else an owner, or delete it.",
            organizationId=str(organization.id),
        )
    revoke_cached(uow, role_cache_key(membership.tenant_id, user.id))
    audit.record(uow, "member.left", user.id, reason="account deleted")
    await uow.session.flush()
    await organizations.remove_membership(uow, user.id)
    uow.emit(MemberRemoved(membership.tenant_id, user.id, user.email, user.name, user.locale, user.id))


async def own_data(uow: UnitOfWork) -> dict[str, Any]:
    """All that is kept about the caller outside organizations, without secrets."""
    user = await own_user(uow)
    return {
        "user": user,
        "sessions": await own_sessions(uow),
        "memberships": await organizations.memberships_of(uow, user.id),
        "passkeys": await people.passkeys(uow, user.id),
        "external_identities": await people.external_identities(uow, user.id),
        "events": await people.account_events(uow, user.id, 10_000, None),
    }
