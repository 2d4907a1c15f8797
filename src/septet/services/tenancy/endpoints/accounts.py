"""Sign-up, log-in, and the caller's own account: `/auth/…` and `/me`."""

from fastapi import Request, Response

from septet.kernel.errors import Unauthenticated
from septet.kernel.http import PublicUow, RequestUow, Router, refusals
from septet.kernel.http.dependencies import SESSION_COOKIE
from septet.services.tenancy.actions import account_deletion, accounts, sessions
from septet.services.tenancy.endpoints.account_answers import authenticated, event_out, membership_out, session_out
from septet.services.tenancy.endpoints.account_answers import user_out as user_answer
from septet.services.tenancy.errors import (
    EmailTaken,
    InvalidCredentials,
    InvalidTotpCode,
    OwnsOrganizations,
    TooManyAttempts,
    TotpRequired,
    WeakPassword,
    WrongPassword,
)
from septet.services.tenancy.schemas.accounts import (
    AccountDeletion,
    Authenticated,
    ExternalIdentityOut,
    LogIn,
    Me,
    OwnData,
    PasskeyOut,
    ProfileChange,
    SignUp,
    UserOut,
)
from septet.services.tenancy.store import organizations as store

router = Router("tenancy", tag="accounts")


@router.post(
    "/auth/signup",
    status_code=201,
    summary="Create an account and log in",
    responses=refusals(EmailTaken, WeakPassword),
)
async def sign_up(body: SignUp, uow: PublicUow, request: Request, response: Response) -> Authenticated:
    logged_in = await accounts.sign_up(uow, body.email, body.password, body.name, body.locale)
    return authenticated(logged_in, request, response)


@router.post(
    "/auth/login",
    summary="Log in",
    responses=refusals(InvalidCredentials, TotpRequired, InvalidTotpCode, TooManyAttempts),
)
async def log_in(body: LogIn, uow: PublicUow, request: Request, response: Response) -> Authenticated:
    logged_in = await accounts.log_in(uow, body.email, body.password, body.totp_code)
    return authenticated(logged_in, request, response)


@router.post("/auth/logout", status_code=204, summary="End the session in use", responses=refusals(Unauthenticated))
async def log_out(uow: RequestUow, response: Response) -> None:
    await sessions.log_out(uow)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")


@router.get("/me", summary="The caller and their organizations", responses=refusals(Unauthenticated))
async def me(uow: RequestUow) -> Me:
    user = await accounts.own_user(uow)
    memberships = await store.memberships_of(uow, user.id)
    return Me(user=user_answer(user), memberships=[membership_out(row) for row in memberships])


@router.patch("/me", summary="Change one's name or language", responses=refusals(Unauthenticated))
async def change_profile(body: ProfileChange, uow: RequestUow) -> UserOut:
    return user_answer(await accounts.change_profile(uow, body.name, body.locale))


@router.delete(
    "/me",
    status_code=204,
    summary="Delete one's account",
    responses=refusals(Unauthenticated, WrongPassword, OwnsOrganizations, TooManyAttempts),
)
async def delete_account(body: AccountDeletion, uow: RequestUow, response: Response) -> None:
    await account_deletion.delete_account(uow, body.password)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")


@router.get("/me/export", summary="All that is kept about oneself", responses=refusals(Unauthenticated))
async def own_data(uow: RequestUow) -> OwnData:
    data = await account_deletion.own_data(uow)
    return OwnData(
        user=user_answer(data["user"]),
        sessions=[session_out(session, uow) for session in data["sessions"]],
        memberships=[membership_out(row) for row in data["memberships"]],
        passkeys=[PasskeyOut.model_validate(passkey) for passkey in data["passkeys"]],
        external_identities=[ExternalIdentityOut.model_validate(row) for row in data["external_identities"]],
        events=[event_out(event) for event in data["events"]],
    )
