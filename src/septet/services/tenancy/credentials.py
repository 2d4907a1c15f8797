"""What the kernel asks to verify tokens: sessions, API keys and standings, from PostgreSQL."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from septet.kernel.authentication import ApiKeyIdentity, Person, SessionIdentity
from septet.kernel.identity import Role, Standing
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import api_keys, billing, organizations, sessions


class TenancyCredentials:
    """Implements `kernel.authentication.Credentials`."""

    async def session(self, uow: UnitOfWork, digest: bytes) -> SessionIdentity | None:
        idle = timedelta(hours=uow.settings(TenancySettings).session_idle_hours)
        found = await sessions.use_session(uow, digest, uow.now, uow.now - idle)
        if found is None:
            return None
        session, user = found
        await uow.enter_user(user.id)
        return SessionIdentity(
            session_id=session.id,
            user_id=user.id,
            email=user.email,
            name=user.name,
            locale=user.locale,
            expires_at=min(session.expires_at, uow.now + idle).timestamp(),
            only_organization=await organizations.only_organization(uow, user.id),
            looked_up_at=uow.clock.unix(),
        )

    async def api_key(self, uow: UnitOfWork, tenant_id: UUID, digest: bytes) -> ApiKeyIdentity | None:
        await uow.enter_tenant(tenant_id)
        key = await api_keys.use_api_key(uow, digest, uow.now)
        if key is None:
            return None
        return ApiKeyIdentity(
            key_id=key.id,
            tenant_id=tenant_id,
            name=key.name,
            role=Role(key.role),
            scopes=frozenset(key.scopes),
            expires_at=key.expires_at.timestamp() if key.expires_at else None,
            restricted=await self._restricted(uow),
        )

    async def standing(self, uow: UnitOfWork, tenant_id: UUID, user_id: UUID) -> Standing | None:
        await uow.enter_tenant(tenant_id)
        role = await organizations.role_of(uow, user_id)
        return Standing(role, await self._restricted(uow)) if role else None

    async def _restricted(self, uow: UnitOfWork) -> bool:
        subscription = await billing.subscription(uow)
        return subscription is not None and subscription.status == "restricted"

    async def people(self, uow: UnitOfWork, user_ids: Collection[UUID]) -> list[Person]:
        found = await organizations.people(uow, user_ids)
        return [Person(user.id, user.email, user.name, user.locale) for user in found]
