"""Members, their roles, and the rule that an organization always has an owner.

Every change that could take away an owner first locks the organization's row, so two owners cannot leave at once.
"""

from uuid import UUID

from septet.kernel.authentication import revoke_cached, role_cache_key
from septet.kernel.identity import Role
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import audit
from septet.services.tenancy.actions.sessions import forget_sessions_cache, require_user
from septet.services.tenancy.errors import LastOwner, MemberNotFound, RoleAboveOwn
from septet.services.tenancy.events import MemberRemoved, MemberRoleChanged
from septet.services.tenancy.store import organizations as store


async def change_role(uow: UnitOfWork, user_id: UUID, role: Role) -> store.Member:
    """Raises MemberNotFound, RoleAboveOwn, LastOwner."""
    uow.actor.require(permissions.CHANGE_MEMBERS)
    old_role = await _lock_and_find(uow, user_id)
    await require_own_role_includes(uow, role, old_role)
    if old_role is Role.OWNER and role is not Role.OWNER:
        await _require_other_owner(uow)
    if role is not old_role:
        await store.change_role(uow, user_id, role)
        revoke_cached(uow, role_cache_key(uow.tenant_id, user_id))
        audit.record(uow, "member.role_changed", user_id, before=old_role, after=role)
        uow.emit(MemberRoleChanged(uow.tenant_id, user_id, old_role, role, uow.actor.user_id))
    return _found(await store.member(uow, user_id))


async def remove_member(uow: UnitOfWork, user_id: UUID) -> None:
    """Remove a member, or leave when it is oneself. Raises MemberNotFound, RoleAboveOwn, LastOwner."""
    leaving = user_id == uow.actor.user_id
    uow.actor.require(permissions.READ_MEMBERS if leaving else permissions.CHANGE_MEMBERS)
    role = await _lock_and_find(uow, user_id)
    if not leaving:
        await require_own_role_includes(uow, role)
    if role is Role.OWNER:
        await _require_other_owner(uow)
    _, user = _found(await store.member(uow, user_id))
    audit.record(uow, "member.left" if leaving else "member.removed", user_id, role=role)
    await store.remove_membership(uow, user_id)
    revoke_cached(uow, role_cache_key(uow.tenant_id, user_id))
    await forget_sessions_cache(uow, user_id)
    uow.emit(MemberRemoved(uow.tenant_id, user_id, user.email, user.name, user.locale, uow.actor.user_id))


async def transfer_ownership(uow: UnitOfWork, user_id: UUID) -> store.Member:
    """Make another member an owner, and oneself an ADMIN. Raises MemberNotFound, Unauthenticated for API keys."""
    own_id = require_user(uow)
    uow.actor.require(permissions.TRANSFER_ORGANIZATION)
    old_role = await _lock_and_find(uow, user_id)
    await require_own_role_includes(uow, Role.OWNER)
    if user_id != own_id:
        for changed, before, after in ((user_id, old_role, Role.OWNER), (own_id, Role.OWNER, Role.ADMIN)):
            await store.change_role(uow, changed, after)
            revoke_cached(uow, role_cache_key(uow.tenant_id, changed))
            uow.emit(MemberRoleChanged(uow.tenant_id, changed, before, after, own_id))
        audit.record(uow, "organization.transferred", user_id, from_=str(own_id))
    return _found(await store.member(uow, user_id))


async def _lock_and_find(uow: UnitOfWork, user_id: UUID) -> Role:
    await store.organization(uow, lock=True)
    membership = await store.membership(uow, user_id)
    if membership is None:
        raise MemberNotFound("The organization has no such member; GET /members lists them.")
    return Role(membership.role)


async def require_own_role_includes(uow: UnitOfWork, *roles: Role) -> None:
    """Nobody gives, takes or touches a role above their own. Raises RoleAboveOwn."""
    own = await _current_role(uow)
    for role in roles:
        if not own.includes(role):
            raise RoleAboveOwn(f"Your role is {own}; it does not reach {role}.")


async def _current_role(uow: UnitOfWork) -> Role:
    """The actor's role as it is under the lock: it may have changed since the request began."""
    if uow.actor.user_id is None:
        return uow.actor.role or Role.MEMBER
    membership = await store.membership(uow, uow.actor.user_id)
    return Role(membership.role) if membership else Role.MEMBER


async def _require_other_owner(uow: UnitOfWork) -> None:
    if await store.count_owners(uow) <= 1:
        raise LastOwner


def _found(member: store.Member | None) -> store.Member:
    if member is None:
        raise MemberNotFound("The organization has no such member; GET /members lists them.")
    return member
