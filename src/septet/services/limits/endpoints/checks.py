"""`/check`, `/check/batch`, `/check/forward` and `/leases`: who calls proves who they are by an API key in the request.

They open no unit of work. `/check` and `/check/batch` are hot routes too, see `hot`, with the same answers.
"""

import asyncio
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from septet.kernel.errors import EngineUnavailable, Forbidden, InvalidInput, Unauthenticated
from septet.kernel.http import refusals
from septet.kernel.http.problems import problem_response
from septet.kernel.runtime import Runtime
from septet.services.limits.answers import Batch
from septet.services.limits.errors import LeaseNotFound, QuotaExceeded
from septet.services.limits.guard import quota_exceeded
from septet.services.limits.leases import Leases
from septet.services.limits.limiter import limiter_of
from septet.services.limits.schemas import BatchIn, BatchOut, CheckIn, CheckOut, LeaseIn, LeaseOut

JSON = "application/json"
REFUSALS = refusals(InvalidInput, Unauthenticated, Forbidden, EngineUnavailable)

router = APIRouter(tags=["limits"], generate_unique_id_function=lambda route: route.name, responses=REFUSALS)


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    request.scope["septet.route"], request.scope["septet.service"] = request.url.path, "limits"
    return runtime


RuntimeOf = Annotated[Runtime, Depends(_runtime)]


@router.post("/check", summary="Decide one check", response_model=CheckOut)
async def check(body: CheckIn, runtime: RuntimeOf) -> Response:
    decision = await limiter_of(runtime).decide(body)
    return Response(decision.body(), headers=decision.headers(), media_type=JSON)


@router.post("/check/batch", summary="Decide up to 1,000 checks, in order", response_model=BatchOut)
async def check_batch(body: BatchIn, runtime: RuntimeOf) -> Response:
    limiter = limiter_of(runtime)
    rules = {key: await limiter.rules_of(key) for key in dict.fromkeys(check.api_key for check in body.checks)}
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[bytes] = loop.create_future()
    batch = Batch(len(body.checks), answered.set_result)
    for position, each in enumerate(body.checks):
        callback = partial(batch.decided, position)
        limiter.decide_now(rules[each.api_key], callback, each.route, each.user_id, each.cost, each.method, each.plan)
    return Response(await answered, media_type=JSON)


@router.get(
    "/check/forward",
    status_code=204,
    summary="Decide for a reverse proxy (Traefik ForwardAuth, nginx auth_request)",
    responses=refusals(QuotaExceeded, Unauthenticated, Forbidden),
)
async def check_forward(
    runtime: RuntimeOf,
    x_api_key: Annotated[str, Header(max_length=200, description="An API key with the scope `limits:check`.")] = "",
    x_forwarded_uri: Annotated[str, Header(max_length=4000, description="The path asked for.")] = "",
    x_original_uri: Annotated[str, Header(max_length=4000, description="The same, as nginx names it.")] = "",
    x_forwarded_method: Annotated[str, Header(max_length=20, description="The HTTP method asked for.")] = "",
    x_user_id: Annotated[str, Header(max_length=200, description="Who asks, in your own terms.")] = "",
    deny: Annotated[
        Literal["429", "403", "401"], Query(description="Status of a denial; nginx' auth_request knows 401 and 403.")
    ] = "429",
) -> Response:
    if not x_api_key:
        raise Unauthenticated("Send an API key with the scope `limits:check` in the header `X-Api-Key`.")
    route = (x_forwarded_uri or x_original_uri or "/").partition("?")[0][:1000]
    limiter = limiter_of(runtime)
    rules = await limiter.rules_of(x_api_key)
    decision = await limiter.decide_for(rules, route, x_user_id, method=x_forwarded_method or None)
    if decision.allowed:
        return Response(status_code=204, headers=decision.headers())
    response = problem_response(quota_exceeded(decision))
    response.status_code = int(deny)
    return response


@router.post("/leases", summary="Take a slot under the concurrency rules")
async def take_lease(body: LeaseIn, runtime: RuntimeOf, response: Response) -> LeaseOut:
    rules = await limiter_of(runtime).rules_of(body.api_key)
    lease, headers = await Leases(runtime).take(rules, body.resource, body.user_id, body.plan, body.ttl_ms)
    response.headers.update(headers)
    return lease


@router.delete("/leases/{lease_id}", status_code=204, summary="Give a slot back", responses=refusals(LeaseNotFound))
async def release_lease(lease_id: str, runtime: RuntimeOf) -> None:
    await Leases(runtime).release(lease_id)
