"""The HTTP application: services' routers, error renderers, middleware, health and metrics."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from septet import __version__
from septet.kernel.errors import EngineUnavailable, NotFound, Problem
from septet.kernel.http.dependencies import PublicUow
from septet.kernel.http.middleware import Observed
from septet.kernel.http.problems import (
    problem_schemas,
    render_defect,
    render_http_exception,
    render_problem,
    render_validation_error,
)
from septet.kernel.http.routing import Router
from septet.kernel.runtime import Runtime
from septet.kernel.wire import Wire

GZIP_FROM_BYTES = 1024
OPENAPI_PATH = "/openapi.json"
DESCRIPTION = """The backend that every SaaS product needs: tenancy, chat, notifications, payments, links, logs, limits.

Authenticate with `Authorization: Bearer <session token or API key>`. A user of several organizations names one with
the header `Septet-Organization`. Errors are problem documents (RFC 9457) with a stable `code`. Creations accept an
`Idempotency-Key`. Lists answer `{data, nextCursor}`."""


ErrorRenderer = Callable[[Request, Any], Coroutine[Any, Any, Response]]


@dataclass(frozen=True)
class Dialect:
    """How an application speaks: its name and description in OpenAPI, and how it renders what it refuses."""

    title: str
    description: str
    errors: dict[int | type[Exception], ErrorRenderer]
    compresses: bool = True


SEPTET = Dialect(
    "Septet",
    DESCRIPTION,
    {
        Problem: render_problem,
        RequestValidationError: render_validation_error,
        HTTPException: render_http_exception,
        Exception: render_defect,
    },
)


def build_application(runtime: Runtime, routers: Sequence[APIRouter], dialect: Dialect = SEPTET) -> FastAPI:
    """An ASGI application that serves these routers beside the platform's own endpoints."""
    application = describe_application(routers, dialect)
    application.state.runtime = runtime
    if dialect.compresses:
        application.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM_BYTES)
    if runtime.settings.cors_origins:
        application.add_middleware(
            CORSMiddleware,
            allow_origins=list(runtime.settings.cors_origins),
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["X-Request-Id", "ETag", "RateLimit", "RateLimit-Policy", "Retry-After"],
        )
    # Inside `Observed`, which turns its plain-text refusal into a problem document; FastAPI's own would be outside.
    application.add_middleware(RequestBodyLimitMiddleware, max_body_size=runtime.settings.max_body_bytes)
    application.add_middleware(Observed)
    return application


def describe_application(routers: Sequence[APIRouter], dialect: Dialect = SEPTET) -> FastAPI:
    """The application as OpenAPI describes it; it needs no engine and cannot serve yet."""
    application = _Application(
        title=dialect.title,
        version=__version__,
        description=dialect.description,
        openapi_url=OPENAPI_PATH,
        docs_url="/docs",
        redoc_url=None,
        exception_handlers=dialect.errors,
    )
    application.router.routes.insert(0, Route(OPENAPI_PATH, _openapi_endpoint(application), include_in_schema=False))
    for router in [platform_router(), *routers]:
        # As they are: `include_router` would build all of them once more, at the first request.
        application.router.routes.extend(router.routes)
    return application


class _Application(FastAPI):
    """Its OpenAPI document holds the schemas that refusals name."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document.setdefault("components", {}).setdefault("schemas", {}).update(problem_schemas())
        return document


def _openapi_endpoint(application: FastAPI) -> Callable[[Request], Awaitable[Response]]:
    """In place of FastAPI's, which describes a second long while nobody else in the process is served."""

    async def openapi(_: Request) -> JSONResponse:
        return JSONResponse(await asyncio.to_thread(application.openapi))

    return openapi


class Health(Wire):
    """Whether the process lives, or which engine does not answer."""

    status: str = Field(description="`ok`, or `unavailable`.")
    engines: dict[str, str] = Field(default_factory=dict, description="Each engine: `ok`, or what is wrong with it.")


class ClockAdvance(Wire):
    """By how much to move the virtual clock."""

    seconds: float = Field(ge=0, le=10 * 366 * 86400, description="Seconds to move forward; at most ten years.")


class ClockNow(Wire):
    """The time of the virtual clock."""

    now: str = Field(description="The platform's time now, RFC 3339 in UTC.")


class VirtualClockOff(NotFound):
    code, title = "virtual_clock_off", "The clock is real"


def platform_router() -> APIRouter:
    router = Router("platform")

    @router.get("/healthz", summary="Is the process alive?", dependencies=[])
    async def healthz() -> Health:
        return Health(status="ok")

    @router.get(
        "/readyz",
        summary="Does every engine answer?",
        responses={503: {"model": Health, "description": "An engine does not answer"}},
    )
    async def readyz(uow: PublicUow) -> Any:
        engines = await engine_states(uow.runtime)
        ready = all(state == "ok" for state in engines.values())
        body = Health(status="ok" if ready else "unavailable", engines=engines).model_dump(by_alias=True)
        return JSONResponse(body, 200 if ready else 503, headers={} if ready else {"Retry-After": "1"})

    @router.get("/metrics", summary="Metrics in Prometheus' text format", response_class=Response)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @router.post(
        "/clock/advance",
        summary="Move the virtual clock forward",
        responses={404: {"description": "The clock is real"}},
    )
    async def advance_clock(body: ClockAdvance, uow: PublicUow) -> ClockNow:
        runtime = uow.runtime
        if not runtime.settings.virtual_clock:
            raise VirtualClockOff("Only a platform started with --virtual-clock has a clock that can be moved.")
        await runtime.advance_clock(body.seconds)
        return ClockNow(now=runtime.clock.now().isoformat())

    return router


async def engine_states(runtime: Runtime) -> dict[str, str]:
    """Ask each engine whether it answers."""
    probes: dict[str, Callable[[], Awaitable[None]]] = {
        "postgres": runtime.postgres.ping,
        "valkey": runtime.valkey.ping,
        "clickhouse": runtime.clickhouse.ping,
    }
    states = {}
    for name, probe in probes.items():
        try:
            await probe()
            states[name] = "ok"
        except EngineUnavailable as error:
            states[name] = error.detail
    return states
