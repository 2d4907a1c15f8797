"""Membership by mail domain: who proves an address of an organization's verified domain joins it, if it wants that."""

from septet.kernel.authentication import revoke_cached, role_cache_key
from septet.kernel.identity import Role
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions import audit, seats
from septet.services.tenancy.actions.sessions import forget_sessions_cache
from septet.services.tenancy.errors import SeatLimitReached
from septet.services.tenancy.events import MemberJoined
from septet.services.tenancy.models import User
from septet.services.tenancy.store import domains
from septet.services.tenancy.store import organizations as store


async def join_by_domain(uow: UnitOfWork, user: User) -> None:
    """Make the user a member; nothing when no organization has their domain, wants that, or has a free seat."""
    await uow.enter_user(user.id)
    tenant_id = await domains.owner_of_domain(uow, user.email.rpartition("@")[2])
    if tenant_id is None:
        return
    before = uow.tenant_or_none
    await uow.enter_tenant(tenant_id)
    organization = await store.organization(uow, lock=True)
    role = organization.domain_role if organization and organization.deletion_due_at is None else None
    if role and await store.membership(uow, user.id) is None:
        await _join(uow, user, Role(role))
    await uow.session.flush()
    await uow.enter_tenant(before)


async def _join(uow: UnitOfWork, user: User, role: Role) -> None:
    try:
        await seats.require_free_seat(uow)
    except SeatLimitReached:
        audit.record(uow, "member.not_joined", user.id, reason="every seat is taken", email=user.email)
        return
    await store.add_membership(uow, user.id, role, uow.now)
    revoke_cached(uow, role_cache_key(uow.tenant_id, user.id))
    await forget_sessions_cache(uow, user.id)
    audit.record(uow, "member.joined", user.id, by="domain", role=role)
    uow.emit(MemberJoined(uow.tenant_id, user.id, user.email, user.name, role))
