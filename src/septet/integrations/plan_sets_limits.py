"""What plan and flags allow decides the limits on requests, and for how long logs are kept; at once after a change."""

from septet.kernel.events import on
from septet.kernel.uow import UnitOfWork
from septet.services.limits.actions.rules import apply_allowance
from septet.services.logs.actions.configuration import cap_retention
from septet.services.tenancy.events import EntitlementChanged, OrganizationCreated, PlanChanged

# Quotas such as that of links, and how far back chat is shown, are asked for at each use: see `kernel.entitlements`.


@on(OrganizationCreated)
async def begin(uow: UnitOfWork, _: OrganizationCreated) -> None:
    """The free plan's."""
    await _apply(uow)


@on(PlanChanged)
async def follow_plan(uow: UnitOfWork, _: PlanChanged) -> None:
    """In either direction."""
    await _apply(uow)


@on(EntitlementChanged)
async def follow_operator(uow: UnitOfWork, _: EntitlementChanged) -> None:
    """What an operator sets for one organization goes before its plan."""
    await _apply(uow)


async def _apply(uow: UnitOfWork) -> None:
    value = uow.runtime.entitlements.value
    await apply_allowance(uow, int(await value(uow, "limits.requestsPerMinute")))
    await cap_retention(uow, int(await value(uow, "logs.retentionDays")))
