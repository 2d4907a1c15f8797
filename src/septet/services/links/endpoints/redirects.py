"""`/s/{code}` and `/{code}` on custom domains: what visitors see."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from fastapi import Header, Request, Response
from fastapi.responses import HTMLResponse
from starlette.routing import Match
from starlette.types import Scope

from septet.kernel.errors import EngineUnavailable, Problem
from septet.kernel.http import PublicUow, Router, refusals
from septet.kernel.http.routing import UnitOfWorkRoute
from septet.kernel.runtime import Runtime
from septet.services.links import pages
from septet.services.links.directory import Destination, Place
from septet.services.links.errors import (
    LinkGone,
    LinkNotFound,
    PasswordRequired,
    TooManyAttempts,
    TooManyMisses,
)
from septet.services.links.passwords import password_fits
from septet.services.links.redirects import Redirect, Redirects, is_looking_ahead
from septet.services.links.settings import LinksSettings

LONGEST_PASSWORD = 128
_REFUSED = refusals(LinkNotFound, LinkGone, TooManyMisses, EngineUnavailable)
_RESPONSES: dict[int | str, Any] = {
    **_REFUSED,
    200: {"description": "A page: the password form, or the preview.", "content": {"text/html": {}}},
    302: {"description": "Leads to the target (301 or 307 where the link says so)."},
}
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["password"],
                    "properties": {"password": {"type": "string", "description": "The link's password."}},
                }
            }
        },
    }
}
Accept = Annotated[str, Header(description="`text/html` asks for pages instead of problem documents.")]


class OnCustomDomains(UnitOfWorkRoute):
    """A route that exists only where the `Host` is not the platform's own."""

    service = "links"

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        if match is not Match.NONE and _host(scope) in _own_hosts(scope):
            return Match.NONE, {}
        return match, child


router = Router("links", tag="short URLs")
custom_domains = Router("links", tag="short URLs")
custom_domains.route_class = OnCustomDomains


@router.api_route(
    "/s/{code}", methods=["GET"], summary="Follow a short URL", responses=_RESPONSES, response_class=Response
)
async def follow(code: str, request: Request, uow: PublicUow, accept: Accept = "") -> Response:
    return await _shown(request, ("", code), accept)


@router.api_route("/s/{code}", methods=["HEAD"], include_in_schema=False, response_class=Response)
async def look_at(code: str, request: Request, uow: PublicUow, accept: Accept = "") -> Response:
    return await _shown(request, ("", code), accept)


@router.post(
    "/s/{code}",
    summary="Follow a short URL that is protected by a password",
    responses={**_RESPONSES, **refusals(PasswordRequired, TooManyAttempts)},
    response_class=Response,
    openapi_extra=_FORM,
)
async def unlock(code: str, request: Request, uow: PublicUow, accept: Accept = "") -> Response:
    return await _unlocked(request, ("", code), accept)


@custom_domains.api_route("/{code}", methods=["GET", "HEAD"], include_in_schema=False, response_class=Response)
async def follow_on_domain(code: str, request: Request, uow: PublicUow, accept: Accept = "") -> Response:
    return await _shown(request, (_host(request.scope), code), accept)


@custom_domains.post("/{code}", include_in_schema=False, response_class=Response)
async def unlock_on_domain(code: str, request: Request, uow: PublicUow, accept: Accept = "") -> Response:
    return await _unlocked(request, (_host(request.scope), code), accept)


async def _shown(request: Request, place: Place, accept: str) -> Response:
    return await _paged(accept, lambda: _show(request, place))


async def _unlocked(request: Request, place: Place, accept: str) -> Response:
    password = await _password(request)
    return await _paged(accept, lambda: _unlock(request, place, password))


async def _paged(accept: str, answer: Callable[[], Awaitable[Response]]) -> Response:
    """Browsers get refusals as pages."""
    try:
        return await answer()
    except Problem as problem:
        if "text/html" not in accept:
            raise
        return HTMLResponse(pages.refusal(problem), problem.status, {**problem.headers, **pages.SECURITY})


async def _show(request: Request, place: Place) -> Response:
    host, code = place
    redirects = _redirects(request)
    destination = await redirects.find((host, code.removesuffix("+")), _address(request))
    if elsewhere := await redirects.available(destination):
        return _leading(elsewhere)
    if code.endswith("+"):
        told = "a target behind a password" if destination.password_hash else destination.url
        return HTMLResponse(pages.preview(destination.title, str(request.url)[:-1], told), headers=pages.SECURITY)
    if destination.password_hash:
        return HTMLResponse(pages.password_form(destination.title), headers=pages.SECURITY)
    return await _followed(request, destination)


async def _unlock(request: Request, place: Place, password: str) -> Response:
    redirects = _redirects(request)
    destination = await redirects.find(place, _address(request))
    if elsewhere := await redirects.available(destination):
        return _leading(elsewhere)
    if destination.password_hash:
        await _require_patience(request, destination)
        if not await password_fits(destination.password_hash, password):
            return _refused_password(request, destination)
    answer = await _followed(request, destination)
    answer.status_code = 302  # a 307 would send the password on to the target
    return answer


async def _require_patience(request: Request, destination: Destination) -> None:
    allowed = _runtime(request).service_settings(LinksSettings).password_attempts_per_minute
    who = f"{destination.link_id}/{_address(request)}"
    if await _redirects(request).throttle.count("attempts", who, 60) > allowed:
        raise TooManyAttempts("Wait a minute before you try again.", headers={"Retry-After": "60"})


def _refused_password(request: Request, destination: Destination) -> Response:
    if "text/html" not in request.headers.get("accept", "text/html") and "*/*" not in request.headers["accept"]:
        raise PasswordRequired("This password does not fit.")
    page = pages.password_form(destination.title, "This password does not fit.")
    return HTMLResponse(page, PasswordRequired.status, pages.SECURITY)


async def _followed(request: Request, destination: Destination) -> Response:
    headers = dict(request.headers.raw)
    redirects = _redirects(request)
    visit = await redirects.read_visit(_address(request), headers, request.scope["query_string"])
    counted = not is_looking_ahead(request.method, headers)
    return _leading(await redirects.follow(destination, visit, counted=counted))


def _leading(redirect: Redirect) -> Response:
    return Response(status_code=redirect.status, headers=redirect.headers)


async def _password(request: Request) -> str:
    body = (await request.body())[: 4 * LONGEST_PASSWORD]
    return parse_qs(body.decode("utf-8", "replace"), max_num_fields=10).get("password", [""])[0]


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def _redirects(request: Request) -> Redirects:
    return _runtime(request).shared(Redirects)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _host(scope: Scope) -> str:
    host: str = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
    return host.rpartition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]


def _own_hosts(scope: Scope) -> set[str]:
    runtime: Runtime = scope["app"].state.runtime
    return {
        urlsplit(runtime.settings.public_url).hostname or "",
        runtime.settings.host,
        "localhost",
        "127.0.0.1",
        "[::1]",
    }
