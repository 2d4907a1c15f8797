"""`/features`: values for the caller, and the organization's own flags."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from septet.kernel.errors import Forbidden, Unauthenticated
from septet.kernel.http import Page, Router, TenantUow, refusals
from septet.services.tenancy.actions import flags as actions
from septet.services.tenancy.errors import FlagNotFound, FlagOfPlan, FlagTypeMismatch
from septet.services.tenancy.models import Flag, FlagOverride
from septet.services.tenancy.schemas.flags import (
    FeatureOut,
    FlagKey,
    FlagOut,
    FlagOverrideOut,
    FlagOverridePut,
    FlagPut,
    TargetingKey,
)
from septet.services.tenancy.store import flags as store

router = Router("tenancy", tag="feature flags")
Key = Annotated[FlagKey, Path(description="Letters, digits, dots, dashes and underscores.")]
Target = Annotated[TargetingKey, Path(description="The user's id, or what the application calls them.")]


@router.get(
    "/features", summary="Every flag with its value and the reason", responses=refusals(Unauthenticated, Forbidden)
)
async def list_features(
    uow: TenantUow,
    user_id: Annotated[UUID | None, Query(alias="userId", description="For this user, not the caller.")] = None,
) -> Page[FeatureOut]:
    evaluations = await actions.evaluate_all(uow, str(user_id) if user_id else None)
    rows = {row.key: row for row in await store.flags(uow)}
    data = [
        FeatureOut(
            key=e.key,
            value=e.value,
            reason=e.reason,
            variant=e.variant,
            because=e.because,
            description=actions.description_of(e.key, rows.get(e.key)),
        )
        for e in evaluations
    ]
    return Page(data=data, next_cursor=None)


@router.get(
    "/features/{key}",
    summary="Get a flag of the organization",
    responses=refusals(Unauthenticated, Forbidden, FlagNotFound),
)
async def get_flag(key: Key, uow: TenantUow) -> FlagOut:
    return _out(*await actions.get_flag(uow, key))


@router.put(
    "/features/{key}",
    summary="Add or change a flag of the organization",
    responses=refusals(Unauthenticated, Forbidden, FlagOfPlan, FlagTypeMismatch),
)
async def put_flag(key: Key, body: FlagPut, uow: TenantUow) -> FlagOut:
    await actions.put_flag(
        uow,
        key,
        actions.Definition(
            body.description,
            body.enabled,
            body.value,
            body.off_value,
            body.percentage,
            body.starts_at,
            body.ends_at,
        ),
    )
    return _out(*await actions.get_flag(uow, key))


@router.delete(
    "/features/{key}",
    status_code=204,
    summary="Delete a flag of the organization",
    responses=refusals(Unauthenticated, Forbidden, FlagOfPlan, FlagNotFound),
)
async def delete_flag(key: Key, uow: TenantUow) -> None:
    await actions.delete_flag(uow, key)


@router.put(
    "/features/{key}/users/{targeting_key}",
    status_code=204,
    summary="Give one user a value of their own",
    responses=refusals(Unauthenticated, Forbidden, FlagOfPlan, FlagNotFound, FlagTypeMismatch),
)
async def set_flag_for_user(key: Key, targeting_key: Target, body: FlagOverridePut, uow: TenantUow) -> None:
    await actions.set_for_user(uow, key, targeting_key, body.value)


@router.delete(
    "/features/{key}/users/{targeting_key}",
    status_code=204,
    summary="Take one user's own value away",
    responses=refusals(Unauthenticated, Forbidden, FlagOfPlan, FlagNotFound),
)
async def unset_flag_for_user(key: Key, targeting_key: Target, uow: TenantUow) -> None:
    await actions.unset_for_user(uow, key, targeting_key)


def _out(flag: Flag, overrides: list[FlagOverride]) -> FlagOut:
    return FlagOut(
        key=flag.key,
        description=flag.description,
        enabled=flag.enabled,
        value=flag.value,
        off_value=flag.off_value,
        percentage=float(flag.percentage),
        starts_at=flag.starts_at,
        ends_at=flag.ends_at,
        set_by=flag.set_by,
        updated_at=flag.updated_at,
        overrides=[FlagOverrideOut.model_validate(override) for override in overrides],
    )
