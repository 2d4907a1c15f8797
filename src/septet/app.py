"""The composition root: the only file that names every service and every integration.

`run_roles` is one process: it opens the runtime, enters the lifetimes of its services, serves its ports and runs jobs
until SIGTERM or SIGINT, then lets what is in flight finish.
"""

import asyncio
import importlib
import pkgutil
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI

import septet.integrations
from septet.integrations.platform_logs_itself import storing
from septet.integrations.requests_are_limited import limit
from septet.kernel import telemetry
from septet.kernel.background import end
from septet.kernel.config import Settings
from septet.kernel.fastlane import FastLane
from septet.kernel.findings import Finding
from septet.kernel.housekeeping import HOUSEKEEPING
from septet.kernel.http.assembly import build_application, describe_application, engine_states
from septet.kernel.http.console import console_router
from septet.kernel.http.middleware import lane_headers
from septet.kernel.postgres import row_level_security_findings
from septet.kernel.runtime import Runtime
from septet.kernel.secrets import Secrets
from septet.kernel.service import ProcessRole, Service, running
from septet.kernel.telemetry import log
from septet.kernel.worker import Worker
from septet.migrations.run import migrate_clickhouse, migrate_postgres, pending_revisions
from septet.services.chat import service as chat
from septet.services.limits import service as limits
from septet.services.links import service as links
from septet.services.logs import service as logs
from septet.services.notifications import service as notifications
from septet.services.payments import service as payments
from septet.services.provider import service as provider
from septet.services.tenancy import service as tenancy
from septet.services.tenancy.credentials import TenancyCredentials
from septet.services.tenancy.entitlements import PlanEntitlements

SERVICES: tuple[Service, ...] = (
    tenancy.SERVICE,
    chat.SERVICE,
    notifications.SERVICE,
    payments.SERVICE,
    provider.SERVICE,
    logs.SERVICE,
    limits.SERVICE,
    links.SERVICE,  # last: on custom domains it answers every path that is nobody else's
)
ALWAYS = {HOUSEKEEPING, "integrations"}
LARGEST_LANE_BODY = 16 * 1024 * 1024  # bytes; a longer one is the ordinary endpoint's to refuse or to read

for _module in pkgutil.iter_modules(septet.integrations.__path__):
    importlib.import_module(f"septet.integrations.{_module.name}")


def chosen_services(settings: Settings) -> list[Service]:
    """The services that SEPTET_SERVICES leaves."""
    return [service for service in SERVICES if settings.runs(service.name)]


def web_application(runtime: Runtime) -> FastAPI:
    """The HTTP API of the chosen services, and the console."""
    routers = [router for s in chosen_services(runtime.settings) for router in s.routers]
    return build_application(runtime, [*routers, console_router()])


def openapi_document() -> dict[str, Any]:
    """OpenAPI 3.1 of all services; needs no engine."""
    return describe_application([router for service in SERVICES for router in service.routers]).openapi()


def provider_application(runtime: Runtime) -> FastAPI:
    """The fake payment provider's API, on its own port."""
    routers = [router for s in chosen_services(runtime.settings) for router in s.provider_routers]
    return build_application(runtime, routers, provider.DIALECT)


def make_runtime(settings: Settings, sockets: dict[str, socket.socket] | None = None) -> Runtime:
    """A runtime with this package's credentials and plans; not yet connected."""
    secrets, guard = (
        Secrets.load(settings.data_dir),
        limit if settings.limit_requests and settings.runs("limits") else None,
    )
    return Runtime(settings, secrets, TenancyCredentials(), PlanEntitlements(), sockets or {}, guard)


async def run_roles(
    settings: Settings, roles: Sequence[ProcessRole], ready: Callable[[], None], sockets: dict[str, socket.socket]
) -> None:
    """Serve these roles until SIGTERM or SIGINT. Calls `ready` once everything answers."""
    telemetry.configure_logging(settings.log_level, settings.log_format)
    telemetry.configure_tracing(settings.otlp_endpoint, ",".join(roles))
    stopping = asyncio.Event()
    with _signals(stopping):
        async with make_runtime(settings, sockets).open() as runtime, AsyncExitStack() as stack:
            if settings.keep_own_logs and settings.runs("logs"):
                await stack.enter_async_context(storing(runtime))
            for role in roles:
                await stack.enter_async_context(_role(role, runtime))
            ready()
            await stopping.wait()
            log.info("stopping", roles=list(roles))


@contextmanager
def _signals(stopping: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def _role(role: ProcessRole, runtime: Runtime) -> AsyncIterator[None]:
    services = chosen_services(runtime.settings)
    async with running(services, role, runtime):
        if role == "web":
            async with _serving(web_application(runtime), runtime, "web", _web_protocol(runtime, services)):
                yield
        elif role == "provider":
            async with _serving(provider_application(runtime), runtime, "provider", provider.Protocol):
                yield
        elif role == "worker":
            async with _working(runtime, {s.name for s in services} | ALWAYS):
                yield
        else:
            yield


def _web_protocol(runtime: Runtime, services: Sequence[Service]) -> FastLane | Literal["httptools"]:
    """The fast lane with the services' hot routes, unless SEPTET_FASTLANE turns it off."""
    routes = [route for service in services if service.hot_routes for route in service.hot_routes(runtime)]
    if not routes or not runtime.settings.fastlane:
        return "httptools"
    lane = FastLane(routes, decorate=lane_headers, max_body=LARGEST_LANE_BODY)
    telemetry.show_lane(lane.counts)
    return lane


class _Server(uvicorn.Server):
    """A server among several in one process: signals are the process's business."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _serving(
    application: FastAPI, runtime: Runtime, port: str, http: FastLane | type[asyncio.Protocol] | Literal["httptools"]
) -> AsyncIterator[None]:
    """Answer on the socket named `port`, with the HTTP implementation `http`; at the end, finish what is in flight."""
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http=http,  # type: ignore[arg-type]  # a factory of protocols serves as a class does
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=max(1, int(runtime.settings.drain_seconds)),
        forwarded_allow_ips=list(runtime.settings.trusted_proxies),
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve([runtime.sockets[port]]))
    await asyncio.wait({task, asyncio.ensure_future(server.answers.wait())}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def _working(runtime: Runtime, services: set[str]) -> AsyncIterator[None]:
    """Run jobs and schedules; at the end, finish those in flight or give them back."""
    worker = Worker(runtime, services)
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await asyncio.wait({task}, timeout=runtime.settings.drain_seconds)
        await end(task)


async def migrate(settings: Settings) -> list[str]:
    """Bring PostgreSQL and ClickHouse up to date; returns what was applied."""
    applied = await migrate_postgres(settings.postgres_owner_url or settings.postgres_url or "")
    runtime = make_runtime(settings)
    try:
        return applied + await migrate_clickhouse(runtime.clickhouse)
    finally:
        await runtime.close()


async def diagnose(settings: Settings) -> list[Finding]:
    """Engines, migrations and row-level security of a running installation."""
    runtime = make_runtime(settings)
    try:
        findings = [
            Finding(name, state == "ok", state, f"Start {name}, or correct SEPTET_{name.upper()}_URL.")
            for name, state in (await engine_states(runtime)).items()
        ]
        if findings[0].ok:
            pending = await pending_revisions(settings.postgres_owner_url or settings.postgres_url or "")
            told = f"{len(pending)} to apply: {', '.join(pending)}" if pending else "all applied"
            findings.append(Finding("migrations", not pending, told, "Run `septet migrate`."))
            findings += await row_level_security_findings(runtime.postgres)
        return findings
    finally:
        await runtime.close()
