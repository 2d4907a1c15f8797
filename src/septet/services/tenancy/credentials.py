"""What the kernel asks to verify tokens: sessions, API keys and roles, from PostgreSQL."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from septet.kernel.authentication import ApiKeyIdentity, Person, SessionIdentity
from septet.kernel.identity import Role
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import accounts, api_keys, organizations


class TenancyCredentials:
    """Implements `kernel.authentication.Credentials`."""

    async def session(self, uow: UnitOfWork, digest: bytes) -> SessionIdentity | None:
        idle = timedelta(hours=uow.settings(TenancySettings).session_idle_hours)
        found = await accounts.use_session(uow, digest, uow.now, uow.now - idle)
        if found is None:
            return None
        session, user = found
        return SessionIdentity(
            session_id=session.id,
            user_id=user.id,
            email=user.email,
            name=user.name,
            locale=user.locale,
            expires_at=min(session.expires_at, uow.now + idle).timestamp(),
            only_organization=await self._only_organization(uow, user.id),
        )

    async def _only_organization(self, uow: UnitOfWork, user_id: UUID) -> UUID | None:
        await uow.enter_user(user_id)
        return await accounts.only_organization(uow, user_id)

    async def api_key(self, uow: UnitOfWork, tenant_id: UUID, digest: bytes) -> ApiKeyIdentity | None:
        await uow.enter_tenant(tenant_id)
        key = await api_keys.use_api_key(uow, tenant_id, digest, uow.now)
        if key is None:
            return None
        expires_at = key.expires_at.timestamp() if key.expires_at else None
        return ApiKeyIdentity(key.id, tenant_id, key.name, Role(key.role), frozenset(key.scopes), expires_at)

    async def role(self, uow: UnitOfWork, tenant_id: UUID, user_id: UUID) -> Role | None:
        await uow.enter_tenant(tenant_id)
        membership = await organizations.membership(uow, user_id)
        return Role(membership.role) if membership else None

    async def people(self, uow: UnitOfWork, user_ids: Collection[UUID]) -> list[Person]:
        found = await organizations.people(uow, user_ids)
        return [Person(user.id, user.email, user.name, user.locale) for user in found]
