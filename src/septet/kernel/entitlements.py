"""What an organization's plan lets it do: features (on or off) and quotas (numbers), guarded by any service.

await require_quota(uow, "links", used + 1)        # in an action: 402, naming the plan that has more
@router.post(…, dependencies=[needs_feature("…")]) # on an endpoint: 403; see `kernel.http.guards`
"""

from typing import TYPE_CHECKING, Protocol

from septet.kernel.errors import Problem

if TYPE_CHECKING:
    from septet.kernel.uow import UnitOfWork

Value = bool | int


class Entitlements(Protocol):
    """The service that knows plans; the composition root hands it to the kernel."""

    async def value(self, uow: "UnitOfWork", key: str) -> Value:
        """What the tenant has. Raises KeyError for a key that no plan knows."""

    def cheapest_plan_with(self, key: str, needed: Value) -> str | None:
        """The least plan that suffices, None when none does."""


class FeatureNotInPlan(Problem):
    status, code, title = 403, "feature_not_in_plan", "The plan does not have this feature"


class QuotaExceeded(Problem):
    status, code, title = 402, "quota_exceeded", "The plan does not allow more"


async def require_feature(uow: "UnitOfWork", key: str) -> None:
    """Raises FeatureNotInPlan (403) with the plan that has it."""
    if await uow.runtime.entitlements.value(uow, key):
        return
    plan = uow.runtime.entitlements.cheapest_plan_with(key, True)
    raise FeatureNotInPlan(f"`{key}` is off. {_advice(plan)}", feature=key, requiredPlan=plan)


async def require_quota(uow: "UnitOfWork", key: str, needed: int) -> None:
    """Raises QuotaExceeded (402) when `needed`, what would be used then, is more than the plan allows."""
    limit = await uow.runtime.entitlements.value(uow, key)
    if needed <= limit:
        return
    plan = uow.runtime.entitlements.cheapest_plan_with(key, needed)
    raise QuotaExceeded(f"`{key}` is limited to {limit}. {_advice(plan)}", quota=key, limit=limit, requiredPlan=plan)


def _advice(plan: str | None) -> str:
    return f"The plan {plan} has it: POST /billing/change." if plan else "No plan has more; ask the operator."
