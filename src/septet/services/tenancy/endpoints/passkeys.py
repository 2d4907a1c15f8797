"""`/auth/passkeys`: WebAuthn registration and log-in."""

from uuid import UUID

from fastapi import Request, Response

from septet.kernel.errors import Unauthenticated
from septet.kernel.http import Page, PublicUow, RequestUow, Router, refusals
from septet.services.tenancy.actions import passkeys as actions
from septet.services.tenancy.actions.sessions import require_user
from septet.services.tenancy.endpoints.account_answers import authenticated
from septet.services.tenancy.errors import PasskeyNotFound, PasskeyRefused
from septet.services.tenancy.schemas.accounts import Authenticated, PasskeyAnswer, PasskeyOptions, PasskeyOut
from septet.services.tenancy.store import people as store

router = Router("tenancy", tag="accounts")


@router.post("/auth/passkeys/options", summary="Begin to register a passkey", responses=refusals(Unauthenticated))
async def passkey_registration_options(uow: RequestUow) -> PasskeyOptions:
    handle, options = await actions.registration_options(uow)
    return PasskeyOptions(challenge_id=handle, public_key=options)


@router.post(
    "/auth/passkeys", status_code=201, summary="Register a passkey", responses=refusals(Unauthenticated, PasskeyRefused)
)
async def register_passkey(body: PasskeyAnswer, uow: RequestUow) -> PasskeyOut:
    passkey = await actions.register(uow, body.challenge_id, body.credential, body.name)
    return PasskeyOut.model_validate(passkey)


@router.get("/auth/passkeys", summary="List one's passkeys", responses=refusals(Unauthenticated))
async def list_passkeys(uow: RequestUow) -> Page[PasskeyOut]:
    found = await store.passkeys(uow, require_user(uow))
    return Page(data=[PasskeyOut.model_validate(passkey) for passkey in found], next_cursor=None)


@router.delete(
    "/auth/passkeys/{passkey_id}",
    status_code=204,
    summary="Remove one of one's passkeys",
    responses=refusals(Unauthenticated, PasskeyNotFound),
)
async def remove_passkey(passkey_id: UUID, uow: RequestUow) -> None:
    await actions.remove(uow, passkey_id)


@router.post("/auth/passkeys/login/options", summary="Begin to log in with a passkey")
async def passkey_login_options(uow: PublicUow) -> PasskeyOptions:
    handle, options = await actions.login_options(uow)
    return PasskeyOptions(challenge_id=handle, public_key=options)


@router.post("/auth/passkeys/login", summary="Log in with a passkey", responses=refusals(PasskeyRefused))
async def log_in_with_passkey(
    body: PasskeyAnswer, uow: PublicUow, request: Request, response: Response
) -> Authenticated:
    return authenticated(await actions.log_in(uow, body.challenge_id, body.credential), request, response)
