"""Who acts, for which tenant, and what they may do.

An `Actor` is a user (by session), an API key, or the system. It travels explicitly in the unit of work: there is no
ambient current user. A `Permission` names an act, the lowest role that may do it and the API-key scope that covers it.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal
from uuid import UUID

from septet.kernel.errors import Forbidden, Unauthenticated
from septet.kernel.ids import uuid_from_base62, uuid_to_base62

SESSION_PREFIX = "sess_"
API_KEY_PREFIX = "sk_"


class Role(StrEnum):
    """Roles in an organization, from the least to the most powerful."""

    MEMBER = "MEMBER"
    ADMIN = "ADMIN"
    OWNER = "OWNER"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def includes(self, other: "Role") -> bool:
        """Whether this role may do all that `other` may."""
        return self.rank >= other.rank


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody's role in an organization, and whether the organization may only read (it has not paid)."""

    role: Role
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """One act. Declared as a constant in a service's `permissions.py`; the matrix in the docs is made from them."""

    name: str
    role: Role
    scope: str

    def __post_init__(self) -> None:
        PERMISSIONS[self.name] = self


PERMISSIONS: dict[str, Permission] = {}


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts. `id` is the user's or the API key's; `tenant_id` is None outside any organization."""

    kind: Literal["user", "api_key", "system", "anonymous"]
    id: UUID | None = None
    tenant_id: UUID | None = None
    role: Role | None = None
    restricted: bool = False
    scopes: frozenset[str] = field(default_factory=frozenset)
    session_id: UUID | None = None
    email: str = ""
    name: str = ""
    locale: str = "en"

    @property
    def user_id(self) -> UUID | None:
        return self.id if self.kind == "user" else None

    def may(self, permission: Permission) -> bool:
        """Whether role and scopes allow it. The system may do everything."""
        if self.kind == "system":
            return True
        if self.role is None or not self.role.includes(permission.role):
            return False
        return self.kind == "user" or scopes_cover(self.scopes, permission.scope)

    def require(self, permission: Permission) -> None:
        """Raises Unauthenticated (401) or Forbidden (403, naming the role or scope that is missing)."""
        if self.may(permission):
            return
        if self.kind == "anonymous":
            raise Unauthenticated
        if self.kind == "api_key" and not scopes_cover(self.scopes, permission.scope):
            raise Forbidden(f"This API key needs the scope `{permission.scope}`.", requiredScope=permission.scope)
        raise Forbidden(f"This needs the role {permission.role} in the organization.", requiredRole=permission.role)


ANONYMOUS = Actor(kind="anonymous")


def system_actor(tenant_id: UUID | None) -> Actor:
    """The actor of jobs, schedules and operator commands."""
    return Actor(kind="system", tenant_id=tenant_id, role=Role.OWNER)


def scopes_cover(granted: frozenset[str], needed: str) -> bool:
    """`*` covers all; `links:write` also covers `links:read`."""
    if "*" in granted or needed in granted:
        return True
    service, _, verb = needed.partition(":")
    return verb == "read" and f"{service}:write" in granted


def format_tenant_token(prefix: str, tenant_id: UUID, secret: str) -> str:
    """A token carries its tenant, so that it can be looked up behind row-level security and in one Valkey slot."""
    return f"{prefix}{uuid_to_base62(tenant_id)}_{secret}"


def tenant_of_token(prefix: str, token: str) -> UUID | None:
    """The tenant a token claims to belong to; None when it has another form. Proves nothing yet."""
    if not token.startswith(prefix):
        return None
    tenant, separator, secret = token[len(prefix) :].partition("_")
    return uuid_from_base62(tenant) if separator and secret else None


def tenant_of_api_key(key: str) -> UUID | None:
    """The tenant an API key claims to belong to; None when it is no key of ours. Proves nothing yet."""
    return tenant_of_token(API_KEY_PREFIX, key)
