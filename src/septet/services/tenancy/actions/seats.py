"""Seats: one a member, counted from the day they join. The caller holds the lock of the organization's row."""

from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.errors import SeatLimitReached
from septet.services.tenancy.models import Subscription
from septet.services.tenancy.plans import PLANS
from septet.services.tenancy.store import billing
from septet.services.tenancy.store import organizations as store


async def require_free_seat(uow: UnitOfWork) -> None:
    """Raises SeatLimitReached (402)."""
    used, limit = await used_and_limit(uow)
    if used >= limit:
        raise SeatLimitReached(
            f"All {limit} seats are taken. POST /billing/change with more `seats`, or a greater plan.",
            limit=limit,
            used=used,
        )


async def used_and_limit(uow: UnitOfWork) -> tuple[int, int]:
    """Seats taken, and seats that may be."""
    subscription = await billing.subscription(uow)
    assert subscription is not None, "an organization is created with its subscription"
    return await store.count_members(uow), seat_limit(subscription)


def seat_limit(subscription: Subscription) -> int:
    """What was bought; on the free plan and in a trial, what the plan allows."""
    plan = PLANS[subscription.plan]
    return subscription.seats if plan.paid and subscription.status != "trialing" else plan.seat_limit
