"""Organizations, members, invitations, domains, exports and the audit log on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from septet.kernel.identity import Role
from septet.kernel.wire import EmailAddress, Json, Moment, ShortText, Wire
from septet.services.tenancy.schemas.accounts import Password, SessionIssued, TotpCode

Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$"),
    Field(description="Lower-case letters, digits and dashes, 1 to 48 characters.", examples=["acme"]),
]
DomainName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=253,
        pattern=r"^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$",
    ),
    Field(description="A mail domain.", examples=["acme.example"]),
]
InvitationStatus = Literal["pending", "accepted", "revoked", "expired"]


class OrganizationCreate(Wire):
    """A new organization; the creator becomes its owner."""

    name: ShortText = Field(description="Its name.", examples=["Acme"])
    slug: Slug | None = Field(None, description="Short name; made from the name when left away.")


class OrganizationChange(Wire):
    """What to change; fields left away stay."""

    name: ShortText | None = Field(None, description="Its new name.")
    slug: Slug | None = Field(None, description="Its new short name.")
    domain_role: Literal[Role.ADMIN, Role.MEMBER] | None = Field(
        None, description="What people of its verified domains become by themselves; null: nothing. For owners."
    )


class OrganizationOut(Wire):
    """An organization."""

    id: UUID = Field(description="The organization's id, which is the tenant's.")
    name: str = Field(description="Its name.")
    slug: str = Field(description="Its short name, unique.")
    plan: str = Field(description="Its plan.")
    created_at: datetime = Field(description="When it was created.")
    domain_role: Role | None = Field(description="What people of its verified domains become; null: nothing.")
    deletion_due_at: datetime | None = Field(
        description="It is deleted, and can be restored until then; null otherwise."
    )


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


class OwnershipTransfer(Wire):
    """To whom an organization is handed over."""

    user_id: UUID = Field(description="A member; they become OWNER, the caller ADMIN.")


class InvitationCreate(Wire):
    """Whom to invite."""

    email: EmailAddress
    role: Role = Field(Role.MEMBER, description="OWNER, ADMIN or MEMBER; not above one's own.")


class InvitationOut(Wire):
    """An invitation; its token is only in the mail."""

    id: UUID = Field(description="The invitation's id; it stays when it is sent again.")
    email: str = Field(description="Who is invited.")
    role: Role = Field(description="What they become.")
    status: InvitationStatus = Field(description="pending, accepted, revoked or expired.")
    invited_by: UUID | None = Field(description="Who invited; null for an API key.")
    created_at: datetime = Field(description="When.")
    expires_at: datetime = Field(description="Until when it may be accepted.")
    resolved_at: datetime | None = Field(description="When it was accepted, revoked or expired.")


class InvitationAccept(Wire):
    """Acceptance: logged in as the invited address, or with its password, or with a new account for it."""

    token: str = Field(min_length=1, max_length=300, description="The token from the mail.")
    name: ShortText | None = Field(None, description="For a new account: the person's name.")
    password: Password | None = Field(None, description="The account's password, or the new account's.")
    totp_code: TotpCode | None = Field(None, description="The code of the second factor, where one is set up.")


class InvitationAccepted(Wire):
    """Where the caller is a member now."""

    organization_id: UUID = Field(description="The organization.")
    role: Role = Field(description="The role in it.")
    session: SessionIssued | None = Field(description="A new session, when the caller had none.")


class DomainCreate(Wire):
    """A mail domain to be proven."""

    domain: DomainName


class DomainOut(Wire):
    """A mail domain of the organization."""

    domain: str = Field(description="The domain.")
    record: str = Field(description="The TXT record that proves it.")
    verified_at: datetime | None = Field(description="When it was proven; null: not yet.")
    created_at: datetime = Field(description="When it was added.")


class ExportOut(Wire):
    """An archive of the organization."""

    id: UUID = Field(description="The export's id.")
    status: Literal["running", "ready"] = Field(description="running, then ready.")
    created_at: datetime = Field(description="When it was asked for.")
    expires_at: datetime = Field(description="Until when it is kept.")
    download_url: str | None = Field(description="Where to get it, once it is ready (gzip, JSON lines).")


class AuditEventOut(Wire):
    """An entry of the audit log."""

    id: UUID = Field(description="The entry's id; entries sort by it.")
    at: datetime = Field(description="When.")
    action: str = Field(description="What, as `noun.past_participle`.")
    actor_kind: str = Field(description="user, api_key, system or anonymous.")
    actor_id: UUID | None = Field(description="The user's or API key's id.")
    actor_name: str = Field(description="Their name at that time.")
    target_id: str | None = Field(description="To what it was done.")
    address: str = Field(description="From which IP address; empty for the system.")
    details: Json = Field(description="What else is to say.")


class ApiKeyCreate(Wire):
    """A new API key."""

    name: ShortText = Field(description="What it is for.", examples=["Production server"])
    scopes: list[str] = Field(min_length=1, max_length=50, description="`<service>:read|write`, `limits:check` or `*`.")
    expires_at: Moment | None = Field(None, description="When it stops working; null for never.")


class ApiKeyOut(Wire):
    """An API key; the key itself is not stored."""

    id: UUID = Field(description="The key's id.")
    name: str = Field(description="What it is for.")
    prefix: str = Field(description="How the key begins, to recognise it.")
    scopes: list[str] = Field(description="What it may do.")
    created_at: datetime = Field(description="When it was made.")
    expires_at: datetime | None = Field(description="When it stops working; null for never.")
    replaced_by: UUID | None = Field(description="The key that a rotation made of it; null otherwise.")
    last_used_at: datetime | None = Field(description="Last use, to the minute; null for never.")


class ApiKeyIssued(ApiKeyOut):
    """A new API key; `key` is shown only now."""

    key: str = Field(description="The key: send it as `Authorization: Bearer <key>`.")


class ApiKeyRotate(Wire):
    """How to replace a key."""

    overlap_seconds: int = Field(
        86_400, ge=0, le=30 * 86_400, description="For how long the old key works on, in seconds."
    )
