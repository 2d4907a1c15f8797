"""Sessions, passwords, address verification and the second factor: `/auth/…`."""

from uuid import UUID

from septet.kernel.errors import BadParameter, Unauthenticated
from septet.kernel.http import Page, PageQuery, PublicUow, RequestUow, Router, refusals
from septet.services.tenancy.actions import email_change, email_verification, password_changes, second_factor, sessions
from septet.services.tenancy.actions.accounts import own_user
from septet.services.tenancy.endpoints.account_answers import event_out, session_out
from septet.services.tenancy.errors import (
    EmailTaken,
    InvalidTotpCode,
    SessionNotFound,
    TokenNotValid,
    TooManyAttempts,
    TotpAlreadyOn,
    TotpNotStarted,
    WeakPassword,
    WrongPassword,
)
from septet.services.tenancy.schemas.accounts import (
    AccountEventOut,
    EmailChange,
    EmailVerification,
    PasswordChange,
    PasswordForgotten,
    PasswordReset,
    RecoveryCodes,
    SessionCheck,
    SessionOut,
    TotpBegun,
    TotpCodeIn,
)
from septet.services.tenancy.session_lane import session_check
from septet.services.tenancy.store import people as store

router = Router("tenancy", tag="accounts")


@router.get("/auth/session", summary="Check a session: who holds it", responses=refusals(Unauthenticated))
async def check_session(uow: RequestUow) -> SessionCheck:
    sessions.require_user(uow)
    return session_check(uow.actor)


@router.get("/auth/sessions", summary="List one's sessions", responses=refusals(Unauthenticated))
async def list_sessions(uow: RequestUow) -> Page[SessionOut]:
    return Page(data=[session_out(session, uow) for session in await sessions.own_sessions(uow)], next_cursor=None)


@router.delete(
    "/auth/sessions", status_code=204, summary="End all sessions but this one", responses=refusals(Unauthenticated)
)
async def end_other_sessions(uow: RequestUow) -> None:
    await sessions.end_all_sessions(uow, sessions.require_user(uow), keep=uow.actor.session_id)


@router.delete(
    "/auth/sessions/{session_id}",
    status_code=204,
    summary="End one of one's sessions",
    responses=refusals(Unauthenticated, SessionNotFound),
)
async def end_session(session_id: UUID, uow: RequestUow) -> None:
    await sessions.end_session(uow, session_id)


@router.get("/auth/events", summary="What happened to one's account", responses=refusals(Unauthenticated, BadParameter))
async def list_account_events(uow: RequestUow, page: PageQuery) -> Page[AccountEventOut]:
    rows = await store.account_events(uow, sessions.require_user(uow), page.fetch, page.after(UUID))
    return Page.of(rows, page, lambda row: (row.id,), event_out)


@router.post(
    "/auth/password/change",
    status_code=204,
    summary="Change the password and end all other sessions",
    responses=refusals(Unauthenticated, WrongPassword, WeakPassword, TooManyAttempts),
)
async def change_password(body: PasswordChange, uow: RequestUow) -> None:
    await password_changes.change_password(uow, body.current_password, body.new_password)


@router.post(
    "/auth/password/forgot",
    status_code=202,
    summary="Have a link mailed that sets a new password; the answer is the same for every address",
    responses=refusals(TooManyAttempts),
)
async def forgot_password(body: PasswordForgotten, uow: PublicUow) -> None:
    await password_changes.forgot_password(uow, body.email)


@router.post(
    "/auth/password/reset",
    status_code=204,
    summary="Set a new password by the mailed link, and end every session",
    responses=refusals(TokenNotValid, WeakPassword),
)
async def reset_password(body: PasswordReset, uow: PublicUow) -> None:
    await password_changes.reset_password(uow, body.token, body.password)


@router.post(
    "/auth/email/verify",
    status_code=204,
    summary="Prove the e-mail address by the mailed link",
    responses=refusals(TokenNotValid),
)
async def verify_email(body: EmailVerification, uow: PublicUow) -> None:
    await email_verification.verify(uow, body.token)


@router.post(
    "/auth/email/resend-verification",
    status_code=202,
    summary="Have the mail that proves the address sent again",
    responses=refusals(Unauthenticated, TooManyAttempts),
)
async def resend_verification(uow: RequestUow) -> None:
    await email_verification.request_again(uow, await own_user(uow))


@router.post(
    "/auth/email/change",
    status_code=202,
    summary="Have a link mailed to another address, which makes it the account's",
    responses=refusals(Unauthenticated, WrongPassword, TooManyAttempts),
)
async def request_email_change(body: EmailChange, uow: RequestUow) -> None:
    await email_change.request(uow, body.email, body.password)


@router.post(
    "/auth/email/confirm-change",
    status_code=204,
    summary="Take the new address by the mailed link",
    responses=refusals(TokenNotValid, EmailTaken),
)
async def confirm_email_change(body: EmailVerification, uow: PublicUow) -> None:
    await email_change.confirm(uow, body.token)


@router.post(
    "/auth/totp", status_code=201, summary="Begin a second factor", responses=refusals(Unauthenticated, TotpAlreadyOn)
)
async def begin_totp(uow: RequestUow) -> TotpBegun:
    secret, uri = await second_factor.begin(uow, await own_user(uow))
    return TotpBegun(secret=secret, uri=uri)


@router.post(
    "/auth/totp/confirm",
    summary="Turn the second factor on with a first code",
    responses=refusals(Unauthenticated, TotpNotStarted, InvalidTotpCode, TooManyAttempts),
)
async def confirm_totp(body: TotpCodeIn, uow: RequestUow) -> RecoveryCodes:
    return RecoveryCodes(recovery_codes=await second_factor.confirm(uow, await own_user(uow), body.code))


@router.post(
    "/auth/totp/recovery-codes",
    summary="New recovery codes; the old ones stop working",
    responses=refusals(Unauthenticated, TotpNotStarted, InvalidTotpCode, TooManyAttempts),
)
async def renew_recovery_codes(body: TotpCodeIn, uow: RequestUow) -> RecoveryCodes:
    codes = await second_factor.renew_with_code(uow, await own_user(uow), body.code)
    return RecoveryCodes(recovery_codes=codes)


@router.delete(
    "/auth/totp",
    status_code=204,
    summary="Turn the second factor off",
    responses=refusals(Unauthenticated, TotpNotStarted, InvalidTotpCode, TooManyAttempts),
)
async def turn_totp_off(body: TotpCodeIn, uow: RequestUow) -> None:
    await second_factor.turn_off(uow, await own_user(uow), body.code)
