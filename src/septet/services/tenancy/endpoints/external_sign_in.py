"""`/auth/oidc`: sign in with an account elsewhere, by browser."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from septet.kernel.http import PublicUow, Router, refusals
from septet.services.tenancy.actions import external_sign_in as actions
from septet.services.tenancy.endpoints.account_answers import set_cookie
from septet.services.tenancy.errors import ExternalSignInOff, ExternalSignInRefused

router = Router("tenancy", tag="accounts")
HOME = "/console/"
REDIRECT: dict[int | str, dict[str, Any]] = {302: {"description": "To where it goes on."}}


@router.get(
    "/auth/oidc/start",
    summary="Go to the OpenID Connect provider and sign in there",
    response_class=Response,
    status_code=302,
    responses={**refusals(ExternalSignInOff, ExternalSignInRefused), **REDIRECT},
)
async def begin_external_sign_in(uow: PublicUow) -> Response:
    return RedirectResponse(await actions.begin(uow), status_code=302)


@router.get(
    actions.CALLBACK,
    summary="Come back from the OpenID Connect provider",
    response_class=Response,
    status_code=302,
    responses={**refusals(ExternalSignInOff, ExternalSignInRefused), **REDIRECT},
)
async def complete_external_sign_in(
    uow: PublicUow,
    request: Request,
    state: Annotated[str, Query(max_length=200, description="From the start.")],
    code: Annotated[str, Query(max_length=2000, description="From the provider.")] = "",
    error: Annotated[str, Query(max_length=200, description="Why the provider refused.")] = "",
) -> Response:
    if error or not code:
        raise ExternalSignInRefused(f"The provider answered: {error or 'no code'}.")
    logged_in = await actions.complete(uow, code, state)
    response = RedirectResponse(HOME, status_code=302)
    set_cookie(logged_in, request, response)
    return response
