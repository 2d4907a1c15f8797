"""Accounts on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from septet.kernel.identity import Role
from septet.kernel.wire import EmailAddress, Json, ShortText, Wire

Password = Annotated[str, Field(min_length=1, max_length=1024, description="8 to 128 characters; any are allowed.")]
Token = Annotated[str, Field(min_length=1, max_length=300, description="The token from the mail.")]
Locale = Annotated[
    str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35, description="Language tag (BCP 47).")
]
TotpCode = Annotated[str, Field(min_length=1, max_length=32, description="Six digits, or a recovery code.")]


class SignUp(Wire):
    """A new account."""

    email: EmailAddress
    password: Password
    name: ShortText = Field(description="The person's name.", examples=["Ada Lovelace"])
    locale: Locale = "en"


class LogIn(Wire):
    """Credentials."""

    email: EmailAddress
    password: Password
    totp_code: TotpCode | None = Field(None, description="The code of the second factor, where one is set up.")


class UserOut(Wire):
    """A person."""

    id: UUID = Field(description="The user's id.")
    email: str = Field(description="The e-mail address, in lower case.")
    name: str = Field(description="The person's name.")
    locale: str = Field(description="Their language (BCP 47).")
    email_verified: bool = Field(description="Whether the address was proven by a mailed link.")
    totp_enabled: bool = Field(description="Whether a second factor is set up.")


class SessionIssued(Wire):
    """A new session; the token is shown only now."""

    token: str = Field(description="Send it as `Authorization: Bearer <token>`.")
    expires_at: datetime = Field(description="When the session ends in any case.")


class Authenticated(Wire):
    """Who logged in, and their session."""

    user: UserOut = Field(description="The person.")
    session: SessionIssued = Field(description="The new session.")


class SessionCheck(Wire):
    """Who holds a session, and for which organization they act."""

    session_id: UUID = Field(description="The session's id.")
    user_id: UUID = Field(description="The user's id.")
    email: str = Field(description="The e-mail address, in lower case.")
    name: str = Field(description="The person's name.")
    locale: str = Field(description="Their language (BCP 47).")
    organization_id: UUID | None = Field(description="The organization that the request is for, if any.")
    role: Role | None = Field(description="The user's role there.")


class SessionOut(Wire):
    """A session of the caller."""

    id: UUID = Field(description="The session's id.")
    device: str = Field(description="What the client called itself (User-Agent).")
    address: str = Field(description="IP address of the log-in.")
    created_at: datetime = Field(description="Time of the log-in.")
    last_used_at: datetime = Field(description="Last use, to the minute.")
    expires_at: datetime = Field(description="When it ends in any case.")
    current: bool = Field(description="Whether this request uses it.")


class MembershipOut(Wire):
    """An organization of the caller."""

    organization_id: UUID = Field(description="The organization's id; send it as `Septet-Organization`.")
    slug: str = Field(description="Its short name.")
    name: str = Field(description="Its name.")
    role: Role = Field(description="The caller's role there.")
    deletion_due_at: datetime | None = Field(
        description="The organization is deleted, and can be restored until then; null otherwise."
    )


class Me(Wire):
    """The caller and their organizations."""

    user: UserOut = Field(description="The caller.")
    memberships: list[MembershipOut] = Field(description="Their organizations, oldest membership first.")


class ProfileChange(Wire):
    """What to change; fields left away stay."""

    name: ShortText | None = Field(None, description="The person's name.")
    locale: Locale | None = Field(None, description="Their language (BCP 47).")


class AccountDeletion(Wire):
    """The end of an account."""

    password: Password | None = Field(None, description="The password, where the account has one.")


class PasswordChange(Wire):
    """Another password."""

    current_password: Password
    new_password: Password


class PasswordForgotten(Wire):
    """Whose password is forgotten."""

    email: EmailAddress


class PasswordReset(Wire):
    """A new password, by the mailed link."""

    token: Token
    password: Password


class EmailChange(Wire):
    """Another e-mail address."""

    email: EmailAddress
    password: Password | None = Field(None, description="The password, where the account has one.")


class EmailVerification(Wire):
    """Proof that mail to the address is read."""

    token: Token


class TotpBegun(Wire):
    """A second factor to be confirmed."""

    secret: str = Field(description="The secret, to be typed into an app (base 32).")
    uri: str = Field(description="The same as an `otpauth:` URI, to be shown as a QR code.")


class TotpCodeIn(Wire):
    """A code of the second factor."""

    code: TotpCode


class RecoveryCodes(Wire):
    """Each works once in place of a code; shown only now."""

    recovery_codes: list[str] = Field(description="Ten codes.")


class AccountEventOut(Wire):
    """Something that happened to the account."""

    id: UUID = Field(description="The entry's id.")
    at: datetime = Field(description="When.")
    action: str = Field(description="What, for example `password.changed`.")
    address: str = Field(description="From which IP address.")
    device: str = Field(description="What the client called itself.")
    details: Json = Field(description="What else is to say.")


class PasskeyOut(Wire):
    """A passkey of the caller."""

    id: UUID = Field(description="The passkey's id.")
    name: str = Field(description="What its owner calls it.")
    created_at: datetime = Field(description="When it was registered.")
    last_used_at: datetime | None = Field(description="Last log-in with it; null for never.")


class PasskeyOptions(Wire):
    """What the browser is to be asked, and the handle to answer with."""

    challenge_id: str = Field(description="Send it back with the answer; it holds for five minutes, once.")
    public_key: Json = Field(description="`publicKey` for `navigator.credentials.create` or `.get`, as JSON.")


class PasskeyAnswer(Wire):
    """The browser's answer (`PublicKeyCredential.toJSON()`)."""

    challenge_id: str = Field(max_length=100, description="From the options.")
    credential: Json = Field(description="The credential.")
    name: ShortText = Field("Passkey", description="What to call it.")


class ExternalIdentityOut(Wire):
    """An account elsewhere that signs the caller in."""

    issuer: str = Field(description="The OpenID Connect provider.")
    subject: str = Field(description="The account's id there.")
    created_at: datetime = Field(description="Since when.")


class OwnData(Wire):
    """All that is kept about the caller outside organizations."""

    user: UserOut = Field(description="The account.")
    sessions: list[SessionOut] = Field(description="Where they are logged in.")
    memberships: list[MembershipOut] = Field(description="Their organizations.")
    passkeys: list[PasskeyOut] = Field(description="Their passkeys.")
    external_identities: list[ExternalIdentityOut] = Field(description="Their accounts elsewhere.")
    events: list[AccountEventOut] = Field(description="What happened to the account, newest first.")
