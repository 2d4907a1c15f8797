"""`/invitations`."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from septet.kernel.errors import BadParameter, Forbidden, Unauthenticated
from septet.kernel.http import Page, PageQuery, PublicUow, Router, TenantUow, moment, refusals
from septet.services.tenancy import permissions
from septet.services.tenancy.actions import invitations as actions
from septet.services.tenancy.endpoints.account_answers import session_issued
from septet.services.tenancy.errors import (
    AlreadyMember,
    InvalidCredentials,
    InvalidTotpCode,
    InvitationExpired,
    InvitationForOther,
    InvitationNotFound,
    InvitationPending,
    InvitationRevoked,
    InvitationUsed,
    LogInToAccept,
    NameAndPasswordNeeded,
    RoleAboveOwn,
    SeatLimitReached,
    TooManyAttempts,
    TooManyInvitations,
    TotpRequired,
    WeakPassword,
)
from septet.services.tenancy.schemas.organizations import (
    InvitationAccept,
    InvitationAccepted,
    InvitationCreate,
    InvitationOut,
    InvitationStatus,
)
from septet.services.tenancy.store import invitations as store

router = Router("tenancy", tag="invitations")
NotPending = (InvitationNotFound, InvitationUsed, InvitationRevoked, InvitationExpired)


@router.post(
    "/invitations",
    status_code=201,
    summary="Invite somebody by e-mail",
    responses=refusals(
        Unauthenticated, Forbidden, RoleAboveOwn, AlreadyMember, InvitationPending, TooManyInvitations, SeatLimitReached
    ),
)
async def create_invitation(body: InvitationCreate, uow: TenantUow) -> InvitationOut:
    return InvitationOut.model_validate(await actions.invite(uow, body.email, body.role))


@router.get(
    "/invitations", summary="List the invitations", responses=refusals(Unauthenticated, Forbidden, BadParameter)
)
async def list_invitations(
    uow: TenantUow,
    page: PageQuery,
    status: Annotated[InvitationStatus | None, Query(description="Only those in this state.")] = None,
) -> Page[InvitationOut]:
    uow.actor.require(permissions.READ_INVITATIONS)
    await store.expire_overdue(uow, uow.now)
    rows = await store.invitations(uow, status, page.fetch, page.after(moment, UUID))
    return Page.of(rows, page, lambda row: (row.created_at, row.id), InvitationOut.model_validate)


@router.post(
    "/invitations/{invitation_id}/resend",
    summary="Send an invitation again, with a new token and a new week",
    responses=refusals(Unauthenticated, Forbidden, RoleAboveOwn, *NotPending),
)
async def resend_invitation(invitation_id: UUID, uow: TenantUow) -> InvitationOut:
    return InvitationOut.model_validate(await actions.resend(uow, invitation_id))


@router.delete(
    "/invitations/{invitation_id}",
    status_code=204,
    summary="Take an invitation back",
    responses=refusals(Unauthenticated, Forbidden, *NotPending),
)
async def revoke_invitation(invitation_id: UUID, uow: TenantUow) -> None:
    await actions.revoke(uow, invitation_id)


@router.post(
    "/invitations/accept",
    summary="Accept an invitation: logged in, with the password, or with a new account",
    responses=refusals(
        InvalidCredentials,
        LogInToAccept,
        TotpRequired,
        InvalidTotpCode,
        InvitationForOther,
        AlreadyMember,
        NameAndPasswordNeeded,
        WeakPassword,
        SeatLimitReached,
        TooManyAttempts,
        *NotPending,
    ),
)
async def accept_invitation(
    body: InvitationAccept, uow: PublicUow, request: Request, response: Response
) -> InvitationAccepted:
    accepted = await actions.accept(uow, body.token, body.name, body.password, body.totp_code)
    session = session_issued(accepted.logged_in, request, response) if accepted.logged_in else None
    return InvitationAccepted(organization_id=accepted.organization_id, role=accepted.role, session=session)
