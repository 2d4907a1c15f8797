"""Links, declared."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from septet.kernel.background import beside
from septet.kernel.runtime import Runtime
from septet.kernel.service import Service
from septet.services.links import jobs as _  # noqa: F401 - declares the jobs
from septet.services.links.consumer import Consumer
from septet.services.links.endpoints import domains, links, redirects, statistics, transfers
from septet.services.links.redirects import Redirects
from septet.services.links.settings import LinksSettings


@asynccontextmanager
async def _visitors(runtime: Runtime) -> AsyncIterator[None]:
    async with beside(runtime.shared(Redirects).visits.keep_salted()):
        yield


@asynccontextmanager
async def _counting(runtime: Runtime) -> AsyncIterator[None]:
    async with beside(Consumer(runtime).run()):
        yield


SERVICE = Service(
    name="links",
    title="Links: a URL shortener with click analytics",
    routers=[
        domains.router,
        statistics.router,
        transfers.router,
        links.router,
        redirects.router,
        redirects.custom_domains,
    ],
    settings=LinksSettings,
    hot_routes=lambda runtime: [runtime.shared(Redirects).hot_route()],
    lifetimes={"web": _visitors, "worker": _counting},
)
