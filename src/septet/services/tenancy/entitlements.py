"""What the kernel asks to guard by plan: the plan's value, unless an operator set another for the organization."""

from septet.kernel.entitlements import Value
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.flags import evaluate
from septet.services.tenancy.plans import PLANS, cheapest_plan_with
from septet.services.tenancy.store import billing, flags


class PlanEntitlements:
    """Implements `kernel.entitlements.Entitlements`."""

    async def value(self, uow: UnitOfWork, key: str) -> Value:
        row = await flags.flag(uow, key)
        if row is not None and row.set_by == "operator":
            value = evaluate(row, None, str(uow.tenant_id), uow.now).value
            assert isinstance(value, bool | int), "an operator's value has the type of the plan's"
            return value
        subscription = await billing.subscription(uow)
        return PLANS[subscription.plan if subscription else "FREE"].features[key]

    def cheapest_plan_with(self, key: str, needed: Value) -> str | None:
        return cheapest_plan_with(key, needed)
