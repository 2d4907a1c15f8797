"""Envoy's `ShouldRateLimit` over gRPC: each descriptor is a check; one that is denied makes the answer OVER_LIMIT.

The API key comes in the call's metadata: `x-api-key`, or `authorization: Bearer`. Of a descriptor's entries, `route`
(or `path`) is the route, `user_id` (or `user`, `remote_address`) the user, `method` and `plan` themselves; a descriptor
without a route has `domain/key=value/…` of its other entries as one.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from math import ceil
from typing import Any

from septet.kernel.errors import EngineUnavailable, Forbidden, Unauthenticated
from septet.kernel.runtime import Runtime
from septet.kernel.telemetry import log
from septet.services.limits.answers import Decision
from septet.services.limits.envoy_messages import (
    OK,
    OVER_LIMIT,
    SERVICE,
    UNITS,
    RateLimitRequest,
    RateLimitResponse,
)
from septet.services.limits.limiter import limiter_of

_NAMED = {"route", "path", "user_id", "user", "remote_address", "method", "plan"}
_UNIT_MS = {"SECOND": 1000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000, "WEEK": 604_800_000}


@asynccontextmanager
async def answering_envoy(runtime: Runtime) -> AsyncIterator[None]:
    """Serve on SEPTET_GRPC_PORT beside the web port; a process without ports of its own serves nothing."""
    settings = runtime.settings
    if "web" not in runtime.sockets or not settings.grpc_port:
        yield
        return
    async with serving(runtime, f"{settings.host}:{settings.grpc_port}"):
        yield


@asynccontextmanager
async def serving(runtime: Runtime, address: str) -> AsyncIterator[int]:
    """Serve on `address`, which several processes may share; gives the port."""
    grpc: Any = importlib.import_module("grpc")  # here, since its threads must not exist before a process forks

    async def should_rate_limit(request: Any, context: Any) -> Any:
        try:
            return await decide(runtime, request, dict(context.invocation_metadata() or ()))
        except Unauthenticated as error:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, error.detail)
        except Forbidden as error:
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, error.detail)
        except EngineUnavailable as error:
            await context.abort(grpc.StatusCode.UNAVAILABLE, error.detail)

    handler = grpc.unary_unary_rpc_method_handler(
        should_rate_limit, RateLimitRequest.FromString, RateLimitResponse.SerializeToString
    )
    server = grpc.aio.server(options=[("grpc.so_reuseport", 1)])
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, {"ShouldRateLimit": handler})])
    try:
        port = server.add_insecure_port(address)
    except RuntimeError:
        log.error("gRPC cannot listen; Envoy is not answered. Free the port or set SEPTET_GRPC_PORT", address=address)
        yield 0
        return
    await server.start()
    try:
        yield port
    finally:
        await server.stop(grace=1)


async def decide(runtime: Runtime, request: Any, metadata: Mapping[str, Any]) -> Any:
    """Raises Unauthenticated, Forbidden, EngineUnavailable."""
    limiter = limiter_of(runtime)
    rules = await limiter.rules_of(_api_key(metadata))
    decisions = await asyncio.gather(
        *[
            limiter.decide_for(rules, *_subject(request.domain, descriptor), **_details(request, descriptor))
            for descriptor in request.descriptors
        ]
    )
    return _response(decisions)


def _api_key(metadata: Mapping[str, Any]) -> str:
    """Raises Unauthenticated."""
    bearer = str(metadata.get("authorization", "")).removeprefix("Bearer ")
    key = str(metadata.get("x-api-key", "")) or bearer
    if not key:
        raise Unauthenticated("Send an API key with the scope `limits:check` in the metadata `x-api-key`.")
    return key


def _subject(domain: str, descriptor: Any) -> tuple[str, str]:
    """Route and user."""
    entries = {entry.key: entry.value for entry in descriptor.entries}
    route = entries.get("route") or entries.get("path")
    if route is None:
        others = [f"{key}={value}" for key, value in entries.items() if key not in _NAMED]
        route = "/".join([domain, *others])
    user = entries.get("user_id") or entries.get("user") or entries.get("remote_address") or ""
    return route[:1000], user[:200]


def _details(request: Any, descriptor: Any) -> dict[str, Any]:
    entries = {entry.key: entry.value for entry in descriptor.entries}
    hits = descriptor.hits_addend.value if descriptor.HasField("hits_addend") else request.hits_addend or 1
    return {"cost": hits, "method": entries.get("method"), "plan": entries.get("plan")}


def _response(decisions: Iterable[Decision]) -> Any:
    response = RateLimitResponse(overall_code=OK)
    worst: Decision | None = None
    for decision in decisions:
        _add_status(response, decision)
        if worst is None or (worst.allowed and not decision.allowed):
            worst = decision
    if worst is not None:
        response.overall_code = OK if worst.allowed else OVER_LIMIT
        for name, value in worst.headers().items():
            response.response_headers_to_add.add(key=name, value=value)
    return response


def _add_status(response: Any, decision: Decision) -> None:
    status = response.statuses.add(code=OK if decision.allowed else OVER_LIMIT)
    rule, position = decision.binding_rule, decision.binding
    if rule is None or position is None:
        return
    unit, per_unit = _per_unit(rule.limit, rule.window_ms)
    status.current_limit.requests_per_unit = min(per_unit, 2**32 - 1)
    status.current_limit.unit = UNITS[unit]
    status.current_limit.name = rule.definition.name
    remaining, reset_ms = decision.view[2 * position], decision.view[2 * position + 1]
    status.limit_remaining = min(remaining, 2**32 - 1)
    status.duration_until_reset.FromMilliseconds(reset_ms)


def _per_unit(limit: int, window_ms: int) -> tuple[str, int]:
    """Envoy knows named units only: the longest that fits into the window, and the limit's part for it."""
    fitting = [name for name, length in _UNIT_MS.items() if length <= window_ms]
    unit = fitting[-1] if fitting else "SECOND"
    return unit, ceil(limit * _UNIT_MS[unit] / max(1, window_ms))
