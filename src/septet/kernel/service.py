"""What a service tells the platform about itself; each `services/<name>/service.py` holds one `Service`."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter

from septet.kernel.config import ServiceSettings

if TYPE_CHECKING:
    from septet.kernel.fastlane import HotRoute
    from septet.kernel.runtime import Runtime

ProcessRole = Literal["web", "gateway", "worker", "provider"]
Lifetime = Callable[["Runtime"], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Service:
    """`lifetimes`: per role, what runs beside requests and jobs for as long as the process lives (consumers, caches).

    `hot_routes` are the fast lane's; each also exists in a router. `provider_routers` are served on the provider's
    port.
    """

    name: str
    title: str
    routers: Sequence[APIRouter] = ()
    provider_routers: Sequence[APIRouter] = ()
    settings: type[ServiceSettings] | None = None
    hot_routes: Callable[["Runtime"], Sequence["HotRoute"]] | None = None
    lifetimes: dict[ProcessRole, Lifetime] = field(default_factory=dict)


@asynccontextmanager
async def running(services: Sequence[Service], role: ProcessRole, runtime: "Runtime") -> AsyncIterator[None]:
    """Enter the services' lifetimes for this role, leave them in reverse order."""
    async with AsyncExitStack() as stack:
        for service in services:
            if lifetime := service.lifetimes.get(role):
                await stack.enter_async_context(lifetime(runtime))
        yield
