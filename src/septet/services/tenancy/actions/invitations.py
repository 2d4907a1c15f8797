"""Invitations: pending, then accepted, revoked or expired; never back.

One is pending per organization and address (a unique index sees to it). Accepting is one atomic claim under the lock of
the organization's row, which also guards the last free seat: of two at once, one becomes a member.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from septet.kernel.authentication import revoke_cached, role_cache_key
from septet.kernel.identity import Role, format_tenant_token, tenant_of_token
from septet.kernel.uow import UnitOfWork
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import audit, email_verification, second_factor
from septet.services.tenancy.actions.accounts import create_user
from septet.services.tenancy.actions.members import require_own_role_includes
from septet.services.tenancy.actions.organizations import get_organization
from septet.services.tenancy.actions.seats import require_free_seat
from septet.services.tenancy.actions.sessions import LoggedIn, forget_sessions_cache, start_session
from septet.services.tenancy.errors import (
    AlreadyMember,
    InvalidCredentials,
    InvitationExpired,
    InvitationForOther,
    InvitationNotFound,
    InvitationPending,
    InvitationRevoked,
    InvitationUsed,
    LogInToAccept,
    NameAndPasswordNeeded,
    TooManyInvitations,
)
from septet.services.tenancy.events import InvitationCreated, InvitationMailRequested, MemberJoined
from septet.services.tenancy.models import Invitation, User
from septet.services.tenancy.passwords import hash_password, verify_password
from septet.services.tenancy.settings import TenancySettings
from septet.services.tenancy.store import invitations as store
from septet.services.tenancy.store import organizations, people
from septet.services.tenancy.throttle import count_attempt

TOKEN_PREFIX = "inv_"  # noqa: S105 - the beginning of a token, not a secret
MOST_PENDING = 100


async def invite(uow: UnitOfWork, email: str, role: Role) -> Invitation:
    """Invite an address; it is mailed a token.

    Raises AlreadyMember, InvitationPending, RoleAboveOwn, SeatLimitReached, TooManyInvitations.
    """
    uow.actor.require(permissions.CHANGE_INVITATIONS)
    await organizations.organization(uow, lock=True)
    await require_own_role_includes(uow, role)
    if await organizations.member_with_email(uow, email) is not None:
        raise AlreadyMember(f"{email} is a member already.")
    await require_free_seat(uow)
    await store.expire_overdue(uow, uow.now)
    if await store.count_pending(uow) >= MOST_PENDING:
        raise TooManyInvitations(f"{MOST_PENDING} invitations wait already; revoke some, or wait for answers.")
    token, digest = _new_token(uow)
    invitation = Invitation(
        tenant_id=uow.tenant_id,
        id=uow.new_id(),
        email=email,
        role=role,
        status="pending",
        token_digest=digest,
        invited_by=uow.actor.user_id,
        created_at=uow.now,
        expires_at=uow.now + _lifetime(uow),
    )
    if not await store.add_invitation(uow, invitation):
        raise InvitationPending(f"{email} has an invitation; POST /invitations/{{id}}/resend sends it again.")
    audit.record(uow, "invitation.created", invitation.id, email=email, role=role)
    uow.emit(InvitationCreated(uow.tenant_id, invitation.id, email, role))
    await _request_mail(uow, invitation, token)
    return invitation


def _new_token(uow: UnitOfWork) -> tuple[str, bytes]:
    token = format_tenant_token(TOKEN_PREFIX, uow.tenant_id, secrets.token_urlsafe(32))
    return token, uow.runtime.authenticator.digest(token)


def _lifetime(uow: UnitOfWork) -> timedelta:
    return timedelta(days=uow.settings(TenancySettings).invitation_days)


async def _request_mail(uow: UnitOfWork, invitation: Invitation, token: str) -> None:
    organization = await get_organization(uow)
    uow.emit(
        InvitationMailRequested(
            uow.tenant_id,
            invitation.id,
            invitation.email,
            invitation.role,
            token,
            organization.name,
            uow.actor.name,
            uow.actor.locale,
            invitation.expires_at,
        )
    )


async def resend(uow: UnitOfWork, invitation_id: UUID) -> Invitation:
    """Mail a new token and extend; the old one stops working. Raises InvitationNotFound, and why it is not pending."""
    uow.actor.require(permissions.CHANGE_INVITATIONS)
    invitation = await _found(uow, invitation_id)
    await require_own_role_includes(uow, Role(invitation.role))
    if invitation.status != "pending":
        raise _why_not(invitation)
    token, invitation.token_digest = _new_token(uow)
    invitation.expires_at = uow.now + _lifetime(uow)
    audit.record(uow, "invitation.resent", invitation.id, email=invitation.email)
    await _request_mail(uow, invitation, token)
    return invitation


async def revoke(uow: UnitOfWork, invitation_id: UUID) -> None:
    """Take it back; its token stops working. Raises InvitationNotFound, and why it is not pending."""
    uow.actor.require(permissions.CHANGE_INVITATIONS)
    invitation = await _found(uow, invitation_id)
    if not await store.revoke(uow, invitation_id, uow.now):
        raise _why_not(invitation)
    audit.record(uow, "invitation.revoked", invitation.id, email=invitation.email)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Where somebody is a member now; `logged_in` when accepting also logged them in."""

    organization_id: UUID
    role: Role
    logged_in: LoggedIn | None


async def accept(
    uow: UnitOfWork, token: str, name: str | None, password: str | None, totp_code: str | None
) -> Accepted:
    """Become a member, as the caller, or with the password of the invited address, or with a new account for it.

    Raises InvitationNotFound, InvitationUsed, InvitationRevoked, InvitationExpired, InvitationForOther, LogInToAccept,
    NameAndPasswordNeeded, InvalidCredentials, WeakPassword, AlreadyMember, SeatLimitReached.
    """
    caller = await people.user(uow, uow.actor.user_id) if uow.actor.user_id else None
    digest = uow.runtime.authenticator.digest(token)
    invitation = await _with_token(uow, token, digest)
    if invitation.status != "pending" or invitation.expires_at <= uow.now:
        raise _why_not(invitation)
    user, new_hash = await _accepter(uow, caller, invitation, name, password, totp_code)
    await organizations.organization(uow, lock=True)
    if not await store.claim(uow, invitation.id, digest, uow.now):
        raise _why_not(await _with_token(uow, token, digest))
    if user is None:
        user = await create_user(uow, invitation.email, name or "", "en", new_hash)
    await _join(uow, user, Role(invitation.role), invitation.id)
    logged_in = None if caller else await start_session(uow, user, "invitation")
    return Accepted(invitation.tenant_id, Role(invitation.role), logged_in)


async def _with_token(uow: UnitOfWork, token: str, digest: bytes) -> Invitation:
    tenant_id = tenant_of_token(TOKEN_PREFIX, token)
    if tenant_id is None:
        raise InvitationNotFound("This is no invitation's token; use the one from the newest mail.")
    await uow.enter_tenant(tenant_id)
    invitation = await store.invitation_with_token(uow, digest)
    if invitation is None:
        raise InvitationNotFound("No invitation has this token; use the one from the newest mail.")
    return invitation


async def _accepter(
    uow: UnitOfWork,
    caller: User | None,
    invitation: Invitation,
    name: str | None,
    password: str | None,
    totp_code: str | None,
) -> tuple[User | None, str | None]:
    """Who accepts; or None and the password's hash for an account to be made. All that is slow, before any lock."""
    if caller is not None:
        if caller.email != invitation.email:
            raise InvitationForOther(f"It is for {invitation.email}; log out, or log in with that address.")
        return caller, None
    user = await people.user_with_email(uow, invitation.email)
    settings = uow.settings(TenancySettings)
    if user is None:
        if not name or not password:
            raise NameAndPasswordNeeded("Send `name` and `password` for the new account.")
        return None, await hash_password(password, settings, invitation.email, name)
    if not password:
        raise LogInToAccept(f"{invitation.email} has an account: log in first, or send its `password`.")
    attempt = await count_attempt(uow, "login", invitation.email)
    if not await verify_password(user.password_hash, password, settings):
        raise InvalidCredentials(f"This is not the password of {invitation.email}.")
    await second_factor.require(uow, user, totp_code)
    await attempt.succeeded()
    return user, None


async def _join(uow: UnitOfWork, user: User, role: Role, invitation_id: UUID) -> None:
    if await organizations.membership(uow, user.id) is not None:
        raise AlreadyMember(f"{user.email} is a member already.")
    await require_free_seat(uow)
    await organizations.add_membership(uow, user.id, role, uow.now)
    revoke_cached(uow, role_cache_key(uow.tenant_id, user.id))
    await forget_sessions_cache(uow, user.id)
    audit.record(uow, "invitation.accepted", invitation_id, email=user.email, userId=str(user.id), role=role)
    uow.emit(MemberJoined(uow.tenant_id, user.id, user.email, user.name, role))
    await email_verification.confirm(uow, user)


async def _found(uow: UnitOfWork, invitation_id: UUID) -> Invitation:
    await store.expire_overdue(uow, uow.now)
    invitation = await store.invitation(uow, invitation_id)
    if invitation is None:
        raise InvitationNotFound("The organization has no such invitation; GET /invitations lists them.")
    return invitation


def _why_not(invitation: Invitation) -> InvitationUsed | InvitationRevoked | InvitationExpired:
    if invitation.status == "accepted":
        return InvitationUsed("Somebody accepted it before. Log in instead.")
    if invitation.status == "revoked":
        return InvitationRevoked("Ask for a new one.")
    return InvitationExpired("Ask for it to be sent again.")
