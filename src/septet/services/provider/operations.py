"""How an operation of the API is declared and served: authenticate, inject faults, replay or run, store, answer.

    @v1.post("/refunds", "refunds.create", RefundCreate, accepts="RefundCreateParams", summary="Refund a charge")
    async def create_refund(call: Call, params: RefundCreate) -> Json: ...

The path's ids are in `call.path`. Idempotency is Stripe's (v1): what an operation answered is stored with its effects
and replayed for a day, errors included; a request that was refused before it began leaves its key free.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from septet.kernel.errors import Problem
from septet.kernel.http.assembly import ErrorRenderer
from septet.kernel.runtime import Runtime
from septet.kernel.telemetry import log
from septet.kernel.uow import UnitOfWork
from septet.services.provider import chaos, deliveries, store
from septet.services.provider.call import API_VERSION, Call
from septet.services.provider.errors import (
    InvalidParameter,
    InvalidRequest,
    KeyInUse,
    KeyReused,
    NotAuthenticated,
    ServerError,
    StripeError,
)
from septet.services.provider.expansion import expanded
from septet.services.provider.forms import decode_form
from septet.services.provider.identifiers import account_of, random_text
from septet.services.provider.parameters import Parameters, documented, read_parameters

Json = dict[str, Any]
P = TypeVar("P", bound=Parameters)
Operation = Callable[[Call, P], Awaitable[Json]]
Declare = Callable[[Operation[P]], Operation[P]]

KEY_PREFIXES = ("sk_test_", "rk_test_")
DEFAULT_KEY = "sk_test_septet"
LONGEST_KEY = 255
KEY_KEPT_SECONDS = 24 * 3600


class OperationRoute(APIRoute):
    """A route whose endpoint is given the request itself; FastAPI only documents it."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        serve: Callable[[Request], Awaitable[Response]] = self.endpoint
        path = self.path_format

        async def handle(request: Request) -> Response:
            request.scope["septet.route"], request.scope["septet.service"] = path, "provider"
            return await serve(request)

        return handle


class Operations:
    """Operations below one path. `simulator`: JSON bodies, no faults; without a key it acts on Septet's own account."""

    def __init__(self, prefix: str, tag: str, *, simulator: bool = False) -> None:
        self.router = APIRouter(prefix=prefix, tags=[tag], route_class=OperationRoute)
        self.simulator = simulator

    def get(self, path: str, name: str, parameters: type[P], *, summary: str, accepts: str = "") -> Declare[P]:
        return self._operation("GET", path, name, parameters, accepts, summary)

    def post(self, path: str, name: str, parameters: type[P], *, summary: str, accepts: str = "") -> Declare[P]:
        return self._operation("POST", path, name, parameters, accepts, summary)

    def delete(self, path: str, name: str, parameters: type[P], *, summary: str, accepts: str = "") -> Declare[P]:
        return self._operation("DELETE", path, name, parameters, accepts, summary)

    def _operation(
        self, method: str, path: str, name: str, parameters: type[P], accepts: str, summary: str
    ) -> Declare[P]:
        def declare(operation: Operation[P]) -> Operation[P]:
            async def endpoint(request: Request) -> Response:
                return await _serve(request, self.simulator, name, parameters, accepts, operation)

            self.router.add_api_route(
                path,
                endpoint,
                methods=[method],
                name=name,
                operation_id=name,
                summary=summary,
                description=operation.__doc__,
                openapi_extra=documented(parameters, in_query=method != "POST", as_json=self.simulator),
                responses={"4XX": {"description": "Stripe's error object"}},
            )
            return operation

        return declare


async def _serve(
    request: Request, simulator: bool, name: str, parameters: type[P], accepts: str, operation: Operation[P]
) -> Response:
    runtime: Runtime = request.app.state.runtime
    request_id = f"req_{random_text(14)}"
    headers = {"Request-Id": request_id, "Stripe-Version": request.headers.get("stripe-version", API_VERSION)}
    verdict = chaos.NOTHING
    async with UnitOfWork(runtime) as uow:
        try:
            with runtime.postgres.faults_translated():
                call, answer, given = await _begin(request, uow, simulator, name, request_id)
                if call.chaotic:
                    verdict = await chaos.verdict(uow, call.account, name)
                    await chaos.before(verdict)
                if answer is None:
                    params, expand = read_parameters(parameters, accepts, given)
                    answer = await _run(call, request, params, expand, operation, verdict)
                else:
                    headers |= {"Idempotent-Replayed": "true", "Original-Request": answer.request_id}
            if call.idempotency_key:
                headers["Idempotency-Key"] = call.idempotency_key
            if answer.status >= 500 and answer.key:
                headers["Stripe-Should-Retry"] = "false"  # the key would only replay it
            await chaos.after(verdict)
            return Response(answer.body, answer.status, headers, "application/json")
        except StripeError as error:
            return error_response(error, headers)
        except chaos.HungUp:
            return await chaos.hang_up(request)


def error_response(error: StripeError, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps({"error": error.error}, indent=2)
    return Response(body, error.status, (headers or {}) | error.headers, "application/json")


async def _begin(
    request: Request, uow: UnitOfWork, simulator: bool, name: str, request_id: str
) -> tuple[Call, store.Answer | None, Json]:
    """Who calls, at what time, with which parameters; and the answer, when the key has one."""
    account = account_of(_api_key(request, optional=simulator))
    given = await _given(request, simulator)
    key = _idempotency_key(request) if request.method == "POST" else None
    lock = _lock_of(account, key) if key else None
    state = await store.begin(uow, account, key, lock)
    now = int(uow.clock.unix() + state.clock_offset)
    call = Call(
        uow, account, now, name, request_id, key, request.path_params, str(request.base_url).rstrip("/"),
        chaotic=state.chaotic and not simulator, endpoints=state.endpoints,
    )  # fmt: skip
    if key is None:
        return call, None, given
    if not state.claimed:
        raise KeyInUse(key)
    if state.fingerprint is None or state.expires_at <= now:
        return call, None, given
    if bytes(state.fingerprint) != await _fingerprint(request):
        raise KeyReused(key)
    return call, store.Answer(state.status, state.body, key, b"", state.request_id, 0), given


async def _run(
    call: Call, request: Request, params: P, expand: list[str], operation: Operation[P], verdict: chaos.Verdict
) -> store.Answer:
    """Run the operation, and store its changes and its answer together."""
    status, remembered = 200, True
    try:
        body = await operation(call, params)
        if verdict.kind == "error_before_commit":
            raise ServerError
        await deliveries.plan(call)
        text = json.dumps(await _shown(call, body, expand))
        if verdict.kind == "error_after_commit":
            status, text = 500, json.dumps({"error": ServerError().error})
    except StripeError as error:
        if not error.keeps_changes:
            call.discard()
        await deliveries.plan(call)
        status, remembered, text = error.status, error.remembered, json.dumps({"error": error.error}, indent=2)
    key = call.idempotency_key or "" if remembered else ""
    fingerprint = await _fingerprint(request) if key else b""
    answer = store.Answer(status, text, key, fingerprint, call.request_id, call.now + KEY_KEPT_SECONDS)
    await _commit(call, answer if key else None)
    return answer


async def _shown(call: Call, body: Json, expand: list[str]) -> Json:
    """Expanding reads what is stored, so what the operation changed is written first."""
    if not expand:
        return body
    await store.save(call.uow, call.account, list(call.changed.values()), None, call.now)
    return await expanded(call.uow, call.account, dict(body), expand)


async def _commit(call: Call, answer: store.Answer | None) -> None:
    for deleted in call.deleted:
        await store.delete(call.uow, call.account, deleted)
    objects = [*call.changed.values(), *call.events]
    if not await store.save(call.uow, call.account, objects, answer, call.now):
        raise KeyInUse(call.idempotency_key or "")
    await call.uow.commit()


def _api_key(request: Request, *, optional: bool) -> str:
    """The key, from Bearer or from the user of Basic. Raises NotAuthenticated."""
    header = request.headers.get("authorization", "")
    scheme, _, token = header.partition(" ")
    key = token.strip()
    if scheme.lower() == "basic":
        key = _user_of_basic(key)
    if not header and optional:
        return DEFAULT_KEY
    if not key:
        raise NotAuthenticated(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer sk_test_…'). Any key that begins with sk_test_ opens an account."
        )
    if not key.startswith(KEY_PREFIXES) or key in KEY_PREFIXES or len(key) > LONGEST_KEY:
        raise NotAuthenticated(
            f"Invalid API Key provided: {key[:12]}…. This provider takes keys that begin with sk_test_."
        )
    return key


def _user_of_basic(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        raise NotAuthenticated("The Authorization header is no valid Basic authentication.") from None


async def _given(request: Request, as_json: bool) -> Json:
    """The parameters as they were sent: a form, or for the simulator's own endpoints JSON."""
    if request.method != "POST":
        return decode_form(request.url.query)
    body = await request.body()
    if as_json and body:
        return _json_object(body)
    if body and request.headers.get("content-type", "").startswith("application/json"):
        raise InvalidParameter(
            "Send parameters as application/x-www-form-urlencoded, as Stripe's SDKs do, not as JSON."
        )
    try:
        return decode_form(body.decode())
    except UnicodeDecodeError:
        raise InvalidParameter("The body must be UTF-8.") from None


def _json_object(body: bytes) -> Json:
    try:
        given = json.loads(body)
    except ValueError:
        raise InvalidParameter("The body is not valid JSON.") from None
    if not isinstance(given, dict):
        raise InvalidParameter("The body must be a JSON object.")
    return given


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise InvalidParameter(f"An idempotency key has 1 to {LONGEST_KEY} characters.")
    return key


def _lock_of(account: str, key: str) -> int:
    digest = hashlib.blake2b(f"provider\0{account}\0{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


async def _fingerprint(request: Request) -> bytes:
    digest = hashlib.blake2b(f"{request.method} {request.url.path}\0".encode(), digest_size=16)
    digest.update(await request.body())
    return digest.digest()


async def render_unknown(request: Request, error: Exception) -> Response:
    """What the framework refuses: an unknown path or method, a body that is too large."""
    assert isinstance(error, HTTPException)
    message = str(error.detail)
    if error.status_code in (404, 405):
        message = (
            f"Unrecognized request URL ({request.method}: {request.url.path}). GET /openapi.json lists what there is."
        )
    refused = InvalidRequest(message)
    return Response(json.dumps({"error": refused.error}), error.status_code, media_type="application/json")


async def render_unavailable(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return Response(
        json.dumps({"error": ServerError(error.detail).error}), error.status, error.headers, "application/json"
    )


async def render_defect(_: Request, error: Exception) -> Response:
    log.error("unhandled error", exc_info=error)
    return error_response(ServerError())


ERROR_RENDERERS: dict[int | type[Exception], ErrorRenderer] = {
    HTTPException: render_unknown,
    Problem: render_unavailable,
    Exception: render_defect,
}
