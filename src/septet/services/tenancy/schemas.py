"""Tenancy on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from septet.kernel.identity import Role
from septet.kernel.wire import EmailAddress, ShortText, Wire

Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$"),
    Field(description="Lower-case letters, digits and dashes, 1 to 48 characters.", examples=["acme"]),
]
Password = Annotated[str, Field(min_length=1, max_length=1024, description="8 to 128 characters; any are allowed.")]


class SignUp(Wire):
    """A new account."""

    email: EmailAddress
    password: Password
    name: ShortText = Field(description="The person's name.", examples=["Ada Lovelace"])
    locale: str = Field("en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="Language tag (BCP 47).")


class LogIn(Wire):
    """Credentials."""

    email: EmailAddress
    password: Password
    totp_code: str | None = Field(
        None, max_length=32, description="The code of the second factor, where one is set up."
    )


class UserOut(Wire):
    """A person."""

    id: UUID = Field(description="The user's id.")
    email: str = Field(description="The e-mail address, in lower case.")
    name: str = Field(description="The person's name.")


class SessionIssued(Wire):
    """A new session; the token is shown only now."""

    token: str = Field(description="Send it as `Authorization: Bearer <token>`.")
    expires_at: datetime = Field(description="When the session ends in any case.")


class Authenticated(Wire):
    """Who logged in, and their session."""

    user: UserOut = Field(description="The person.")
    session: SessionIssued = Field(description="The new session.")


class SessionOut(Wire):
    """A session of the caller."""

    id: UUID = Field(description="The session's id.")
    device: str = Field(description="What the client called itself (User-Agent).")
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


class Me(Wire):
    """The caller and their organizations."""

    user: UserOut = Field(description="The caller.")
    memberships: list[MembershipOut] = Field(description="Their organizations, oldest membership first.")


class OrganizationCreate(Wire):
    """A new organization; the creator becomes its owner."""

    name: ShortText = Field(description="Its name.", examples=["Acme"])
    slug: Slug | None = Field(None, description="Short name; made from the name when left away.")


class OrganizationChange(Wire):
    """What to change; fields left away stay."""

    name: ShortText | None = Field(None, description="Its new name.")
    slug: Slug | None = Field(None, description="Its new short name.")


class OrganizationOut(Wire):
    """An organization."""

    id: UUID = Field(description="The organization's id, which is the tenant's.")
    name: str = Field(description="Its name.")
    slug: str = Field(description="Its short name, unique.")
    plan: str = Field(description="Its plan.")
    created_at: datetime = Field(description="When it was created.")


class MemberOut(Wire):
    """A member of the organization."""

    user_id: UUID = Field(description="The user's id.")
    email: str = Field(description="Their e-mail address.")
    name: str = Field(description="Their name.")
    role: Role = Field(description="Their role.")
    joined_at: datetime = Field(description="Since when.")


class RoleChange(Wire):
    """Another role for a member."""

    role: Role = Field(description="OWNER, ADMIN or MEMBER; not above one's own.")


class ApiKeyCreate(Wire):
    """A new API key."""

    name: ShortText = Field(description="What it is for.", examples=["Production server"])
    scopes: list[str] = Field(min_length=1, max_length=50, description="`<service>:read|write`, `limits:check` or `*`.")
    expires_at: datetime | None = Field(None, description="When it stops working; null for never.")


class ApiKeyOut(Wire):
    """An API key; the key itself is not stored."""

    id: UUID = Field(description="The key's id.")
    name: str = Field(description="What it is for.")
    prefix: str = Field(description="How the key begins, to recognise it.")
    scopes: list[str] = Field(description="What it may do.")
    created_at: datetime = Field(description="When it was made.")
    expires_at: datetime | None = Field(description="When it stops working; null for never.")
    last_used_at: datetime | None = Field(description="Last use, to the minute; null for never.")


class ApiKeyIssued(ApiKeyOut):
    """A new API key; `key` is shown only now."""

    key: str = Field(description="The key: send it as `Authorization: Bearer <key>`.")
