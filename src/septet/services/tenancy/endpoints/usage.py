"""`/usage`."""

from itertools import groupby
from typing import Annotated

from fastapi import Query

from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import RestrictedTenantUow, Router, refusals
from septet.kernel.wire import Day
from septet.services.tenancy.actions import usage as actions
from septet.services.tenancy.schemas.usage import DayOfUsage, QuotaOut, UsageOut

router = Router("tenancy", tag="billing")


@router.get(
    "/usage",
    summary="What the organization uses, by day, beside what its plan allows",
    responses=refusals(Unauthenticated, Forbidden, BadParameter),
)
async def get_usage(
    uow: RestrictedTenantUow,
    first: Annotated[Day | None, Query(alias="from", description="First day; 30 days up to `to`.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Last day; today.")] = None,
) -> UsageOut:
    rows, quotas = await actions.read(uow, first, last)
    days = groupby(rows, key=lambda row: row.day)
    return UsageOut(
        data=[DayOfUsage(day=day, used={row.metric: row.used for row in of_day}) for day, of_day in days],
        quotas=[
            QuotaOut(metric=q.metric, used=q.used, limit=q.limit, enforcement="hard" if q.hard else "soft")
            for q in quotas
        ],
    )
