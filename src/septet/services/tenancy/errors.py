"""Tenancy's refusals."""

from septet.kernel.errors import NotFound, Problem


class EmailTaken(Problem):
    status, code, title = 409, "email_taken", "The e-mail address has an account"


class InvalidCredentials(Problem):
    status, code, title = 401, "invalid_credentials", "E-mail address or password is wrong"


class WeakPassword(Problem):
    status, code, title = 422, "weak_password", "The password is too easy to guess"


class SlugTaken(Problem):
    status, code, title = 409, "slug_taken", "The slug belongs to another organization"


class LastOwner(Problem):
    status, code, title = 409, "last_owner", "An organization needs an owner"

    def __init__(self) -> None:
        super().__init__("This is the last owner; make somebody else an owner first, or delete the organization.")


class RoleAboveOwn(Problem):
    status, code, title = 403, "role_above_own", "The role is above your own"


class OrganizationNotFound(NotFound):
    code, title = "organization_not_found", "No such organization"


class MemberNotFound(NotFound):
    code, title = "member_not_found", "No such member"


class SessionNotFound(NotFound):
    code, title = "session_not_found", "No such session"


class ApiKeyNotFound(NotFound):
    code, title = "api_key_not_found", "No such API key"


class UnknownScope(Problem):
    status, code, title = 422, "unknown_scope", "There is no such scope"
