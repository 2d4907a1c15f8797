"""Limits, declared."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from septet.kernel.runtime import Runtime
from septet.kernel.service import Service
from septet.services.limits import jobs
from septet.services.limits.endpoints import checks, rules, statistics
from septet.services.limits.envoy import answering_envoy
from septet.services.limits.hot import hot_routes
from septet.services.limits.limiter import limiting
from septet.services.limits.settings import LimitsSettings


@asynccontextmanager
async def web(runtime: Runtime) -> AsyncIterator[None]:
    """What runs in each web process beside its requests."""
    async with limiting(runtime), answering_envoy(runtime):
        yield


SERVICE = Service(
    name="limits",
    title="Rate limits for your own applications and for Septet itself",
    routers=[checks.router, rules.router, statistics.router],
    settings=LimitsSettings,
    hot_routes=hot_routes,
    lifetimes={"web": web},
)

__all__ = ["SERVICE", "jobs"]
