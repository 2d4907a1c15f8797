"""Rows of accounts as they are answered."""

from fastapi import Request, Response
from sqlalchemy import Row

from septet.kernel.http.dependencies import SESSION_COOKIE
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy.actions.sessions import LoggedIn
from septet.services.tenancy.models import AccountEvent, Membership, Organization, Session, User
from septet.services.tenancy.schemas.accounts import (
    AccountEventOut,
    Authenticated,
    MembershipOut,
    SessionIssued,
    SessionOut,
    UserOut,
)


def authenticated(logged_in: LoggedIn, request: Request, response: Response) -> Authenticated:
    """Who logged in, with their session; a browser on our own pages gets the cookie too."""
    return Authenticated(user=user_out(logged_in.user), session=session_issued(logged_in, request, response))


def session_issued(logged_in: LoggedIn, request: Request, response: Response) -> SessionIssued:
    if "origin" in request.headers:
        set_cookie(logged_in, request, response)
    return SessionIssued(token=logged_in.token, expires_at=logged_in.session.expires_at)


def set_cookie(logged_in: LoggedIn, request: Request, response: Response) -> None:
    """So that a page of ours need not keep the token anywhere."""
    response.set_cookie(
        SESSION_COOKIE,
        logged_in.token,
        expires=logged_in.session.expires_at,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def user_out(user: User) -> UserOut:
    return UserOut(
        id=user.id,
        email=user.email,
        name=user.name,
        locale=user.locale,
        email_verified=user.email_verified_at is not None,
        totp_enabled=user.totp_confirmed_at is not None,
    )


def session_out(session: Session, uow: UnitOfWork) -> SessionOut:
    return SessionOut(
        id=session.id,
        device=session.device,
        address=session.address,
        created_at=session.created_at,
        last_used_at=session.last_used_at,
        expires_at=session.expires_at,
        current=session.id == uow.actor.session_id,
    )


def membership_out(row: Row[Membership, Organization]) -> MembershipOut:
    membership, organization = row
    return MembershipOut(
        organization_id=organization.id,
        slug=organization.slug,
        name=organization.name,
        role=membership.role,
        deletion_due_at=organization.deletion_due_at,
    )


def event_out(event: AccountEvent) -> AccountEventOut:
    return AccountEventOut.model_validate(event)
