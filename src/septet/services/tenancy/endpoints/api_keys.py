"""`/api-keys`."""

from datetime import timedelta
from uuid import UUID

from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import Page, PageQuery, Router, TenantUow, moment, refusals
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import api_keys as actions
from septet.services.tenancy.errors import ApiKeyNotFound, ApiKeyReplaced, UnknownScope
from septet.services.tenancy.models import ApiKey
from septet.services.tenancy.schemas.organizations import ApiKeyCreate, ApiKeyIssued, ApiKeyOut, ApiKeyRotate
from septet.services.tenancy.store import api_keys as store

router = Router("tenancy", tag="API keys")


@router.post(
    "/api-keys",
    status_code=201,
    summary="Create an API key",
    responses=refusals(Unauthenticated, Forbidden, UnknownScope),
)
async def create_api_key(body: ApiKeyCreate, uow: TenantUow) -> ApiKeyIssued:
    return _issued(*await actions.create_api_key(uow, body.name, body.scopes, body.expires_at))


@router.get("/api-keys", summary="List the API keys", responses=refusals(Unauthenticated, Forbidden, BadParameter))
async def list_api_keys(uow: TenantUow, page: PageQuery) -> Page[ApiKeyOut]:
    uow.actor.require(permissions.READ_API_KEYS)
    keys = await store.api_keys(uow, page.fetch, page.after(moment, UUID))
    return Page.of(keys, page, lambda key: (key.created_at, key.id), ApiKeyOut.model_validate)


@router.post(
    "/api-keys/{key_id}/rotate",
    status_code=201,
    summary="Replace an API key; the old one works on for a while",
    responses=refusals(Unauthenticated, Forbidden, ApiKeyNotFound, ApiKeyReplaced),
)
async def rotate_api_key(key_id: UUID, uow: TenantUow, body: ApiKeyRotate | None = None) -> ApiKeyIssued:
    overlap = timedelta(seconds=(body or ApiKeyRotate()).overlap_seconds)
    return _issued(*await actions.rotate_api_key(uow, key_id, overlap))


@router.delete(
    "/api-keys/{key_id}",
    status_code=204,
    summary="Revoke an API key",
    responses=refusals(Unauthenticated, Forbidden, ApiKeyNotFound),
)
async def revoke_api_key(key_id: UUID, uow: TenantUow) -> None:
    await actions.revoke_api_key(uow, key_id)


def _issued(key: ApiKey, token: str) -> ApiKeyIssued:
    return ApiKeyIssued(**ApiKeyOut.model_validate(key).model_dump(), key=token)
