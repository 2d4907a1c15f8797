"""`/limits/stats`, `/limits/top`, `/limits/warnings` and `/limits/replay`."""

from typing import Annotated

from fastapi import Query

from septet.kernel.errors import BadParameter, EngineUnavailable, Forbidden, Unauthenticated
from septet.kernel.http import Router, TenantUow, refusals
from septet.kernel.wire import Moment
from septet.services.limits.actions import statistics
from septet.services.limits.limiter import limiter_of
from septet.services.limits.replay import replay
from septet.services.limits.schemas import Audience, ReplayIn, ReplayOut, StatsOut, TopOut, Warnings
from septet.services.limits.store.decisions import By

router = Router("limits")
REFUSALS = refusals(Unauthenticated, Forbidden, BadParameter, EngineUnavailable)
From = Annotated[Moment | None, Query(alias="from", description="Begin; an hour before `to` when left away.")]
To = Annotated[Moment | None, Query(description="End; now when left away.")]
Of = Annotated[
    Audience, Query(description="Checks of your own applications, or the requests to Septet that its limits counted.")
]
Step = Annotated[
    str, Query(pattern=r"^[0-9]{1,6}[smhd]?$", description="Length of a step: seconds, or `60s`, `5m`, `1h`, `1d`.")
]
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@router.get("/limits/stats", summary="Decisions over time", responses=REFUSALS)
async def get_stats(
    uow: TenantUow,
    since: From = None,
    to: To = None,
    step: Step = "60s",
    audience: Of = "application",
    route: Annotated[str | None, Query(max_length=1000, description="Only this route.")] = None,
    user_id: Annotated[str | None, Query(alias="userId", max_length=200, description="Only this user.")] = None,
    rule_id: Annotated[str | None, Query(alias="ruleId", max_length=40, description="Only where this rule bound.")] = (
        None
    ),
) -> StatsOut:
    named = {"route": route, "user": user_id, "rule": rule_id}
    await limiter_of(uow.runtime).recorder.flush()
    return await statistics.series(uow, since, to, _step_seconds(step), audience, {k: v for k, v in named.items() if v})


def _step_seconds(step: str) -> int:
    number = step if step.isdigit() else step[:-1]
    seconds = int(number or 0) * SECONDS.get(step[-1], 1)
    if not 1 <= seconds <= 31 * 86400:
        raise BadParameter("`step` must be between one second and 31 days.")
    return seconds


@router.get("/limits/top", summary="Routes, users or rules with the most denials", responses=REFUSALS)
async def get_top(
    uow: TenantUow,
    by: Annotated[By, Query(description="What to sum by.")] = "route",
    since: From = None,
    to: To = None,
    audience: Of = "application",
) -> TopOut:
    await limiter_of(uow.runtime).recorder.flush()
    return await statistics.top(uow, by, since, to, audience)


@router.get("/limits/warnings", summary="Users near a limit", responses=REFUSALS)
async def get_warnings(
    uow: TenantUow,
    since: From = None,
    to: To = None,
    percent: Annotated[int, Query(ge=1, le=100, description="How near, in percent of the limit.")] = 80,
) -> Warnings:
    await limiter_of(uow.runtime).recorder.flush()
    return await statistics.near_limit(uow, since, to, percent)


@router.post("/limits/replay", summary="Try a rule on recorded traffic", responses=REFUSALS)
async def replay_rule(body: ReplayIn, uow: TenantUow) -> ReplayOut:
    await limiter_of(uow.runtime).recorder.flush()
    return await replay(uow, body)
