"""Guards that an endpoint puts on itself by declaration."""

from typing import Any

from fastapi import Depends

from septet.kernel.entitlements import require_feature
from septet.kernel.http.dependencies import TenantUow


def needs_feature(key: str) -> Any:
    """For `dependencies=[…]` of an endpoint: 403 `feature_not_in_plan` unless the organization has the feature."""

    async def guard(uow: TenantUow) -> None:
        await require_feature(uow, key)

    return Depends(guard)
