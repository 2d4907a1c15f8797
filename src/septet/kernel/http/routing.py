"""The route wrapper: one unit of work per request, committed before the response is sent.

Order: authenticate, ask the guard (rate limits), claim the idempotency key, run the endpoint, commit, answer. An
exception or a status of 400 and above rolls back, unless the refusal says that it keeps its changes.
"""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi import APIRouter, Request, Response, Security
from fastapi.routing import APIRoute

from septet.kernel import telemetry
from septet.kernel.errors import Forbidden, InvalidInput, MalformedBody, Problem
from septet.kernel.http.dependencies import SAFE_METHODS, SESSION_COOKIE, bearer, cookie
from septet.kernel.http.idempotency import IdempotentRequest, remember, replay_or_claim
from septet.kernel.http.problems import problem_response, refusals
from septet.kernel.runtime import Runtime
from septet.kernel.uow import UnitOfWork

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
LONGEST_DEVICE = 300
_NUL_IN_JSON = b"\\u0000"
_SURROGATE_IN_JSON = re.compile(rb"\\u[dD][89a-fA-F]")


class UnitOfWorkRoute(APIRoute):
    """A route whose endpoint runs in a unit of work (`request.state.uow`). `service`: whose it is, for metrics."""

    service: ClassVar[str]

    def get_route_handler(self) -> Handler:
        endpoint = super().get_route_handler()

        async def handle(request: Request) -> Response:
            runtime: Runtime = request.app.state.runtime
            request.scope["septet.route"] = self.path_format
            request.scope["septet.service"] = self.service
            async with UnitOfWork(runtime) as uow:
                request.state.uow = uow
                uow.address = request.client.host if request.client else ""
                uow.device = request.headers.get("user-agent", "")[:LONGEST_DEVICE]
                with runtime.postgres.faults_translated():
                    async with runtime.postgres.watched():
                        return await _serve(request, uow, endpoint, self.path_format)

        return handle


async def _serve(request: Request, uow: UnitOfWork, endpoint: Handler, route: str) -> Response:
    await _authenticate(request, uow)
    if uow.actor.tenant_id is not None:
        telemetry.bind_tenant(uow.actor.tenant_id)
        request.scope["septet.actor"] = f"{uow.actor.kind}:{uow.actor.id}"
    told = await uow.runtime.guard_request(uow.actor, request.method, route)
    response = await _answer(request, uow, endpoint)
    for name, value in told.items():
        response.headers.setdefault(name, value)
    return response


async def _answer(request: Request, uow: UnitOfWork, endpoint: Handler) -> Response:
    await _refuse_unstorable_text(request)
    idempotent = await replay_or_claim(request, uow)
    if isinstance(idempotent, Response):
        return idempotent
    try:
        response = await endpoint(request)
    except Problem as problem:
        if not problem.keeps_changes:
            raise
        response = problem_response(problem)
    else:
        if response.status_code >= 400:
            return response
    if isinstance(idempotent, IdempotentRequest):
        await remember(idempotent, uow, response)
    await uow.commit()
    return response


async def _authenticate(request: Request, uow: UnitOfWork) -> None:
    """Set the actor from `Authorization: Bearer`, or from the console's cookie when the request is from our origin."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        token = request.cookies.get(SESSION_COOKIE, "")
        if not token:
            return
        _require_own_origin(request, uow.runtime)
    organization = request.headers.get("septet-organization")
    actor = await uow.runtime.authenticator.authenticate(uow, token.strip(), organization)
    if uow.wrote:
        # The guard may need a connection to learn the rules: who waited for it while holding one could starve the pool.
        await uow.commit()
    await uow.become(actor)


def _require_own_origin(request: Request, runtime: Runtime) -> None:
    """A cookie alone proves nothing about who wrote the request (CSRF): writes must come from our own pages."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("origin")
    own = {runtime.settings.public_url.rstrip("/"), f"{request.url.scheme}://{request.headers.get('host', '')}"}
    if origin is None or origin not in own:
        raise Forbidden("A request with the session cookie must carry the `Origin` of this site.")


async def _refuse_unstorable_text(request: Request) -> None:
    """PostgreSQL's text holds neither NUL nor half a surrogate pair: say so instead of failing on them."""
    if b"%00" in request.scope.get("raw_path", b"") or b"%00" in request.scope.get("query_string", b""):
        raise InvalidInput("The URL must not contain the NUL character (%00).")
    if not request.headers.get("content-type", "").startswith("application/json"):
        return
    body = await request.body()
    if b"\0" in body or (_NUL_IN_JSON in body and _NUL_IN_JSON in body.replace(b"\\\\", b"")):
        raise InvalidInput("The body must not contain the NUL character (\\u0000); remove it.")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise MalformedBody(f"The body is not valid UTF-8 (byte {error.start}).") from None
    if _SURROGATE_IN_JSON.search(body) and _holds_half_a_pair(body):
        raise InvalidInput("The body must not contain half a surrogate pair (such as \\ud800 alone); remove it.")


def _holds_half_a_pair(body: bytes) -> bool:
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        return False  # no JSON: the endpoint says so
    return False


class Router(APIRouter):
    """The router of a service: problem documents in OpenAPI, units of work, and the service's name on metrics."""

    def __init__(self, service: str, *, tag: str | None = None, **options: Any) -> None:
        super().__init__(
            tags=[tag or service],
            route_class=type("UnitOfWorkRoute", (UnitOfWorkRoute,), {"service": service}),
            responses=refusals(InvalidInput),
            dependencies=[Security(bearer), Security(cookie)],
            generate_unique_id_function=lambda route: route.name,
            **options,
        )
        self.service = service
