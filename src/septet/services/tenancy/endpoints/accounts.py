"""`/auth/…` and `/me`."""

from uuid import UUID

from fastapi import Request, Response

from septet.kernel.errors import Unauthenticated
from septet.kernel.http import Page, PublicUow, RequestUow, Router, refusals
from septet.kernel.http.dependencies import SESSION_COOKIE
from septet.services.tenancy.actions import accounts as actions
from septet.services.tenancy.errors import EmailTaken, InvalidCredentials, SessionNotFound, WeakPassword
from septet.services.tenancy.schemas import (
    Authenticated,
    LogIn,
    Me,
    MembershipOut,
    SessionIssued,
    SessionOut,
    SignUp,
    UserOut,
)
from septet.services.tenancy.store import accounts as store

router = Router("tenancy", tag="accounts")


@router.post(
    "/auth/signup",
    status_code=201,
    summary="Create an account and log in",
    responses=refusals(EmailTaken, WeakPassword),
)
async def sign_up(body: SignUp, uow: PublicUow, request: Request, response: Response) -> Authenticated:
    logged_in = await actions.sign_up(uow, body.email, body.password, body.name, body.locale, _device(request))
    return _authenticated(logged_in, request, response)


@router.post("/auth/login", summary="Log in", responses=refusals(InvalidCredentials))
async def log_in(body: LogIn, uow: PublicUow, request: Request, response: Response) -> Authenticated:
    logged_in = await actions.log_in(uow, body.email, body.password, _device(request))
    return _authenticated(logged_in, request, response)


def _device(request: Request) -> str:
    return request.headers.get("user-agent", "")


def _authenticated(logged_in: actions.LoggedIn, request: Request, response: Response) -> Authenticated:
    """The answer; a browser on our own pages also gets the cookie, so that it need not keep the token anywhere."""
    if "origin" in request.headers:
        secure = request.url.scheme == "https"
        response.set_cookie(
            SESSION_COOKIE,
            logged_in.token,
            expires=logged_in.session.expires_at,
            httponly=True,
            samesite="lax",
            secure=secure,
        )
    session = SessionIssued(token=logged_in.token, expires_at=logged_in.session.expires_at)
    return Authenticated(user=UserOut.model_validate(logged_in.user), session=session)


@router.post("/auth/logout", status_code=204, summary="End the session in use", responses=refusals(Unauthenticated))
async def log_out(uow: RequestUow, response: Response) -> None:
    await actions.log_out(uow)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")


@router.get("/auth/sessions", summary="List one's sessions", responses=refusals(Unauthenticated))
async def list_sessions(uow: RequestUow) -> Page[SessionOut]:
    sessions = await store.sessions_of(uow, actions.require_user(uow), uow.now)
    data = [
        SessionOut(
            id=s.id,
            device=s.device,
            created_at=s.created_at,
            last_used_at=s.last_used_at,
            expires_at=s.expires_at,
            current=s.id == uow.actor.session_id,
        )
        for s in sessions
    ]
    return Page(data=data, next_cursor=None)


@router.delete(
    "/auth/sessions/{session_id}",
    status_code=204,
    summary="End one of one's sessions",
    responses=refusals(Unauthenticated, SessionNotFound),
)
async def end_session(session_id: UUID, uow: RequestUow) -> None:
    await actions.end_session(uow, session_id)


@router.get("/me", summary="The caller and their organizations", responses=refusals(Unauthenticated))
async def me(uow: RequestUow) -> Me:
    user_id = actions.require_user(uow)
    memberships = [
        MembershipOut(
            organization_id=organization.id, slug=organization.slug, name=organization.name, role=membership.role
        )
        for membership, organization in await store.memberships_of(uow, user_id)
    ]
    return Me(user=UserOut(id=user_id, email=uow.actor.email, name=uow.actor.name), memberships=memberships)
