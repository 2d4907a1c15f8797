"""Limits, declared."""

from septet.kernel.service import Service
from septet.services.limits import jobs
from septet.services.limits.endpoints import checks, rules, statistics
from septet.services.limits.hot import hot_routes
from septet.services.limits.limiter import limiting
from septet.services.limits.settings import LimitsSettings

SERVICE = Service(
    name="limits",
    title="Rate limits for your own applications and for Septet itself",
    routers=[checks.router, rules.router, statistics.router],
    settings=LimitsSettings,
    hot_routes=hot_routes,
    lifetimes={"web": limiting},
)

__all__ = ["SERVICE", "jobs"]
