"""API keys: made, rotated, revoked. Only a digest is stored."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from septet.kernel.authentication import api_key_cache_key, revoke_cached
from septet.kernel.errors import FieldError, InvalidInput
from septet.kernel.identity import API_KEY_PREFIX, PERMISSIONS, Role, format_tenant_token
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import audit
from septet.services.tenancy.errors import ApiKeyNotFound, ApiKeyReplaced, UnknownScope
from septet.services.tenancy.models import ApiKey
from septet.services.tenancy.store import api_keys as store

SHOWN_CHARACTERS = 8
SERVICES = ("tenancy", "chat", "notifications", "payments", "links", "logs", "limits")


async def create_api_key(
    uow: UnitOfWork, name: str, scopes: list[str], expires_at: datetime | None
) -> tuple[ApiKey, str]:
    """The stored key and the key itself, which is known only now. Raises UnknownScope, InvalidInput."""
    uow.actor.require(permissions.CHANGE_API_KEYS)
    _require_known(scopes)
    if expires_at is not None and expires_at <= uow.now:
        raise InvalidInput(
            "The key would have expired already.", errors=[FieldError("expiresAt", "must be in the future")]
        )
    key, token = await _add(uow, name, sorted(set(scopes)), expires_at)
    audit.record(uow, "api_key.created", key.id, name=name, scopes=key.scopes, prefix=key.prefix)
    return key, token


async def _add(uow: UnitOfWork, name: str, scopes: list[str], expires_at: datetime | None) -> tuple[ApiKey, str]:
    token = format_tenant_token(API_KEY_PREFIX, uow.tenant_id, secrets.token_urlsafe(32))
    key = ApiKey(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        name=name,
        prefix=token[: len(token) - 43 + SHOWN_CHARACTERS],
        digest=uow.runtime.authenticator.digest(token),
        scopes=scopes,
        role=Role.ADMIN,
        created_by=uow.actor.user_id,
        created_at=uow.now,
        expires_at=expires_at,
    )
    await store.add_api_key(uow, key)
    return key, token


def known_scopes() -> set[str]:
    """Every scope that can be granted."""
    declared = {permission.scope for permission in PERMISSIONS.values()}
    return (
        declared | {f"{service}:{verb}" for service in SERVICES for verb in ("read", "write")} | {"*", "limits:check"}
    )


def _require_known(scopes: list[str]) -> None:
    unknown = sorted(set(scopes) - known_scopes())
    if unknown:
        raise UnknownScope(f"Unknown: {', '.join(unknown)}. There are: {', '.join(sorted(known_scopes()))}.")


async def rotate_api_key(uow: UnitOfWork, key_id: UUID, overlap: timedelta) -> tuple[ApiKey, str]:
    """A new key with the same name, scopes and expiry; the old one works on for `overlap`.

    Raises ApiKeyNotFound, ApiKeyReplaced.
    """
    uow.actor.require(permissions.CHANGE_API_KEYS)
    old = await _found(uow, key_id)
    if old.replaced_by is not None:
        raise ApiKeyReplaced("Rotate the key that replaced it.", replacedBy=str(old.replaced_by))
    new, token = await _add(uow, old.name, old.scopes, old.expires_at)
    ends = uow.now + overlap
    old.expires_at, old.replaced_by = min(old.expires_at or ends, ends), new.id
    revoke_cached(uow, api_key_cache_key(uow.tenant_id, old.digest))
    audit.record(uow, "api_key.rotated", old.id, name=old.name, newKeyId=str(new.id), worksUntil=ends.isoformat())
    return new, token


async def revoke_api_key(uow: UnitOfWork, key_id: UUID) -> None:
    """Stop it at once and everywhere. Raises ApiKeyNotFound."""
    uow.actor.require(permissions.CHANGE_API_KEYS)
    key = await _found(uow, key_id)
    await store.remove_api_key(uow, key_id)
    revoke_cached(uow, api_key_cache_key(uow.tenant_id, key.digest))
    audit.record(uow, "api_key.revoked", key.id, name=key.name, prefix=key.prefix)


async def _found(uow: UnitOfWork, key_id: UUID) -> ApiKey:
    key = await store.api_key(uow, key_id)
    if key is None:
        raise ApiKeyNotFound("The organization has no such API key; GET /api-keys lists them.")
    return key
